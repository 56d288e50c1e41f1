"""The password assistant: one page for everybody, whatever was typed."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from support_desk.core.access import public
from support_desk.core.errors import DeskError, Unprocessable
from support_desk.intake import service as intake
from support_desk.verification.errors import InvalidCode
from support_desk.web import case_cookie, forms
from support_desk.web.language import page_language
from support_desk.web.site import go, render, set_cookie, site, texts

COOKIE = "reset"
_HALF_HOUR_SECONDS = 1800


@site.get("/password")
@public
def password() -> Response:
    """Which account?"""
    return render("password", form=forms.FormState())


@site.post("/password")
@public
def start() -> Response:
    """The same next page for every identifier."""
    values = forms.form_values()
    identifier = values.get("identifier", "")
    if not identifier or len(identifier) > 254 or forms.unsafe(values):
        return render("password", 422, form=forms.failed(Unprocessable(), values, page_language()))
    reset_id = intake.start_reset(identifier, page_language())
    return go(f"/password/{reset_id}")


@site.get("/password/<uuid:reset_id>")
@public
def code(reset_id: UUID) -> Response:
    """The code field, and what to do when none arrives."""
    return render("password_code", form=forms.FormState(), reset_id=reset_id, message=None)


@site.post("/password/<uuid:reset_id>/postal-code")
@public
def postal_code(reset_id: UUID) -> Response:
    """One more identifier; the answer is always the same."""
    intake.add_postal_code(reset_id, request.form.get("postal_code", "")[:50].replace("\x00", ""))
    message = texts()("postal_answer")
    return render("password_code", form=forms.FormState(), reset_id=reset_id, message=message)


@site.post("/password/<uuid:reset_id>/code")
@public
def prove(reset_id: UUID) -> Response:
    """A right code leads on; any other is answered alike."""
    token = intake.prove(reset_id, request.form.get("code", "")[:100])
    if token is None:
        form = forms.failed(InvalidCode(), {}, page_language())
        return render("password_code", 422, form=form, reset_id=reset_id, message=None)
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
    return render("password_new", form=forms.FormState(), reset_id=reset_id)


@site.post("/password/<uuid:reset_id>/new")
@public
def save(reset_id: UUID) -> Response:
    """Save it and go on to the case page; a refused one is told why and the field shown again."""
    chosen = request.form.get("new_password", "")[:1024]
    try:
        ticket = intake.choose_password(reset_id, request.cookies.get(COOKIE, ""), chosen)
    except DeskError as error:
        form = forms.failed(error, {}, page_language())
        return render("password_new", error.status, form=form, reset_id=reset_id)
    response = case_cookie.give(go(f"/t/{ticket.reference}?step=applied#steps"), ticket)
    response.delete_cookie(COOKIE, path=f"/password/{reset_id}")
    return response
