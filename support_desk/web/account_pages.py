"""Signing in, and what is there: the proof that a restoration worked."""

from __future__ import annotations

from flask import Response, request

from support_desk.accounts import profile_service, second_step_service, sessions_service, sign_in_service
from support_desk.accounts.errors import SignInFailed
from support_desk.accounts.views import SessionView
from support_desk.core.access import Caller, public, set_caller
from support_desk.core.http import client_network
from support_desk.web import forms
from support_desk.web.desk_words import policy_words
from support_desk.web.site import go, render, set_cookie, site, texts

COOKIE = "account_session"
_TWO_WEEKS_SECONDS = 14 * 24 * 3600


@site.get("/sign-in")
@public
def sign_in_form() -> Response:
    """The form."""
    return _form(forms.FormState(), 200)


@site.post("/sign-in")
@public
def sign_in() -> Response:
    """Sign in; every failure looks the same."""
    identifier, password = (
        request.form.get("identifier", "").strip()[:254],
        request.form.get("password", "")[:1024],
    )
    kept = {"identifier": identifier}
    forms.show_again(_form, kept, {"/identifier": "identifier", "/password": "password"})
    forms.require_readable({**kept, "password": password})
    opened = sign_in_service.sign_in(identifier, password, network=client_network()[1])
    if opened is None:  # counted: nothing is rolled back
        return _form(forms.refused(SignInFailed(), kept, {}), SignInFailed.status)
    if opened.token is None:
        return _second_step(opened.second_step_token or "", forms.FormState(), 200)
    return _signed_in(opened.token)


@site.post("/sign-in/second-step")
@public
def finish_sign_in() -> Response:
    """The second step; whatever was wrong looks the same."""
    step, code = request.form.get("second_step", "")[:200], request.form.get("code", "").strip()[:64]
    forms.require_readable({"second_step": step, "code": code})
    token = second_step_service.finish_second_step(step, code, network=client_network()[1])
    if token is None:
        return _second_step(step, forms.refused(SignInFailed(), {}, {}), SignInFailed.status)
    return _signed_in(token)


def _signed_in(token: str) -> Response:
    return set_cookie(go("/account"), COOKIE, token, path="/account", max_age_seconds=_TWO_WEEKS_SECONDS)


def _second_step(step: str, form: forms.FormState, status: int) -> Response:
    return render("second_step", status, here="/sign-in", form=form, step=step)


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
        words=policy_words(texts()),
        form_token=forms.guard(_token()),
    )


@site.post("/account/sign-out")
@public
def sign_out() -> Response:
    """Sign out."""
    session = _session()
    if session is not None:
        forms.require_guard(_token())
        sessions_service.end_session(session.id)
    response = go("/sign-in")
    response.delete_cookie(COOKIE, path="/account", httponly=True, samesite="Strict")
    return response


def _form(form: forms.FormState, status: int) -> Response:
    return render("sign_in", status, here="/sign-in", form=form)


def _session() -> SessionView | None:
    session = sessions_service.find_session(_token())
    if session is not None:
        set_caller(Caller(kind="account", account_id=session.account_id, session_id=session.id))
    return session


def _token() -> str:
    return request.cookies.get(COOKIE, "")
