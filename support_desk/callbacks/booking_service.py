"""Booking a call, moving it, cancelling it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.audit.service import record
from support_desk.callbacks import notices
from support_desk.callbacks.errors import CallbackExists, CallbackUnderWay, CaseClosed, NumberRefused
from support_desk.callbacks.lifecycle import ACTIVE, CHANGEABLE, State
from support_desk.callbacks.models import Callback, CallbackLanguage, NumberKind
from support_desk.callbacks.numbers import Refusal, read_number
from support_desk.callbacks.slots_service import leave_seat, take_first_seat, take_seat
from support_desk.core import clock
from support_desk.core.db import db, new_id
from support_desk.core.errors import NotFound
from support_desk.outbox.service import promise, withdraw
from support_desk.tickets.events import TicketClosed
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.service import lock_ticket

REMINDED_BEFORE = timedelta(minutes=10)
CheckVersion = Callable[[int], None]


def book(
    ticket_id: UUID, *, slot_start: datetime | None = None, number_kind: str, phone: str | None = None
) -> Callback:
    """Book a call for a ticket, with the consent of its claimant; without a slot the earliest free one.

    `number_kind`: `on_file`, or `given` with the number as it was typed. Answers alike whether or not there is a
    number on file. Raises CaseClosed, CallbackExists, NumberRefused, SlotNotOffered, SlotTaken, NoSlotFree.
    """
    kind = NumberKind(number_kind)
    number = _given_number(phone or "") if kind is NumberKind.GIVEN else None
    ticket = lock_ticket(ticket_id)
    if ticket.status is Status.CLOSED:
        raise CaseClosed
    if find_active(ticket_id):
        raise CallbackExists
    callback = Callback(
        id=new_id(),
        ticket_id=ticket_id,
        state=State.SCHEDULED,
        language=CallbackLanguage(ticket.language.value),
        number_kind=kind,
        number=number,
        consent_at=clock.now(),
        turn=1,
        fence=0,
        attempts_count=0,
    )
    _seat(callback, slot_start)
    promise_turn(callback)
    record("callback", callback.id, "callback:booking:made", number_kind=kind.value)
    notices.booked(callback, ticket)
    return callback


def move(callback_id: UUID, slot_start: datetime, *, ticket_id: UUID | None, seen: CheckVersion) -> Callback:
    """Move a call that nobody has in hand to another slot.

    `ticket_id`: the claimant's ticket, None for an agent; `seen` is called with the version that is there. Raises
    NotFound, CallbackUnderWay, SlotNotOffered, SlotTaken.
    """
    callback = _lock_of(callback_id, ticket_id)
    seen(callback.version)
    if callback.state not in CHANGEABLE:
        raise CallbackUnderWay
    if slot_start == callback.slot_start and callback.state is not State.DUE:
        return callback
    withdraw_turn(callback)
    take_seat(callback, slot_start)
    callback.state, callback.became_due_at = State.SCHEDULED, None
    next_turn(callback)
    record("callback", callback.id, "callback:booking:moved")
    notices.moved(callback, lock_ticket(callback.ticket_id))
    return callback


def cancel(callback_id: UUID, *, ticket_id: UUID | None) -> Callback:
    """Cancel a call that nobody is making; one that was cancelled stays so. Raises NotFound, CallbackUnderWay."""
    callback = _lock_of(callback_id, ticket_id)
    if callback.state is State.CANCELLED:
        return callback
    if callback.state not in CHANGEABLE | {State.OFFERED}:
        raise CallbackUnderWay
    _cancel(callback)
    notices.cancelled(callback, lock_ticket(callback.ticket_id))
    return callback


def cancel_with_ticket(event: TicketClosed) -> None:
    """A closed ticket needs no call: cancel it, unless it is being made at this moment."""
    callback = find_active(event.ticket_id, lock=True)
    if callback and callback.state is not State.DIALLING:
        _cancel(callback)


def find_active(ticket_id: UUID, *, lock: bool = False) -> Callback | None:
    """The callback of a ticket that has not ended, if there is one."""
    query = sa.select(Callback).where(Callback.ticket_id == ticket_id, Callback.state.in_(ACTIVE))
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def find_newest(ticket_id: UUID) -> Callback | None:
    """The callback of a ticket booked last, ended or not."""
    newest = sa.select(Callback).where(Callback.ticket_id == ticket_id).order_by(Callback.id.desc()).limit(1)
    return db.session.scalars(newest).one_or_none()


def get_callback(callback_id: UUID, *, ticket_id: UUID | None = None) -> Callback:
    """The callback, of that ticket if one is named; raises NotFound."""
    callback = db.session.get(Callback, callback_id)
    if callback is None or ticket_id not in (None, callback.ticket_id):
        raise NotFound
    return callback


def lock_callback(callback_id: UUID) -> Callback:
    """The callback as it is now, locked until the transaction ends; raises NotFound."""
    callback = db.session.get(Callback, callback_id, with_for_update=True, populate_existing=True)
    if callback is None:
        raise NotFound
    return callback


def promise_turn(callback: Callback) -> None:
    """Promise that this slot's call becomes due at its time, and the reminder before it."""
    promise(
        "callbacks.dispatch",
        due_at=callback.slot_start,
        dedupe=_dedupe("dispatch", callback),
        callback_id=callback.id,
        turn=callback.turn,
    )
    remind_at = callback.slot_start - REMINDED_BEFORE
    if remind_at > clock.now():
        promise(
            "callbacks.remind",
            due_at=remind_at,
            dedupe=_dedupe("remind", callback),
            callback_id=callback.id,
            turn=callback.turn,
        )


def withdraw_turn(callback: Callback) -> None:
    """Take back what was promised for this slot. A job that has begun finds that its turn is over."""
    withdraw(_dedupe("dispatch", callback))
    withdraw(_dedupe("remind", callback))


def next_turn(callback: Callback) -> None:
    """Count a new slot and promise its call."""
    callback.turn += 1
    db.session.flush()
    promise_turn(callback)


def _cancel(callback: Callback) -> None:
    withdraw_turn(callback)
    leave_seat(callback.id)
    callback.state, callback.ended_at = State.CANCELLED, clock.now()
    callback.lease_agent_id = callback.lease_until = None
    db.session.flush()
    record("callback", callback.id, "callback:booking:cancelled")


def _lock_of(callback_id: UUID, ticket_id: UUID | None) -> Callback:
    """The locked callback after its locked ticket: the order in which everybody locks."""
    lock_ticket(get_callback(callback_id, ticket_id=ticket_id).ticket_id)
    return lock_callback(callback_id)


def _seat(callback: Callback, slot_start: datetime | None) -> None:
    if slot_start is None:
        take_first_seat(callback)
    else:
        take_seat(callback, slot_start)


def _given_number(phone: str) -> str:
    read = read_number(phone)
    if isinstance(read, Refusal):
        raise NumberRefused(read.value)
    return read.e164


def _dedupe(verb: str, callback: Callback) -> str:
    return f"callbacks.{verb}:{callback.id}:{callback.turn}"
