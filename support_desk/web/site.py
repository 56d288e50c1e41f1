"""The customers' pages: their blueprint, and what every one of them is rendered with."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request

from support_desk.core import settings
from support_desk.core.db import transaction
from support_desk.core.errors import DeskError
from support_desk.core.i18n import format_on, format_when
from support_desk.web import forms
from support_desk.web.language import Texts, page_language, remember_language

site = Blueprint("site", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
site.before_request(forms.require_own_site)
site.teardown_request(lambda _: forms.forget_form())


def texts() -> Texts:
    """The words of the customers' pages in the visitor's language."""
    return Texts("site", page_language())


def render(template: str, status: int = 200, *, here: str = "", **values: Any) -> Response:
    """A page in the visitor's language; `here`: where it is found when it answers a form."""
    t = texts()
    page = render_template(
        f"site/{template}.html",
        t=t,
        shop_name=settings.current().shop_name,
        when=lambda at: when(at, t.language),
        on=lambda day: format_on(day if isinstance(day, date) else date.fromisoformat(day), t.language),
        here="" if request.method == "GET" else here or "/",
        **values,
    )
    return remember_language(make_response(page, status))


def when(at: datetime, language: str) -> str:
    """A date and time where the shop is."""
    return format_when(at, language, settings.current().time_zone)


def go(path: str) -> Response:
    """On to another page of ours, after a form."""
    response = make_response(redirect(path, 303))
    return remember_language(response)


def error_page(error: DeskError) -> Response:
    """How a refusal looks: the form again with its errors if there is one, else a page that says what is wrong."""
    again = forms.take_form()
    if again is not None and error.status < 500:
        with transaction(keep=False):
            return again(error)
    t = texts()
    return render("error", error.status, message=forms.words_of(error, t))


def set_cookie(response: Response, name: str, value: str, *, path: str, max_age_seconds: int) -> Response:
    """A cookie that scripts cannot read and other sites cannot make the browser send."""
    response.set_cookie(
        name,
        value,
        path=path,
        max_age=max_age_seconds,
        httponly=True,
        samesite="Strict",
        secure=settings.current().production or request.is_secure,
    )
    return response
