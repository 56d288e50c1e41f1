"""Free slots, and the seats that are taken in them."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

import sqlalchemy as sa

from support_desk.agents.service import list_shifts
from support_desk.calendar.service import business_calendar
from support_desk.callbacks.errors import NoSlotFree, SlotNotOffered, SlotTaken
from support_desk.callbacks.lifecycle import WAITING
from support_desk.callbacks.models import Callback, NumberKind, Seat
from support_desk.callbacks.slots import Rules, ShiftHours, Slot, cut_slots, find_slot, window
from support_desk.core import clock, settings
from support_desk.core.db import db
from support_desk.core.errors import InvalidCursor
from support_desk.core.paging import Page
from support_desk.core.secrets import mac, verify_mac
from support_desk.tickets.models import Ticket

# Advisory locks of slots, apart from those of others: this number and the slot's minute.
SLOT_LOCK = 0x5EA7
# A ticket resolves within seconds; one that did not in half an hour rests on what its claimant knows.
SETTLED_AFTER = timedelta(minutes=30)
CURSOR = "callbacks.slots"
MAC_BYTES = 32


@dataclass(frozen=True)
class FreeSlot:
    """A slot one can book in a language."""

    slot_start: datetime
    slot_end: datetime
    language: str
    free_seats: int


def slot_rules() -> Rules:
    """The rules of slots as the settings have them."""
    chosen = settings.current()
    return Rules(
        slot_minutes=chosen.slot_minutes,
        handling_minutes=chosen.handling_minutes,
        lead_minutes=chosen.callback_lead_minutes,
        horizon_days=chosen.callback_horizon_days,
    )


def list_slots(language: str, start: datetime | None = None, end: datetime | None = None) -> list[FreeSlot]:
    """The slots beginning in `start`..`end` with a free seat, in order, as far as they may be booked now."""
    return list(free_slots(language, start, end))


def free_slots(language: str, start: datetime | None = None, end: datetime | None = None) -> Iterator[FreeSlot]:
    """As `list_slots`, one after the other: whoever needs the first few does not pay for two weeks."""
    rules = slot_rules()
    offered = window(rules, clock.now(), start, end)
    if offered is None:
        return
    taken = _taken_between(offered.starts_at, offered.ends_at)
    for slot in cut_slots(business_calendar(), _shifts(), rules, offered.starts_at, offered.ends_at):
        if seats := slot.free_seats(language, taken.get(slot.starts_at, {})):
            yield FreeSlot(slot.starts_at, slot.ends_at, language, seats)


def page_slots(
    language: str, start: datetime | None, end: datetime | None, *, limit: int, cursor: str | None
) -> Page[FreeSlot]:
    """One page of the free slots; raises InvalidCursor."""
    scope = f"{language}:{start}:{end}"
    first = _read_cursor(cursor, scope) if cursor else start
    slots = list(islice(free_slots(language, first, end), limit + 1))
    return Page(slots[:limit], _write_cursor(slots[limit].slot_start, scope) if len(slots) > limit else None)


def take_seat(callback: Callback, starts_at: datetime) -> None:
    """Give the callback a seat of the slot that begins at an instant, in place of the one it has.

    Raises SlotNotOffered for a slot that may not be booked now, SlotTaken for one without a free seat.
    """
    rules, at = slot_rules(), clock.now()
    if starts_at.tzinfo is None or not rules.bookable_from(at) <= starts_at <= rules.bookable_until(at):
        raise SlotNotOffered
    slot = find_slot(business_calendar(), _shifts(), rules, starts_at)
    if slot is None:
        raise SlotNotOffered
    if not _seated(callback, slot):
        raise SlotTaken


def take_first_seat(callback: Callback) -> None:
    """Give the callback the earliest free seat there is; raises NoSlotFree."""
    for free in free_slots(callback.language.value):
        if take_free_seat(callback, free.slot_start):
            return
    raise NoSlotFree


def take_free_seat(callback: Callback, starts_at: datetime) -> bool:
    """Give the callback a seat of a slot that was listed as free; False when it was taken meanwhile."""
    slot = find_slot(business_calendar(), _shifts(), slot_rules(), starts_at)
    return slot is not None and _seated(callback, slot)


def leave_seat(callback_id: UUID) -> None:
    """Give back the seat a callback holds, if any."""
    db.session.execute(sa.delete(Seat).where(Seat.callback_id == callback_id))


def release_unresolved_seats() -> int:
    """Give back seats that unresolved tickets hold for the number on file, beyond their share of a day's seats.

    One seat in ten (a setting) stays with those who booked first. The callback itself stays as it is and ends at
    its time like any other without a number: nobody can tell from it whether an account was found.
    """
    at, zone = clock.now(), business_calendar()
    held: dict[object, list[UUID]] = defaultdict(list)
    for slot_start, callback_id in db.session.execute(
        sa.select(Seat.slot_start, Seat.callback_id)
        .join(Callback, Callback.id == Seat.callback_id)
        .join(Ticket, Ticket.id == Callback.ticket_id)
        .where(
            Callback.number_kind == NumberKind.ON_FILE,
            Callback.state.in_(WAITING),
            Callback.created_at <= at - SETTLED_AFTER,
            Ticket.account_id.is_(None),
            Seat.slot_start > at,
        )
        .order_by(Callback.created_at, Callback.id)
    ):
        held[zone.local_day(slot_start)].append(callback_id)
    released = [each for waiting in held.values() for each in waiting[_share_of_day(waiting) :]]
    if released:
        db.session.execute(sa.delete(Seat).where(Seat.callback_id.in_(released)))
    return len(released)


def _write_cursor(at: datetime, scope: str) -> str:
    text = at.isoformat()
    return urlsafe_b64encode(mac(CURSOR, scope, text) + text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, scope: str) -> datetime:
    try:
        raw = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
        signature, text = raw[:MAC_BYTES], raw[MAC_BYTES:].decode()
    except ValueError:
        raise InvalidCursor from None
    if not verify_mac(CURSOR, signature, scope, text):
        raise InvalidCursor
    return datetime.fromisoformat(text)


def _share_of_day(waiting: list[UUID]) -> int:
    """How many seats of the day that the first of these callbacks is booked for stay with unresolved tickets."""
    share = settings.current().unresolved_seat_share
    first = db.session.scalars(sa.select(Seat.slot_start).where(Seat.callback_id == waiting[0])).one()
    day = business_calendar().open_intervals(business_calendar().local_day(first))
    if share <= 0 or not day:
        return 0
    slots = cut_slots(business_calendar(), _shifts(), slot_rules(), day[0].starts_at, day[-1].ends_at)
    return sum(slot.seat_count for slot in slots) // share


def _shifts() -> list[ShiftHours]:
    return [
        ShiftHours(each.agent_id, each.weekday, each.starts_at, each.ends_at, frozenset(each.languages))
        for each in list_shifts()
    ]


def _taken_between(start: datetime, end: datetime) -> dict[datetime, dict[str, int]]:
    taken: dict[datetime, dict[str, int]] = defaultdict(dict)
    counted = (
        sa.select(Seat.slot_start, Seat.language, sa.func.count())
        .where(Seat.slot_start >= start, Seat.slot_start < end)
        .group_by(Seat.slot_start, Seat.language)
    )
    for slot_start, language, count in db.session.execute(counted):
        taken[slot_start][language.value] = count
    return taken


def _seated(callback: Callback, slot: Slot) -> bool:
    """Whether the callback got a seat of the slot.

    Those who want the same slot wait for each other, so that each counts what the others took. Whoever needs
    several slots takes them in the order of time: no two can wait for one another.
    """
    minute = int(slot.starts_at.timestamp()) // 60
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(SLOT_LOCK, minute)))
    numbers = set(db.session.scalars(sa.select(Seat.seat_no).where(Seat.slot_start == slot.starts_at)))
    taken = _taken_between(slot.starts_at, slot.ends_at).get(slot.starts_at, {})
    free = next(_free_numbers(slot, numbers), None)
    if free is None or slot.free_seats(callback.language.value, taken) < 1:
        return False
    leave_seat(callback.id)
    callback.slot_start, callback.slot_end, callback.due_at = slot.starts_at, slot.ends_at, slot.starts_at
    db.session.add(callback)
    db.session.flush()
    db.session.add(
        Seat(slot_start=slot.starts_at, seat_no=free, language=callback.language, callback_id=callback.id)
    )
    db.session.flush()
    return True


def _free_numbers(slot: Slot, taken: set[int]) -> Iterator[int]:
    return (number for number in range(1, slot.seat_count + 1) if number not in taken)
