"""An agent at work over the agent API."""

from __future__ import annotations

import json
from typing import Any

import requests

from tests.journeys.desk import Desk


class AgentAtWork:
    """An agent with an API session: cookie and CSRF token."""

    def __init__(self, desk: Desk, email: str, role: str = "supervisor") -> None:
        made = json.loads(desk.run("agents", "create", email, "--name", "花", "--role", role, "--json"))
        self.desk = desk
        self.http = requests.Session()
        self.email, self.password = made["email"], made["password"]
        self.id = ""
        self.sign_in()

    def sign_in(self) -> None:
        """Sign in."""
        answer = self.call("POST", "/sessions", json={"email": self.email, "password": self.password})
        assert answer.status_code == 201, answer.text
        self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        self.id = answer.json()["agent"]["id"]

    def keep_hours(self) -> None:
        """Be on shift every day, so that calls can be booked."""
        for weekday in range(7):
            shift = {"weekday": weekday, "starts_at": "09:00", "ends_at": "20:00", "languages": ["ja", "en"]}
            answer = self.call("POST", "/shifts", json={"agent_id": self.id, **shift})
            assert answer.status_code == 201, answer.text

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """A request to the agent API."""
        return self.http.request(
            method, f"http://127.0.0.1:{self.desk.port}/api/v1/agent{path}", timeout=20, **options
        )

    def ticket(self, reference: str) -> dict[str, Any]:
        """The ticket with this reference, as the list shows it."""
        cursor = None
        while True:
            parameters = {"limit": 100, **({"cursor": cursor} if cursor else {})}
            page = self.call("GET", "/tickets", params=parameters).json()
            for item in page["items"]:
                if item["reference"] == reference:
                    return dict(item)
            cursor = page["next_cursor"]
            assert cursor, f"{reference} is not in the list"

    def change(self, ticket: dict[str, Any], **change: Any) -> requests.Response:
        """Change a ticket as it was seen."""
        return self.call(
            "PATCH", f"/tickets/{ticket['id']}", json=change, headers={"If-Match": f'"{ticket["version"]}"'}
        )

    def be_available(self) -> None:
        """Take calls from now on."""
        answer = self.call("PUT", "/me/presence", json={"presence": "available"})
        assert answer.status_code in (200, 204), answer.text
