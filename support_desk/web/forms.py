"""Forms of the pages: what they carry so that they are sent once and by us alone, and how errors are shown."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from support_desk.core.errors import DeskError, Forbidden, Problem
from support_desk.core.parsing import unsafe_texts
from support_desk.core.secrets import mac


class FormExpired(Forbidden):
    code = "form_expired"
    ja = "画面の有効期限が切れました。もう一度お試しください。"
    en = "This page is out of date. Please try again."


@dataclass
class FormState:
    """What was typed and what is wrong with it; fields are named as in the API's pointers."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    message: str | None = None

    def of(self, name: str) -> list[Problem]:
        """What is wrong with one field."""
        return [problem for problem in self.problems if problem.pointer == "/" + name.replace(".", "/")]


def new_form_key() -> str:
    """What makes one form one effect, however often it is sent."""
    return secrets.token_urlsafe(24)


def guard(credential: str) -> str:
    """A form token bound to the credential in the visitor's cookie: another site cannot know it."""
    return mac("form", credential).hex()


def require_guard(credential: str) -> None:
    """Refuse a form that does not carry the token of this visitor's cookie."""
    given = request.form.get("form_token", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), guard(credential).encode()):
        raise FormExpired


def form_values() -> dict[str, str]:
    """The form as typed, surrounding white space dropped; empty fields left out."""
    return {name: value.strip() for name, value in request.form.items() if value.strip()}


def nested(values: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """Typed values as the API's body: field name to dotted path."""
    body: dict[str, Any] = {}
    for name, path in names.items():
        if name in values:
            *parents, last = path.split(".")
            place = body
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = values[name]
    return body


def unsafe(values: Mapping[str, str]) -> list[Problem]:
    """The fields that hold what the database cannot: NUL or a lone surrogate."""
    return unsafe_texts(dict(values))


def failed(error: DeskError, values: Mapping[str, str], language: str) -> FormState:
    """The state of a form that was refused."""
    return FormState(values, error.errors, error.detail or error.title(language))
