"""Forms of the pages: what they carry so that they are sent once and by us alone, and how errors are shown."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import marshmallow as ma
from flask import Response, g, request

from support_desk.core import settings
from support_desk.core.errors import DeskError, Forbidden, Problem, Unprocessable
from support_desk.core.parsing import problems_of, unsafe_texts
from support_desk.core.schemas import NUL
from support_desk.core.secrets import mac
from support_desk.web.language import Texts, page_language

_LONGEST_KEY = 255
_UNREADABLE = "\ufffd"
_NUMBER = re.compile(r"_[0-9]+$")


class FormExpired(Forbidden):
    code = "form_expired"
    ja = "画面の有効期限が切れました。もう一度お試しください。"
    en = "This page is out of date. Please try again."


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field of a form, in the visitor's language; without a field, with the whole."""

    field: str | None
    text: str


@dataclass(frozen=True)
class FormState:
    """What was typed and what is wrong with it."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[FieldProblem] = ()
    message: str | None = None

    def of(self, name: str) -> list[str]:
        """What is wrong with one field."""
        return [problem.text for problem in self.problems if problem.field == name]


@dataclass(frozen=True)
class _Again:
    """How a refused form is shown again."""

    show: Callable[[FormState, int], Response]
    values: Mapping[str, str]
    names: Mapping[str, str]


def show_again(
    show: Callable[[FormState, int], Response],
    values: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> None:
    """Should this request be refused, show its form again with `values` kept and the errors at their fields.

    `names`: JSON Pointer of the body to field of the form. The refusal itself goes the way of every other one, so
    that whatever was begun is rolled back before the page is made.
    """
    g.form_again = _Again(show, values or {}, names or {})


def forget_form() -> None:
    """The request is over."""
    g.pop("form_again", None)


def take_form() -> Callable[[DeskError], Response] | None:
    """How the form of the refused request is shown again, if it has one."""
    again: _Again | None = g.pop("form_again", None)
    if again is None:
        return None
    return lambda error: again.show(refused(error, again.values, again.names), error.status)


def refused(error: DeskError, values: Mapping[str, str], names: Mapping[str, str]) -> FormState:
    """The state of a form that was refused."""
    t = Texts("site", page_language())
    problems = []
    for problem in error.errors:
        name = names.get(problem.pointer)
        problems.append(FieldProblem(name, _words(error, problem, name, t)))
    message = t("please_check") if problems else words_of(error, t)
    readable = {name: text.replace(NUL, _UNREADABLE) for name, text in values.items()}
    return FormState(readable, problems, message)


def _words(error: DeskError, problem: Problem, name: str | None, t: Texts) -> str:
    field = _NUMBER.sub("", name or "")
    label = t(f"field_{field}") if t.has(f"field_{field}") else ""
    for key in (f"problem_{problem.code}_{field}", f"problem_{problem.code}"):
        if t.has(key):
            return t(key, label=label)
    return error.title(t.language)


def words_of(error: DeskError, t: Texts) -> str:
    """A refusal in words for customers."""
    key = f"error_{error.code}"
    return t(key) if t.has(key) else error.title(t.language)


def new_form_key() -> str:
    """What makes one form one effect, however often it is sent."""
    return secrets.token_urlsafe(24)


def form_key() -> str:
    """The key that the form carries; a form without one is one of its own."""
    given = request.form.get("form_key", "")
    return given if 1 <= len(given) <= _LONGEST_KEY else new_form_key()


def guard(credential: str) -> str:
    """A form token bound to the credential in the visitor's cookie: another site cannot know it."""
    return mac("form", credential).hex()


def require_guard(credential: str) -> None:
    """Refuse a form that does not carry the token of this visitor's cookie."""
    given = request.form.get("form_token", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), guard(credential).encode()):
        raise FormExpired


def require_own_site() -> None:
    """Refuse a form that another site sent: every browser of today says where it comes from."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise FormExpired
        return
    # Browsers without that header: our pages have no referrer, so their origin is `null` or our own.
    origin = request.headers.get("Origin", "null")
    ours = {request.host, urlsplit(settings.current().base_url).netloc}
    if origin != "null" and urlsplit(origin).netloc not in ours:
        raise FormExpired


def typed() -> dict[str, str]:
    """The form as typed, surrounding white space dropped; empty fields left out."""
    return {name: value.strip() for name, value in request.form.items() if value.strip()}


def require_readable(values: Mapping[str, str]) -> None:
    """Refuse what the database cannot hold: NUL or a lone surrogate. The pointer names the field."""
    if problems := unsafe_texts(dict(values)):
        raise Unprocessable(errors=problems)


def load(schema: ma.Schema, body: Mapping[str, Any]) -> Any:
    """The body as its schema reads it; raises Unprocessable with a pointer to each thing that is wrong."""
    try:
        return schema.load(body)
    except ma.ValidationError as error:
        raise Unprocessable(errors=problems_of(error)) from None


def nested(values: Mapping[str, str], places: Mapping[str, str]) -> dict[str, Any]:
    """Typed values as the API's body: field name to dotted path."""
    body: dict[str, Any] = {}
    for name, path in places.items():
        if name in values:
            *parents, last = path.split(".")
            place = body
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = values[name]
    return body


def wrong_code() -> Problem:
    """A code that does not count, told at its field."""
    return Problem("/code", "invalid_code", "")
