"""The contact form: one page, one column, one submit is one ticket."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from support_desk.core.access import public
from support_desk.core.errors import Problem, Unprocessable
from support_desk.core.idempotency import once
from support_desk.core.japan import normalise_email, normalise_phone
from support_desk.intake import opening_service
from support_desk.intake.help_topics import HelpTopic, help_menu
from support_desk.intake.schemas import OpenTicket
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Issue
from support_desk.tickets.service import Claimed, Contact
from support_desk.web import case_cookie, forms
from support_desk.web.call_times import free_times
from support_desk.web.language import page_language
from support_desk.web.site import go, render, site

# Field of the form to place in the API's body.
PLACES = {
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
# Where an error of the body, or of the form as typed, is shown.
NAMES = {
    **{"/" + path.replace(".", "/"): name for name, path in PLACES.items()},
    **{f"/{name}": name for name in (*PLACES, "slot")},
    "/contact": "email",
    "/callback/slot_start": "slot",
    "/callback/number/phone": "phone",
}
# The field nobody sees: only a machine fills it.
TRAP = "confirm_topic"


@site.get("/contact")
@public
def contact() -> Response:
    """The empty form."""
    return _form(forms.FormState({"issue": request.args.get("issue", "")}), 200)


@site.post("/contact")
@public
def send_contact() -> Response:
    """Open the ticket and go on to its page; what is wrong is shown with everything typed kept."""
    values = forms.typed()
    forms.show_again(_form, values, NAMES)
    forms.require_readable(values)
    if TRAP in values:
        raise Unprocessable
    body = _read(values)
    ids, _ = once(lambda: _open(body), dict, key=forms.form_key(), body=values)
    ticket = tickets.get_by_reference(ids["reference"])
    refused = "&call=refused" if ids["callback"] == opening_service.REFUSED else ""
    return case_cookie.give(go(f"/t/{ticket.reference}?received=1{refused}"), ticket)


def _read(values: dict[str, str]) -> dict[str, Any]:
    body = {**forms.nested(values, PLACES), "language": page_language()}
    body.setdefault("contact", {})
    if slot := values.get("slot"):
        given = values.get("number_kind") != "on_file"
        if given and "phone" not in values:
            raise Unprocessable(errors=[Problem("/phone", "needed_for_call", "")])
        number = {"kind": "given", "phone": values["phone"]} if given else {"kind": "on_file"}
        body["callback"] = {"slot_start": slot, "number": number, "consent": True}
    try:
        loaded: dict[str, Any] = forms.load(OpenTicket(), body)
    except Unprocessable as error:
        raise Unprocessable(errors=_in_order([*error.errors, *_reach_problems(values)])) from None
    return loaded


def _reach_problems(values: dict[str, str]) -> list[Problem]:
    """What is wrong with the ways to reach the claimant: the schema looks at them only when all else is right."""
    email, phone = values.get("email"), values.get("phone")
    if not email and not phone:
        return [Problem("/contact/email", "no_way_to_reach", "")]
    wrong = []
    if email and normalise_email(email) is None:
        wrong.append(Problem("/contact/email", "invalid", ""))
    if phone and normalise_phone(phone) is None:
        wrong.append(Problem("/contact/phone", "invalid", ""))
    return wrong


def _in_order(problems: list[Problem]) -> list[Problem]:
    """In the order of the fields, and for each field what was found last."""
    places = list(NAMES)
    found = {problem.pointer: problem for problem in problems}
    return sorted(found.values(), key=lambda each: places.index(each.pointer) if each.pointer in places else 0)


def _open(body: dict[str, Any]) -> dict[str, str | None]:
    contact, claimed = Contact(**body["contact"]), Claimed(**body["claimed"])
    ticket, callback = opening_service.open_case(**{**body, "contact": contact, "claimed": claimed}, channel="web")
    return {"reference": ticket.reference, "callback": callback}


def _form(form: forms.FormState, status: int) -> Response:
    language = page_language()
    return render(
        "contact",
        status,
        here="/contact",
        form=form,
        topics=[topic for topic in _topics(language) if topic.issue in set(Issue)],
        days=free_times(language),
        form_key=forms.new_form_key(),
        trap=TRAP,
    )


def _topics(language: str) -> list[HelpTopic]:
    """The help topics with those inside them, in order."""
    menu = help_menu(language).topics
    return [found for topic in menu for found in (topic, *topic.topics)]
