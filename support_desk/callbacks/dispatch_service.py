"""What happens by itself: a call becomes due, is announced once more, and goes back when an agent lets it lie."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.service import channels
from support_desk.audit.service import record
from support_desk.callbacks import notices
from support_desk.callbacks.booking_service import lock_callback
from support_desk.callbacks.lifecycle import WAITING, State
from support_desk.callbacks.models import Callback, NumberKind
from support_desk.callbacks.numbers import is_ringable
from support_desk.callbacks.slots_service import release_unresolved_seats
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.tickets.service import get_ticket

# A number that was changed lately may be the thief's: the desk does not ring it on its own account's behalf.
NUMBER_SETTLES_IN = timedelta(days=30)


def become_due(callback_id: UUID, turn: int) -> None:
    """The slot has come: offer the call to the agents, or end it where there is no number to ring."""
    callback = lock_callback(callback_id)
    if callback.turn != turn or callback.state not in WAITING:
        return
    if find_number(callback) is None:
        end_unreachable(callback)
        return
    callback.state, callback.became_due_at = State.DUE, clock.now()
    db.session.flush()
    record("callback", callback.id, "callback:call:due", turn=turn)


def remind(callback_id: UUID, turn: int) -> None:
    """Announce the call once more, ten minutes before."""
    callback = lock_callback(callback_id)
    if callback.turn == turn and callback.state in WAITING:
        notices.reminded(callback, get_ticket(callback.ticket_id))


def find_number(callback: Callback) -> str | None:
    """The number to ring, in E.164: the given one, or the one on file where it may be used.

    For workers and for the agent who dials; never asked in a claimant's request.
    """
    if callback.number_kind is NumberKind.GIVEN:
        return callback.number
    account_id = get_ticket(callback.ticket_id).account_id
    if account_id is None:
        return None
    settled = clock.now() - NUMBER_SETTLES_IN
    usable = (
        each.address
        for each in channels(account_id)
        if each.kind == "phone" and each.state == "current" and each.confirmed and each.since <= settled
    )
    return next((number for number in usable if is_ringable(number)), None)


def end_unreachable(callback: Callback) -> None:
    """End a call for want of a number, in the words used after three unanswered ones."""
    callback.state, callback.ended_at = State.UNREACHABLE, clock.now()
    callback.lease_agent_id = callback.lease_until = None
    db.session.flush()
    record("callback", callback.id, "callback:call:unreachable")
    notices.exhausted(callback, get_ticket(callback.ticket_id))


def sweep() -> None:
    """Take back what agents let lie, and seats beyond the share of unresolved tickets."""
    for callback in _expired(State.OFFERED):
        callback.state = State.DUE
        callback.lease_agent_id = callback.lease_until = None
        record("callback", callback.id, "callback:offer:expired", fence=callback.fence)
    for callback in _expired(State.DIALLING):
        # Somebody may have answered this call: a person decides, nobody rings a second time.
        callback.state = State.NEEDS_REVIEW
        callback.lease_agent_id = callback.lease_until = None
        record("callback", callback.id, "callback:attempt:unrecorded", number=callback.attempts_count)
    release_unresolved_seats()
    db.session.flush()


def _expired(state: State) -> list[Callback]:
    return list(
        db.session.scalars(
            sa.select(Callback)
            .where(Callback.state == state, Callback.lease_until <= clock.now())
            .order_by(Callback.id)
            .limit(500)
            .with_for_update(skip_locked=True)
        )
    )
