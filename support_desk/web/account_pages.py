"""Signing in, and what is there: the proof that a restoration worked."""

from __future__ import annotations

from flask import Response, g, request

from support_desk.accounts import profile_service, sessions_service, sign_in_service
from support_desk.accounts.errors import SignInFailed
from support_desk.accounts.views import SessionView
from support_desk.core.access import public
from support_desk.core.errors import DeskError
from support_desk.core.http import client_network
from support_desk.web import forms
from support_desk.web.language import page_language
from support_desk.web.site import go, render, set_cookie, site

COOKIE = "account_session"
_TWO_WEEKS_SECONDS = 14 * 24 * 3600


@site.get("/sign-in")
@public
def sign_in_form() -> Response:
    """The form."""
    return render("sign_in", form=forms.FormState())


@site.post("/sign-in")
@public
def sign_in() -> Response:
    """Sign in; every failure looks the same."""
    identifier = request.form.get("identifier", "").strip()[:254]
    try:
        token = _sign_in(identifier)
    except DeskError as error:
        return render(
            "sign_in", error.status, form=forms.failed(error, {"identifier": identifier}, page_language())
        )
    if token is None:
        form = forms.failed(SignInFailed(), {"identifier": identifier}, page_language())
        return render("sign_in", 401, form=form)
    return set_cookie(go("/account"), COOKIE, token, path="/account", max_age_seconds=_TWO_WEEKS_SECONDS)


def _sign_in(identifier: str) -> str | None:
    values = {"identifier": identifier, "password": request.form.get("password", "")[:1024]}
    if forms.unsafe(values):
        return None
    return sign_in_service.sign_in(**values, network=client_network()[1])


@site.get("/account")
@public
def account() -> Response:
    """What the account holds."""
    session = _session()
    if session is None:
        return go("/sign-in")
    return render(
        "account",
        profile=profile_service.get_profile(session.account_id),
        form_token=forms.guard(g.account_token),
    )


@site.post("/account/sign-out")
@public
def sign_out() -> Response:
    """Sign out."""
    session = _session()
    if session is not None:
        forms.require_guard(g.account_token)
        sessions_service.end_session(session.id)
    response = go("/sign-in")
    response.delete_cookie(COOKIE, path="/account")
    return response


def _session() -> SessionView | None:
    token = request.cookies.get(COOKIE, "")
    g.account_token = token
    return sessions_service.find_session(token)
