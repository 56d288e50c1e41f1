"""The call on the case page: book it, move it, cancel it."""

from __future__ import annotations

from typing import Any

from flask import Response

from support_desk.callbacks import service as callbacks
from support_desk.callbacks.schemas import MoveCallback
from support_desk.core.access import public
from support_desk.core.errors import NotFound, PreconditionFailed, Problem, Unprocessable
from support_desk.tickets.models import Ticket
from support_desk.web import forms
from support_desk.web.case_pages import form_of_case
from support_desk.web.site import go, site


@site.post("/t/<string:reference>/call")
@public
def book_call(reference: str) -> Response:
    """Book a call at a free time."""
    ticket, values = form_of_case(reference)
    given = values.get("number_kind") == "given"
    if given and "phone" not in values:
        raise Unprocessable(errors=[Problem("/phone", "required", "")])
    callbacks.book(
        ticket.id,
        slot_start=_slot(values),
        number_kind="given" if given else "on_file",
        phone=values["phone"] if given else None,
    )
    return go(f"/t/{reference}#call")


@site.post("/t/<string:reference>/call/move")
@public
def move_call(reference: str) -> Response:
    """Move the call to another time."""
    ticket, values = form_of_case(reference)

    def unchanged(version: int) -> None:
        if values.get("version") != str(version):
            raise PreconditionFailed

    callbacks.move(_booked(ticket).id, _slot(values), ticket_id=ticket.id, seen=unchanged)
    return go(f"/t/{reference}#call")


@site.post("/t/<string:reference>/call/cancel")
@public
def cancel_call(reference: str) -> Response:
    """Cancel the call."""
    ticket, _ = form_of_case(reference)
    callbacks.cancel(_booked(ticket).id, ticket_id=ticket.id)
    return go(f"/t/{reference}#call")


def _booked(ticket: Ticket) -> Any:
    booked = callbacks.find_active(ticket.id)
    if booked is None:
        raise NotFound
    return booked


def _slot(values: dict[str, str]) -> Any:
    if "slot" not in values:
        raise Unprocessable(errors=[Problem("/slot", "required", "")])
    return forms.load(MoveCallback(), {"slot_start": values["slot"]})["slot_start"]
