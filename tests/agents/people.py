"""People of the desk for tests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support_desk.agents import service, tokens_service
from support_desk.core import clock


@dataclass
class Person:
    """Somebody of the desk and their password."""

    id: UUID
    email: str
    password: str
    role: str


def an_agent(role: str = "agent", *, email: str | None = None, name: str = "担当 太郎") -> Person:
    """Somebody who can sign in; needs an application context."""
    address = email or f"{role}.{clock.now().timestamp()}.{len(service.list_agents())}@example.jp"
    view, password = service.create_agent(address, name, role)
    return Person(view.id, address, password, role)


def a_token(person: Person, *scopes: str, hours: float = 1) -> dict[str, str]:
    """The Authorization header of a fresh API token."""
    _, secret = tokens_service.issue_token(
        person.id,
        person.role,
        name="test",
        scopes=frozenset(scopes),
        expires_at=clock.now() + timedelta(hours=hours),
    )
    return {"Authorization": f"Bearer {secret}"}


class SignedInClient:
    """A client that holds a person's session cookie and sends the CSRF token with writes."""

    def __init__(self, client: FlaskClient, person: Person) -> None:
        self.client, self.person = client, person
        answer = client.post("/api/v1/agent/sessions", json={"email": person.email, "password": person.password})
        assert answer.status_code == 201, answer.text
        self.signed_in = answer.get_json()
        self.csrf = self.signed_in["csrf_token"]

    def __call__(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.csrf, **kwargs.pop("headers", {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **kwargs)
