"""A customer who reads the pages and fills in their forms, as a browser without JavaScript does."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.desk_browser import Browser

REACH = "reach.me@example.org"
FORM = {
    "issue": "email_unreachable",
    "name": "山田 花子",
    "name_kana": "ヤマダ ハナコ",
    "email": REACH,
    "description": "機種変更のあと、サインインできません。",
}


class Visitor(Browser):
    """One visitor of the customers' pages; `page` is what they look at."""

    def __init__(self, client: FlaskClient, run_jobs: Callable[[], int], clock: Any) -> None:
        super().__init__(client)
        self.jobs, self.clock = run_jobs, clock
        self.reference = ""

    def post(self, path: str, fields: dict[str, str]) -> TestResponse:
        self.page = self.client.post(path, data=fields, content_type="multipart/form-data", follow_redirects=True)
        return self.page

    def contact(self, **typed: str) -> TestResponse:
        """Send the contact form and go on to where it leads."""
        self.open("/contact")
        answer = self.send("/contact", **{**FORM, **typed})
        if found := re.search(r"/t/(SD-[0-9A-Z]{4}-[0-9A-Z]{4})", answer.request.path):
            self.reference = found[1]
        return answer

    def case(self) -> TestResponse:
        """Look at the case page."""
        return self.open(f"/t/{self.reference}")

    def wait(self) -> TestResponse:
        """Let the workers do what is due in a few seconds, and look again."""
        self.jobs()
        self.clock.move(seconds=3)
        self.jobs()
        return self.case()

    def start(self, kind: str) -> TestResponse:
        """Ask for a challenge and wait until it is ready."""
        fields = next(
            fields
            for action, fields in self.all_forms()
            if action.endswith("/challenges") and fields.get("kind") == kind
        )
        self.post(f"/t/{self.reference}/challenges", fields)
        return self.wait()

    def all_forms(self) -> list[tuple[str, dict[str, str]]]:
        """Every form of the page, several with one address too."""
        found = []
        for form in re.findall(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', self.page.text, re.S):
            hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[1])
            found.append((unescape(form[0]), {name: unescape(value) for name, value in hidden}))
        return found

    def answer_code(self, code: str) -> TestResponse:
        """Type a code into the form that waits for one."""
        return self.send("/code", code=code)


def code_in(text: str) -> str:
    """The code that stands alone on a line of a message."""
    found = re.search(r"^([0-9A-Z]{4}-?[0-9A-Z]{4})$", text, re.M)
    assert found is not None, text
    return found[1]


_RANDOM = [
    (re.compile(r"SD-[0-9A-Z]{4}-[0-9A-Z]{4}"), "REFERENCE"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
    (re.compile(r'name="(form_key|form_token)" value="[^"]+"'), "KEY"),
    (re.compile(r"<dt>(合言葉|Call word)</dt><dd>[^<]+"), "WORD"),
    (re.compile(r"case=[A-Za-z0-9_-]{43}"), "COOKIE"),
]
_RANDOM_HEADERS = ("X-Request-Id", "Date", "Content-Length")


def masked(answer: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, body and headers of a page, what is random in every page left out."""

    def mask(text: str) -> str:
        for pattern, word in _RANDOM:
            text = pattern.sub(word, text)
        return text

    headers = [(name, mask(value)) for name, value in answer.headers.items() if name not in _RANDOM_HEADERS]
    return answer.status_code, mask(answer.text), headers
