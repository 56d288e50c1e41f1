"""The agents' pages: their blueprint, what every one of them is rendered with, and how refusals look."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request

from support_desk.agents import service as agents
from support_desk.agents.errors import SecondFactorNotEnrolled
from support_desk.agents.sign_in_service import csrf_token
from support_desk.core import clock, settings
from support_desk.core.access import caller
from support_desk.core.errors import DeskError, NotAuthenticated
from support_desk.core.i18n import LANGUAGES, format_when
from support_desk.desk.lists_service import MOST_IN_A_VIEW, count_due_calls, count_views
from support_desk.web.language import Texts, page_language, remember_language

HOME = "/desk"
SIGN_IN = "/desk/sign-in"
SECOND_FACTOR = "/desk/second-factor"

desk_pages = Blueprint(
    "desk_pages",
    __name__,
    url_prefix=HOME,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)


def texts() -> Texts:
    """The words of the agents' pages in the reader's language."""
    return Texts("desk", page_language())


def agent_id() -> UUID:
    """The agent who reads or writes this page."""
    found = caller().agent_id
    assert found is not None
    return found


def render(template: str, status: int = 200, **values: Any) -> Response:
    """A page for an agent who is signed in, with the views and their counts beside it."""
    who = caller()
    return _page(
        template,
        status,
        me=agents.get_agent(agent_id()),
        may=who.permissions.__contains__,
        csrf_token=csrf_token(who.session_id) if who.session_id else "",
        views=count_views(agent_id()) if "tickets.read" in who.permissions else {},
        due_calls=count_due_calls() if "callbacks.read" in who.permissions else None,
        most_in_a_view=MOST_IN_A_VIEW,
        notice=_notice(),
        **values,
    )


def render_outside(template: str, status: int = 200, **values: Any) -> Response:
    """A page for somebody who is not signed in, or not far enough to see the desk."""
    who = caller()
    token = csrf_token(who.session_id) if who.session_id else ""
    return _page(template, status, me=None, csrf_token=token, **values)


def _page(template: str, status: int, **values: Any) -> Response:
    t = texts()
    page = render_template(
        f"desk/{template}.html",
        t=t,
        shop_name=settings.current().shop_name,
        when=lambda at: format_when(at, t.language, settings.current().time_zone),
        since=lambda at: _duration(t, clock.now() - at),
        other_language=_other_language(t.language),
        **values,
    )
    return remember_language(make_response(page, status))


def _other_language(language: str) -> dict[str, str]:
    other = next(each for each in LANGUAGES if each != language)
    arguments = urlencode({**request.args.to_dict(), "lang": other})
    return {"code": other, "name": {"ja": "日本語", "en": "English"}[other], "href": f"?{arguments}"}


def _duration(t: Texts, length: timedelta) -> str:
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return t("days_hours", days=days, hours=hours)
    if hours:
        return t("hours_minutes", hours=hours, minutes=minutes % 60)
    return t("minutes", minutes=minutes)


def _notice() -> str | None:
    """What the step before says on this page; a word we do not know says nothing."""
    t, key = texts(), f"notice_{request.args.get('notice', '')}"
    return t(key) if t.has(key) else None


def go(path: str, notice: str | None = None) -> Response:
    """On to another page of ours, after a form."""
    return make_response(redirect(f"{path}?{urlencode({'notice': notice})}" if notice else path, 303))


def local_path(given: str | None) -> str:
    """A page of the desk to go on to; anything else is the first page."""
    plain = given and given.isprintable() and "\\" not in given and "//" not in given
    inside = given == HOME or (given or "").startswith((HOME + "/", HOME + "?"))
    return given if given and plain and inside else HOME


def error_page(error: DeskError) -> Response:
    """How a refusal looks; who has to sign in or to enrol first is led there."""
    if isinstance(error, NotAuthenticated):
        wanted = request.full_path.rstrip("?") if request.method == "GET" else HOME
        return go(SIGN_IN if wanted == HOME else f"{SIGN_IN}?next={quote(wanted, safe='')}")
    if isinstance(error, SecondFactorNotEnrolled):
        return go(SECOND_FACTOR)
    t = texts()
    return render_outside("error", error.status, message=error.title(t.language), code=error.code)


def waiting_since(created_at: datetime, first_replied_at: datetime | None, updated_at: datetime) -> datetime:
    """Since when a ticket waits: for the first answer since it came, afterwards since it last moved."""
    return created_at if first_replied_at is None else updated_at
