"""A reader of the agents' pages: follows forms as a browser without JavaScript does."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.agents.people import Person


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append({"action": given.get("action"), "method": given.get("method"), "fields": {}})
        elif tag == "input" and self.forms and given.get("name"):
            if given.get("type") != "radio" or "checked" in given:
                self.forms[-1]["fields"][given["name"]] = given.get("value") or ""
        elif tag == "textarea" and self.forms:
            self._area = given["name"]
            self.forms[-1]["fields"][self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            fields = self.forms[-1]["fields"]
            fields[self._area] = fields[self._area].removeprefix("\n")
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1]["fields"][self._area] += data


class Browser:
    """One visitor of the pages; `page` is what they look at."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page: TestResponse

    def open(self, path: str, **headers: str) -> TestResponse:
        self.page = self.client.get(path, headers=headers, follow_redirects=True)
        return self.page

    def forms(self) -> dict[str, dict[str, str]]:
        """The forms of the page by the end of their address."""
        parser = _Forms()
        parser.feed(self.page.text)
        assert all(form["method"] == "post" for form in parser.forms)
        return {form["action"]: form["fields"] for form in parser.forms}

    def send(self, action: str, **typed: str) -> TestResponse:
        """Fill in the form with this action (or its end) and send it."""
        [(path, fields)] = [item for item in self.forms().items() if item[0].endswith(action)]
        return self.post(path, {**fields, **typed})

    def post(self, path: str, fields: dict[str, str]) -> TestResponse:
        self.page = self.client.post(path, data=fields, follow_redirects=True)
        return self.page

    def sign_in(self, person: Person) -> Browser:
        self.open("/desk/sign-in")
        self.send("/sign-in", email=person.email, password=person.password)
        assert self.page.status_code == 200, self.page.text
        return self
