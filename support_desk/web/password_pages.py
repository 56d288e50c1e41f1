"""The password assistant: one page for everybody, whatever was typed."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from flask import Response, request

from support_desk.core.access import public
from support_desk.intake import reset_service
from support_desk.intake.schemas import AddPostalCode, ProveReset, StartReset
from support_desk.restoration.models import ActionState
from support_desk.verification.errors import InvalidCode
from support_desk.web import case_cookie, forms
from support_desk.web.language import page_language
from support_desk.web.site import go, render, set_cookie, site, texts

COOKIE = "reset"
_HALF_HOUR_SECONDS = 1800
_LONGEST_PASSWORD = 1024


@site.get("/password")
@public
def password() -> Response:
    """Which account?"""
    return _start_page(forms.FormState(), 200)


@site.post("/password")
@public
def start() -> Response:
    """The same next page for every identifier."""
    values = forms.typed()
    forms.show_again(_start_page, values, {"/identifier": "identifier"})
    forms.require_readable(values)
    body = forms.load(StartReset(), _only(values, "identifier"))
    return go(f"/password/{reset_service.start_reset(body['identifier'], page_language())}")


@site.get("/password/<uuid:reset_id>")
@public
def code(reset_id: UUID) -> Response:
    """The code field, and what to do when none arrives."""
    notice = texts()("postal_answer") if request.args.get("asked") else None
    return _code_page(reset_id, forms.FormState(), 200, notice=notice)


@site.post("/password/<uuid:reset_id>/postal-code")
@public
def postal_code(reset_id: UUID) -> Response:
    """One more identifier; the answer is always the same."""
    values = forms.typed()
    forms.show_again(partial(_code_page, reset_id), values, {"/postal_code": "postal_code"})
    forms.require_readable(values)
    body = forms.load(AddPostalCode(), _only(values, "postal_code"))
    reset_service.add_postal_code(reset_id, body["postal_code"])
    return go(f"/password/{reset_id}?asked=1")


@site.post("/password/<uuid:reset_id>/code")
@public
def prove(reset_id: UUID) -> Response:
    """A right code leads on; any other is answered alike."""
    values = forms.typed()
    forms.show_again(partial(_code_page, reset_id), {}, {"/code": "code"})
    forms.require_readable(values)
    body = forms.load(ProveReset(), _only(values, "code"))
    token = reset_service.prove(reset_id, body["code"])
    if token is None:  # counted: nothing is rolled back
        return _code_page(reset_id, forms.refused(InvalidCode(), {}, {}), InvalidCode.status)
    return set_cookie(
        go(f"/password/{reset_id}/new"),
        COOKIE,
        token,
        path=f"/password/{reset_id}",
        max_age_seconds=_HALF_HOUR_SECONDS,
    )


@site.get("/password/<uuid:reset_id>/new")
@public
def new_password(reset_id: UUID) -> Response:
    """Choose the new password."""
    return _new_page(reset_id, forms.FormState(), 200)


@site.post("/password/<uuid:reset_id>/new")
@public
def save(reset_id: UUID) -> Response:
    """Save it and go on to the case page; a refused one is told why and the field shown again."""
    token = request.cookies.get(COOKIE, "")
    forms.show_again(partial(_new_page, reset_id), {}, {"/new_password": "new_password"})
    forms.require_guard(token)
    chosen = request.form.get("new_password", "")[: _LONGEST_PASSWORD + 1]
    forms.require_readable({"new_password": chosen})
    ticket, result = reset_service.choose_password(reset_id, token, chosen)
    step = "password_saved" if result.state == ActionState.APPLIED else result.state
    response = case_cookie.give(go(f"/t/{ticket.reference}?step={step}"), ticket)
    response.delete_cookie(COOKIE, path=f"/password/{reset_id}", httponly=True, samesite="Strict")
    return response


def _only(values: dict[str, str], name: str) -> dict[str, str]:
    return {name: values[name]} if name in values else {}


def _start_page(form: forms.FormState, status: int) -> Response:
    return render("password", status, here="/password", form=form)


def _code_page(reset_id: UUID, form: forms.FormState, status: int, *, notice: str | None = None) -> Response:
    return render(
        "password_code", status, here=f"/password/{reset_id}", form=form, reset_id=reset_id, notice=notice
    )


def _new_page(reset_id: UUID, form: forms.FormState, status: int) -> Response:
    return render(
        "password_new",
        status,
        here=f"/password/{reset_id}/new",
        form=form,
        reset_id=reset_id,
        form_token=forms.guard(request.cookies.get(COOKIE, "")),
    )
