"""Callbacks as people see them: the claimant's card, the agent's screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.callbacks.call_word import call_word
from support_desk.callbacks.calling_service import Dialling, next_attempt_at
from support_desk.callbacks.gateways.manual import Manual
from support_desk.callbacks.gateways.protocol import Telephony
from support_desk.callbacks.lifecycle import CHANGEABLE, State, shown_to_claimant
from support_desk.callbacks.models import Attempt, Callback
from support_desk.callbacks.numbers import masked
from support_desk.core import clock, settings
from support_desk.core.db import db
from support_desk.core.paging import Key, Page, page
from support_desk.tickets.models import Ticket

# The one telephony there is. One that asks a network belongs into a job, after the attempt is committed.
TELEPHONY: Telephony = Manual()


@dataclass(frozen=True)
class ClaimantCallback:
    """A call as its claimant sees it; a number on file is never shown."""

    id: UUID
    state: str
    language: str
    slot_start: datetime
    slot_end: datetime
    number_kind: str
    number_masked: str | None
    announced_number: str
    call_word: str
    can_change: bool
    version: int


def view_for_claimant(callback: Callback) -> ClaimantCallback:
    """The call as its claimant sees it, in the language it was booked in."""
    language = callback.language.value
    return ClaimantCallback(
        id=callback.id,
        state=shown_to_claimant(callback.state),
        language=language,
        slot_start=callback.slot_start,
        slot_end=callback.slot_end,
        number_kind=callback.number_kind.value,
        number_masked=masked(callback.number) if callback.number else None,
        announced_number=settings.current().desk_phone,
        call_word=call_word(callback.id, language),
        can_change=callback.state in CHANGEABLE,
        version=callback.version,
    )


def desk_view(callback: Callback) -> dict[str, Any]:
    """One call as an agent sees it, with the time of the next attempt."""
    [view] = _desk_views([callback])
    return {**view, "next_attempt_at": next_attempt_at(callback)}


def started_view(begun: Dialling) -> dict[str, Any]:
    """A dialling that begins now: the number to ring and what to say first."""
    callback = begun.callback
    return {
        **_attempt_view(begun.attempt),
        "callback_id": callback.id,
        "tel": TELEPHONY.ring(f"{callback.id}-{begun.attempt.number}", begun.number).link,
        "call_word": call_word(callback.id, callback.language.value),
        "lease_until": callback.lease_until,
    }


def recorded_view(attempt: Attempt) -> dict[str, Any]:
    """A dialling that has ended, and what follows from it."""
    callback = db.session.get_one(Callback, attempt.callback_id)
    again = callback.state is State.RETRY_SCHEDULED
    return {
        **_attempt_view(attempt),
        "callback_state": callback.state.value,
        "next_attempt_at": callback.slot_start if again else None,
    }


def list_callbacks(
    *,
    state: str | None = None,
    due_before: datetime | None = None,
    ticket_id: UUID | None = None,
    limit: int,
    cursor: str | None,
) -> Page[dict[str, Any]]:
    """One page of calls in the order in which they are due."""
    query = sa.select(Callback)
    if state is not None:
        query = query.where(Callback.state == State(state))
    if due_before is not None:
        query = query.where(Callback.due_at < due_before)
    if ticket_id is not None:
        query = query.where(Callback.ticket_id == ticket_id)
    keys = [Key(Callback.due_at, lambda row: row.due_at), Key(Callback.id, lambda row: row.id)]
    scope = f"callbacks:{state}:{due_before}:{ticket_id}"
    found = page(query, keys, limit=limit, cursor=cursor, scope=scope)
    return Page(_desk_views(found.items), found.next_cursor)


def _desk_views(callbacks: Sequence[Callback]) -> list[dict[str, Any]]:
    attempts: dict[UUID, list[Attempt]] = defaultdict(list)
    of_these = Attempt.callback_id.in_([each.id for each in callbacks])
    for attempt in db.session.scalars(sa.select(Attempt).where(of_these).order_by(Attempt.number)):
        attempts[attempt.callback_id].append(attempt)
    of_tickets = Ticket.id.in_([each.ticket_id for each in callbacks])
    rows = db.session.execute(sa.select(Ticket.id, Ticket.reference).where(of_tickets))
    references = {row.id: row.reference for row in rows}
    return [
        {
            "id": each.id,
            "ticket_id": each.ticket_id,
            "ticket_reference": references[each.ticket_id],
            "state": each.state.value,
            "language": each.language.value,
            "slot_start": each.slot_start,
            "slot_end": each.slot_end,
            "due_at": each.due_at,
            "became_due_at": each.became_due_at,
            "late_seconds": _late_seconds(each),
            "number_kind": each.number_kind.value,
            "number_masked": masked(each.number) if each.number else None,
            "call_word": call_word(each.id, each.language.value),
            "lease_agent_id": each.lease_agent_id,
            "lease_until": each.lease_until,
            "attempts_count": each.attempts_count,
            "attempts": attempts[each.id],
            "ended_at": each.ended_at,
            "version": each.version,
            "created_at": each.created_at,
        }
        for each in callbacks
    ]


def _attempt_view(attempt: Attempt) -> dict[str, Any]:
    names = ("number", "agent_id", "started_at", "outcome", "note", "ended_at", "version")
    return {name: getattr(attempt, name) for name in names}


def _late_seconds(callback: Callback) -> int:
    """How long the call has been waiting for an agent past its time."""
    if callback.state not in {State.DUE, State.OFFERED}:
        return 0
    return max(0, int((clock.now() - callback.due_at).total_seconds()))
