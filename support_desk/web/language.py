"""The language of a page: what the visitor chose, else what the browser asks for, else Japanese."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from flask import Response, request

from support_desk.core import settings
from support_desk.core.http import request_language
from support_desk.core.i18n import LANGUAGES

COOKIE = "lang"
_YEAR_SECONDS = 365 * 24 * 3600


def page_language() -> str:
    """`ja` or `en`."""
    for chosen in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return chosen
    return request_language()


def remember_language(response: Response) -> Response:
    """Keep a language that was chosen by a link."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=_YEAR_SECONDS,
            samesite="Strict",
            httponly=True,
            secure=settings.current().production or request.is_secure,
        )
    return response


@cache
def _texts(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(resources.files("support_desk.web").joinpath(f"texts/{name}.toml").read_text("utf-8"))


class Texts:
    """The words of a set of pages in one language: `t("key", name=value)`; an unknown key is an error."""

    def __init__(self, name: str, language: str) -> None:
        self._texts = _texts(name)
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return self._texts[key][self.language].format(**values)

    def has(self, key: str) -> bool:
        """Whether there are words for this key."""
        return key in self._texts
