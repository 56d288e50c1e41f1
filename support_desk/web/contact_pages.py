"""The contact form: one page, one column, one submit is one ticket."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response, request

from support_desk.callbacks import service as callbacks
from support_desk.core import clock
from support_desk.core.access import public
from support_desk.core.errors import DeskError, Unprocessable
from support_desk.core.idempotency import once
from support_desk.core.parsing import problems_of
from support_desk.intake import service as intake
from support_desk.intake.schemas import OpenTicket
from support_desk.tickets import service as tickets
from support_desk.web import case_cookie, forms
from support_desk.web.language import page_language
from support_desk.web.site import go, render, site, texts

ISSUES = (
    "forgot_password",
    "forgot_email",
    "email_unreachable",
    "two_step_unavailable",
    "account_locked",
    "other_sign_in",
)
# Field of the form to place in the API's body.
FIELDS = {
    "issue": "issue",
    "name": "contact.name",
    "name_kana": "contact.name_kana",
    "email": "contact.email",
    "phone": "contact.phone",
    "claimed_email": "claimed.email",
    "claimed_phone": "claimed.phone",
    "claimed_postal_code": "claimed.postal_code",
    "claimed_order_number": "claimed.order_number",
    "description": "description",
}
NAMES = {"/" + path.replace(".", "/"): name for name, path in FIELDS.items()} | {"/contact": "email"}
SLOTS_SHOWN = 40


@site.get("/contact")
@public
def contact() -> Response:
    """The empty form."""
    return _form(forms.FormState({"issue": request.args.get("issue", "")}))


@site.post("/contact")
@public
def send_contact() -> Response:
    """Open the ticket and go on to its page; what is wrong is shown with everything typed kept."""
    values = forms.form_values()
    if request.form.get("website"):  # only a machine fills the field nobody sees
        return go("/contact")
    try:
        body = _read(values)
        ids, _ = once(
            lambda: _open(body),
            dict,
            key=request.form.get("form_key") or forms.new_form_key(),
            body=body,
        )
    except DeskError as error:
        return _form(forms.failed(error, values, page_language()), error.status)
    ticket = tickets.get_by_reference(ids["reference"])
    return case_cookie.give(go(f"/t/{ticket.reference}?received=1"), ticket)


def _read(values: dict[str, str]) -> dict[str, Any]:
    problems = forms.unsafe(values)
    if problems:
        raise Unprocessable(errors=problems)
    body = {**forms.nested(values, FIELDS), "language": page_language()}
    body.setdefault("contact", {})
    body.setdefault("claimed", {})
    body.setdefault("description", "")
    if slot := values.get("slot"):
        number: dict[str, str] = {"kind": "on_file"}
        if values.get("number_kind") != "on_file":
            number = {"kind": "given", "phone": values.get("phone", "")}
        body["callback"] = {"slot_start": slot, "number": number, "consent": True}
    try:
        OpenTicket().load(body)
    except ma.ValidationError as error:
        raise Unprocessable(errors=problems_of(error)) from None
    return body


def _open(body: dict[str, Any]) -> dict[str, str]:
    ticket = intake.open_from_body(OpenTicket().load(body), channel="web")
    return {"reference": ticket.reference}


def _form(form: forms.FormState, status: int = 200) -> Response:
    language = page_language()
    slots = callbacks.list_slots(language)[:SLOTS_SHOWN]
    return render(
        "contact",
        status,
        form=form,
        names=NAMES,
        issues=[(issue, intake.issue_title(issue, language)) for issue in ISSUES],
        slots=slots,
        form_key=forms.new_form_key(),
        now=clock.now(),
        words=texts(),
    )
