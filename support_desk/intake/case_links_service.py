"""Sending a case's link again to somebody who lost it: asked by anybody, decided by the worker."""

from __future__ import annotations

from uuid import UUID

from support_desk.core import clock
from support_desk.core.budgets import spend
from support_desk.core.db import db
from support_desk.core.japan import normalise_email, normalise_phone
from support_desk.core.references import read_reference
from support_desk.core.secrets import blind_index
from support_desk.intake.limits import CASE_LINKS, spend_network
from support_desk.intake.models import CaseLinkRequest
from support_desk.intake.opening_service import send_case_link
from support_desk.outbox import service as outbox
from support_desk.tickets import service as tickets
from support_desk.tickets.access import has_expired
from support_desk.tickets.models import Ticket


def ask_for_link(reference: str, contact: str) -> None:
    """Note that somebody wants a case's link; the same work whether or not there is such a case."""
    at = clock.now()
    spend_network("case_links", at=at)
    request = CaseLinkRequest(reference=reference, contact=contact, created_at=at)
    db.session.add(request)
    db.session.flush()
    outbox.promise("intake.send_case_link", request_id=request.id)


def decide_link(request_id: UUID) -> None:
    """Send the link to the case's own contact address if that is the one given; three times in 24 hours."""
    request = db.session.get(CaseLinkRequest, request_id)
    if request is None:
        return
    ticket = tickets.find_by_reference(read_reference(request.reference) or "")
    if ticket is not None and not has_expired(ticket) and _is_contact(ticket, request.contact):
        key = blind_index("case-link", str(ticket.id))
        if spend(key, CASE_LINKS, at=clock.now()):
            send_case_link(ticket, dedupe=f"case-link:{request.id}")
    db.session.delete(request)


def _is_contact(ticket: Ticket, given: str) -> bool:
    email, phone = normalise_email(given), normalise_phone(given)
    return (email is not None and email == normalise_email(ticket.contact_email)) or (
        phone is not None and phone == normalise_phone(ticket.contact_phone)
    )
