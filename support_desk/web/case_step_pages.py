"""The customer's own steps on the case page: new password, new e-mail, lifting of restrictions."""

from __future__ import annotations

from functools import partial

from flask import Response, request

from support_desk.core.access import public
from support_desk.core.errors import Problem, Unprocessable
from support_desk.core.japan import normalise_email
from support_desk.restoration import service as restoration
from support_desk.restoration.models import ActionState
from support_desk.verification.errors import InvalidCode
from support_desk.web import forms
from support_desk.web.case_pages import form_of_case, show_case
from support_desk.web.site import go, site

_LONGEST_PASSWORD = 1024


@site.post("/t/<string:reference>/steps/set_password")
@public
def set_password(reference: str) -> Response:
    """Set a new password; white space in it counts."""
    ticket, _ = form_of_case(reference)
    chosen = request.form.get("new_password", "")[: _LONGEST_PASSWORD + 1]
    result = restoration.request_action(ticket.id, "set_password", new_password=chosen)
    return _gone_on(reference, "password_saved" if result.state == ActionState.APPLIED else result.state)


@site.post("/t/<string:reference>/steps/replace_email")
@public
def replace_email(reference: str) -> Response:
    """Ask for another e-mail; a code is sent to it first."""
    ticket, values = form_of_case(reference)
    address = values.get("new_email", "")
    if normalise_email(address) is None:
        raise Unprocessable(errors=[Problem("/new_email", "invalid" if address else "required", "")])
    return _gone_on(reference, restoration.request_action(ticket.id, "replace_email", new_email=address).state)


@site.post("/t/<string:reference>/steps/replace_email/confirmation")
@public
def confirm_email(reference: str) -> Response:
    """The code that was sent to the new e-mail."""
    ticket, values = form_of_case(reference)
    names = {"/code": "confirm-code"}
    forms.show_again(partial(show_case, ticket.id), {}, names)
    result = restoration.confirm_channel(ticket.id, "replace_email", values.get("code", "")[:100])
    if result is None:  # counted: nothing is rolled back
        state = forms.refused(InvalidCode(errors=[forms.wrong_code()]), {}, names)
        return show_case(ticket.id, state, InvalidCode.status)
    return _gone_on(reference, result.state)


@site.post("/t/<string:reference>/steps/lift_restrictions")
@public
def lift_restrictions(reference: str) -> Response:
    """Lift what may be lifted."""
    ticket, _ = form_of_case(reference)
    return _gone_on(reference, restoration.request_action(ticket.id, "lift_restrictions").state)


def _gone_on(reference: str, state: str) -> Response:
    return go(f"/t/{reference}?step={state}#steps")
