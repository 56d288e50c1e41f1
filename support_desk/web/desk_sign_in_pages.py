"""Signing in to the dashboard, out of it, and the authenticator app."""

from __future__ import annotations

from uuid import UUID

from flask import Response, make_response, redirect, request

from support_desk.agents import sign_in_service
from support_desk.agents.agent_routes import network_key, refusal, session_cookie, wrong_code
from support_desk.agents.errors import CsrfRefused, SecondFactorAlreadyEnrolled, SessionNeeded
from support_desk.agents.service import get_agent
from support_desk.agents.sign_in_service import SignInRefused
from support_desk.core.access import agent_any, caller, public
from support_desk.core.errors import DeskError
from support_desk.web.desk_pages import (
    HOME,
    SECOND_FACTOR,
    SIGN_IN,
    agent_id,
    desk_pages,
    go,
    local_path,
    render_outside,
    texts,
)


@desk_pages.get("/sign-in")
@public
def sign_in_form() -> Response:
    """The form."""
    return render_outside("sign_in", next=local_path(request.args.get("next")), email="", message=None)


@desk_pages.post("/sign-in")
@public
def sign_in() -> Response:
    """Check it; a refusal is counted and shown above the form."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise CsrfRefused
    form, wanted = request.form, local_path(request.form.get("next"))
    email = form.get("email", "")[:320]
    opened = sign_in_service.sign_in(
        email, form.get("password", "")[:256], code=form.get("code", "")[:20] or None, network=network_key()
    )
    if isinstance(opened, SignInRefused):
        error = refusal(opened)
        message = error.title(texts().language)
        page = render_outside("sign_in", error.status, next=wanted, email=email, message=message)
        page.headers.extend(error.headers)
        return page
    response = make_response(redirect(SECOND_FACTOR if opened.enrolment_only else wanted, 303))
    response.headers.add("Set-Cookie", session_cookie(opened))
    return response


@desk_pages.post("/sign-out")
@agent_any
def sign_out() -> Response:
    """End the session."""
    session_id = caller().session_id
    if session_id is not None:
        sign_in_service.sign_out(session_id)
    response = go(SIGN_IN)
    response.headers.add("Set-Cookie", session_cookie(None))
    return response


@desk_pages.get("/second-factor")
@agent_any
def second_factor() -> Response:
    """Whether an authenticator app is registered, and how to register one."""
    return _second_factor()


@desk_pages.post("/second-factor/start")
@agent_any
def start_second_factor() -> Response:
    """A secret for the app, shown on this page alone."""
    _session_needed()
    return _second_factor(enrolment=sign_in_service.begin_enrolment(agent_id()))


@desk_pages.post("/second-factor")
@agent_any
def confirm_second_factor() -> Response:
    """Put the app in force; a wrong code is counted."""
    session_id = _session_needed()
    code = request.form.get("code", "")[:20]
    try:
        right = sign_in_service.confirm_enrolment(agent_id(), session_id, code)
    except SecondFactorAlreadyEnrolled as error:
        return _second_factor(error=error)
    return go(HOME, "second_factor_enrolled") if right else _second_factor(error=wrong_code(), again=True)


def _second_factor(
    *,
    enrolment: sign_in_service.Enrolment | None = None,
    error: DeskError | None = None,
    again: bool = False,
) -> Response:
    return render_outside(
        "second_factor",
        error.status if error else 200,
        enrolled=get_agent(agent_id()).second_factor,
        enrolment=enrolment,
        again=again,
        message=error.title(texts().language) if error else None,
    )


def _session_needed() -> UUID:
    session_id = caller().session_id
    if session_id is None:
        raise SessionNeeded
    return session_id
