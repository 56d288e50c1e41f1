"""The claimant's whole view of a case, in which nothing shows whether an account was found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from support_desk.callbacks import service as callbacks
from support_desk.callbacks.service import ClaimantCallback
from support_desk.core import clock
from support_desk.intake.next_steps import NextStep, now_to_do
from support_desk.restoration.view_service import view_for_claimant
from support_desk.tickets import service as tickets
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Author, Issue, Message, Ticket
from support_desk.tickets.timeline_service import TimelineEntry
from support_desk.verification import service as verification


@dataclass(frozen=True)
class CaseLinks:
    """Where the parts of a case are found."""

    self: str
    page: str
    verification: str
    challenges: str
    restoration: str
    callbacks: str
    messages: str


@dataclass(frozen=True)
class Case:
    """A case as its claimant sees it."""

    reference: str
    status: Status
    issue: Issue
    language: str
    links: CaseLinks
    next_steps: list[NextStep]
    verification: Any
    restoration: Any
    callback: ClaimantCallback | None
    messages: list[Message]
    timeline: list[TimelineEntry]
    created_at: datetime
    closed_at: datetime | None


def links_of(ticket: Ticket) -> CaseLinks:
    """Where the parts of a case are found."""
    root = f"/api/v1/tickets/{ticket.reference}"
    return CaseLinks(
        self=root,
        page=f"/t/{ticket.reference}",
        verification=f"{root}/verification",
        challenges=f"{root}/challenges",
        restoration=f"{root}/restoration",
        callbacks=f"{root}/callbacks",
        messages=f"{root}/messages",
    )


def view_case(ticket_id: UUID) -> Case:
    """Everything about a case that its claimant may see."""
    ticket = tickets.get_ticket(ticket_id)
    messages = tickets.list_messages(ticket_id, for_claimant=True)
    callback = callbacks.find_newest(ticket_id)
    booked = callback is not None and callback.ended_at is None
    proof = verification.summary_for_claimant(ticket_id)
    return Case(
        reference=ticket.reference,
        status=ticket.status,
        issue=ticket.issue,
        language=ticket.language.value,
        links=links_of(ticket),
        next_steps=now_to_do(
            status=ticket.status.value,
            language=ticket.language.value,
            opened_at=ticket.created_at,
            at=clock.now(),
            decided=proof.state == "decided",
            callback_booked=booked,
            unread_reply=bool(messages) and messages[-1].author_kind is not Author.CLAIMANT,
        ),
        verification=proof,
        restoration=view_for_claimant(ticket_id),
        callback=callbacks.view_for_claimant(callback) if callback else None,
        messages=messages,
        timeline=tickets.timeline(ticket_id, for_claimant=True),
        created_at=ticket.created_at,
        closed_at=ticket.closed_at,
    )
