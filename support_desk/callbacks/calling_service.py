"""Making the calls: claim the next, begin an attempt, record how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.agents.service import get_agent
from support_desk.audit.service import record
from support_desk.calendar.service import business_calendar
from support_desk.callbacks import notices
from support_desk.callbacks.booking_service import lock_callback, next_turn
from support_desk.callbacks.dispatch_service import end_unreachable, find_number
from support_desk.callbacks.errors import AttemptUnderWay, LeaseLost, OutcomeRecorded
from support_desk.callbacks.lifecycle import RETRIED, Outcome, State, after
from support_desk.callbacks.models import Attempt, Callback
from support_desk.callbacks.retry import next_attempt
from support_desk.callbacks.slots_service import free_slots, take_free_seat
from support_desk.core import clock, settings
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.service import get_ticket

# Advisory locks of agents who claim, apart from those of others.
CLAIM_LOCK = 0xCA11


@dataclass(frozen=True)
class Dialling:
    """An attempt that was begun, and the number to ring for it."""

    callback: Callback
    attempt: Attempt
    number: str


def claim_next(agent_id: UUID) -> Callback | None:
    """Lease the earliest due call in a language of the agent; None when none is due.

    An agent has one call in hand: who asks again gets the same. Two agents never get the same one.
    """
    at = clock.now()
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(CLAIM_LOCK, sa.func.hashtext(str(agent_id)))))
    in_hand = _in_hand(agent_id)
    if in_hand and (in_hand.state is State.DIALLING or _holds(in_hand, agent_id, at)):
        return in_hand
    if in_hand:
        _put_back(in_hand)
    callback = db.session.scalars(
        sa.select(Callback)
        .where(
            sa.or_(
                Callback.state == State.DUE,
                sa.and_(Callback.state == State.OFFERED, Callback.lease_until <= at),
            ),
            Callback.language.in_(get_agent(agent_id).languages),
        )
        .order_by(Callback.due_at, Callback.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if callback is None:
        return None
    callback.state, callback.lease_agent_id = State.OFFERED, agent_id
    callback.lease_until = at + timedelta(seconds=settings.current().lease_seconds)
    callback.fence += 1
    db.session.flush()
    record("callback", callback.id, "callback:offer:made", fence=callback.fence)
    return callback


def start_attempt(callback_id: UUID, agent_id: UUID) -> Dialling | None:
    """Write down that the agent dials now, with the attempt's number, and tell the number to ring.

    None when the number on file may not be rung any more: the callback has ended then. Raises NotFound,
    AttemptUnderWay, LeaseLost.
    """
    callback, at = lock_callback(callback_id), clock.now()
    if callback.state is State.DIALLING and callback.lease_agent_id == agent_id:
        raise AttemptUnderWay
    if callback.state is not State.OFFERED or not _holds(callback, agent_id, at):
        raise LeaseLost
    number = find_number(callback)
    if number is None:
        end_unreachable(callback)
        return None
    callback.attempts_count += 1
    callback.state = State.DIALLING
    callback.lease_until = at + timedelta(minutes=settings.current().call_minutes)
    attempt = Attempt(
        callback_id=callback.id,
        number=callback.attempts_count,
        agent_id=agent_id,
        fence=callback.fence,
        started_at=at,
    )
    db.session.add(attempt)
    db.session.flush()
    record("callback", callback.id, "callback:attempt:started", number=attempt.number)
    return Dialling(callback, attempt, number)


def get_dialling(attempt_id: UUID) -> Dialling:
    """An attempt with the number it rings, shown again to whoever began it; raises NotFound when it is over."""
    attempt = db.session.get(Attempt, attempt_id)
    number = None
    if attempt and attempt.outcome is None:
        callback = db.session.get_one(Callback, attempt.callback_id)
        number = find_number(callback)
    if attempt is None or number is None:
        raise NotFound
    return Dialling(callback, attempt, number)


def record_outcome(
    callback_id: UUID,
    number: int,
    agent_id: UUID,
    outcome: str,
    note: str | None,
    *,
    seen: Callable[[int], None] = lambda version: None,
) -> Attempt:
    """Write how an attempt ended and what follows from it: done, a further attempt, or the end.

    Only the holder of the newest lease writes; an attempt that was left unrecorded may be closed by any agent.
    `seen` is called with the attempt's version. Raises NotFound, OutcomeRecorded, LeaseLost.
    """
    callback, at = lock_callback(callback_id), clock.now()
    attempt = _get_attempt(callback_id, number)
    seen(attempt.version)
    if attempt.outcome is not None:
        raise OutcomeRecorded
    reviewed = callback.state is State.NEEDS_REVIEW
    if not reviewed and not (callback.fence == attempt.fence and _holds(callback, agent_id, at)):
        raise LeaseLost
    ended = Outcome(outcome)
    attempt.outcome, attempt.note, attempt.ended_at = ended, note or None, at
    again = ended in RETRIED and _takes_another_seat(callback, at)
    callback.state = after(ended, may_retry=again)
    callback.lease_agent_id = callback.lease_until = None
    callback.ended_at = None if again else at
    db.session.flush()
    record("callback", callback.id, "callback:attempt:ended", number=number, outcome=ended.value)
    if again:
        callback.became_due_at = None
        next_turn(callback)
        notices.retried(callback, get_ticket(callback.ticket_id))
    elif callback.state is State.EXHAUSTED:
        notices.exhausted(callback, get_ticket(callback.ticket_id))
    return attempt


def next_attempt_at(callback: Callback) -> datetime | None:
    """When the call will be tried again if nobody answers now; None where this is the last attempt."""
    if callback.state not in {State.OFFERED, State.DIALLING, State.NEEDS_REVIEW}:
        return None
    # The attempt that an offer leads to counts as made.
    made = callback.attempts_count + (callback.state is State.OFFERED)
    return next(_retry_times(callback, made, clock.now()), None)


def _takes_another_seat(callback: Callback, at: datetime) -> bool:
    """Whether the callback got a seat for a further attempt."""
    if get_ticket(callback.ticket_id).status is Status.CLOSED:
        return False
    return any(take_free_seat(callback, each) for each in _retry_times(callback, callback.attempts_count, at))


def _retry_times(callback: Callback, attempts_count: int, at: datetime) -> Iterator[datetime]:
    """The free slots that the retry rule allows, in order."""
    zone = business_calendar().zone
    for slot in free_slots(callback.language.value):
        if next_attempt(attempts_count, at, [slot.slot_start], zone):
            yield slot.slot_start


def _get_attempt(callback_id: UUID, number: int) -> Attempt:
    attempt = db.session.scalars(
        sa.select(Attempt).where(Attempt.callback_id == callback_id, Attempt.number == number)
    ).one_or_none()
    if attempt is None:
        raise NotFound
    return attempt


def _in_hand(agent_id: UUID) -> Callback | None:
    query = sa.select(Callback).where(Callback.lease_agent_id == agent_id)
    return db.session.scalars(query.with_for_update()).one_or_none()


def _holds(callback: Callback, agent_id: UUID, at: datetime) -> bool:
    return callback.lease_agent_id == agent_id and callback.lease_until is not None and callback.lease_until > at


def _put_back(callback: Callback) -> None:
    callback.state = State.DUE
    callback.lease_agent_id = callback.lease_until = None
    db.session.flush()
