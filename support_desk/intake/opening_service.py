"""Opening a case: the same work and the same answer, whoever is claimed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from support_desk.callbacks import service as callbacks
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import DeskError
from support_desk.intake.limits import spend_identifiers, spend_network
from support_desk.intake.next_steps import NextStep, after_opening
from support_desk.notifications import service as notifications
from support_desk.outbox import service as outbox
from support_desk.tickets import service as tickets
from support_desk.tickets.events import MessagePosted
from support_desk.tickets.models import Author, Ticket, Visibility
from support_desk.tickets.service import Claimed, Contact

BOOKED = "booked"
REFUSED = "refused"


def open_case(
    *,
    issue: str,
    language: str,
    contact: Contact,
    claimed: Claimed,
    description: str,
    channel: str = "api",
    callback: Mapping[str, Any] | None = None,
) -> tuple[Ticket, str | None]:
    """Open a ticket, promise to resolve it, send the receipt and book the callback that was asked for.

    Returns the ticket and `booked`, `refused` or None; a refused booking refuses nothing else. Raises
    TooManyRequests for the network alone: an identifier beyond its budget is answered like any other.
    """
    at = clock.now()
    spend_network("tickets", at=at)
    own = tickets.identifiers_of(contact, Claimed())
    within, may_write = spend_identifiers(tickets.identifiers_of(contact, claimed), own, at=at)
    ticket = tickets.open_ticket(
        issue=issue,
        language=language,
        channel=channel,
        contact=contact,
        claimed=claimed,
        description=description,
        over_budget=not within,
    )
    outbox.promise("verification.resolve", ticket_id=ticket.id)
    # Decided by the contact alone: a missing receipt must not tell that somebody else's address was named before.
    if may_write:
        send_receipt(ticket)
    return ticket, _book(ticket.id, callback) if callback else None


def _book(ticket_id: UUID, wish: Mapping[str, Any]) -> str:
    number = wish["number"]
    try:
        with db.session.begin_nested():
            callbacks.book(
                ticket_id,
                slot_start=wish.get("slot_start"),
                number_kind=number["kind"],
                phone=number.get("phone"),
            )
    except DeskError:
        return REFUSED
    return BOOKED


def send_receipt(ticket: Ticket) -> None:
    """Tell the contact address where the case is found."""
    _send(ticket, "ticket_receipt", dedupe=f"ticket-receipt:{ticket.id}")


def tell_of_reply(event: MessagePosted) -> None:
    """When an agent has answered in public: a mail that there is a reply, never the reply itself."""
    if event.author_kind == Author.AGENT and event.visibility == Visibility.PUBLIC:
        ticket = tickets.get_ticket(event.ticket_id)
        if ticket.contact_email:
            _send(ticket, "ticket_reply", dedupe=f"ticket-reply:{event.message_id}")


def send_case_link(ticket: Ticket, *, dedupe: str) -> None:
    """Send the case's link to its own contact address once more."""
    _send(ticket, "case_link", dedupe=dedupe)


def _send(ticket: Ticket, template: str, *, dedupe: str) -> None:
    link = {
        "path": f"/t/{ticket.reference}#{{token}}",
        "purpose": tickets.ACCESS,
        "parts": [ticket.reference],
    }
    common: dict[str, Any] = {
        "language": ticket.language.value,
        "dedupe": dedupe,
        "subject_ref": ("ticket", ticket.id),
        "reference": ticket.reference,
        "link": link,
    }
    if ticket.contact_email:
        notifications.notify_email(template, to=ticket.contact_email, **common)
    elif ticket.contact_phone:
        notifications.notify_sms(template, to=ticket.contact_phone, **common)


def steps_after_opening(ticket: Ticket, callback: str | None) -> list[NextStep]:
    """What the claimant can do next."""
    return after_opening(ticket.issue.value, ticket.language.value, callback)
