"""Many at once, with real commits: seats are never overbooked, calls never claimed twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from support_desk.callbacks import service
from support_desk.callbacks.errors import CallbackExists, LeaseLost, OutcomeRecorded, SlotTaken
from support_desk.callbacks.lifecycle import State
from support_desk.callbacks.models import Attempt, Callback, CallbackLanguage, NumberKind, Seat
from support_desk.core import clock
from support_desk.core.db import db, new_id, transaction
from tests.callbacks.bookings import a_call, a_colleague
from tests.tickets.cases import a_ticket


@pytest.fixture
def desk(real_db):
    """The application with real commits."""
    return real_db


def at_once(app, calls):
    """Run the calls in 16 threads, each in a transaction of its own; the results or refusals."""

    def run(call):
        with app.app_context():
            try:
                with transaction():
                    return call()
            except (SlotTaken, CallbackExists, LeaseLost, OutcomeRecorded) as refusal:
                return refusal.code

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(run, calls))


def given(app, make):
    with app.app_context(), transaction():
        return make()


def seat_counts(app):
    with app.app_context():
        rows = db.session.execute(sa.select(Seat.slot_start, sa.func.count()).group_by(Seat.slot_start))
        return Counter({row[0]: row[1] for row in rows})


def test_two_hundred_bookings_for_five_seats_give_exactly_five(desk):
    def prepare():
        for _ in range(5):
            a_colleague()
        return [a_ticket().id for _ in range(200)], service.list_slots("ja")[8].slot_start

    ticket_ids, slot_start = given(desk, prepare)
    booked = at_once(desk, [lambda ticket_id=each: a_call(ticket_id, slot_start).id for each in ticket_ids])
    assert Counter(each for each in booked if isinstance(each, str)) == {"slot_taken": 195}
    assert seat_counts(desk) == {slot_start: 5}
    with desk.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Callback)) == 5


def test_mixed_languages_never_overbook_agents_who_speak_both(desk):
    def prepare():
        a_colleague("ja")
        a_colleague("ja", "en")
        tickets = [a_ticket(language=language).id for _ in range(20) for language in ("ja", "en")]
        return tickets, service.list_slots("ja")[8].slot_start

    ticket_ids, slot_start = given(desk, prepare)
    at_once(desk, [lambda ticket_id=each: a_call(ticket_id, slot_start).id for each in ticket_ids])
    assert seat_counts(desk) == {slot_start: 2}
    with desk.app_context():
        english = db.session.scalars(sa.select(Seat).where(Seat.language == CallbackLanguage.EN)).all()
        assert len(english) <= 1


def test_as_soon_as_possible_fills_slot_after_slot(desk):
    def prepare():
        a_colleague()
        a_colleague()
        return [a_ticket().id for _ in range(20)]

    ticket_ids = given(desk, prepare)
    at_once(desk, [lambda ticket_id=each: a_call(ticket_id).id for each in ticket_ids])
    counts = seat_counts(desk)
    assert sorted(counts.values()) == [2] * 10
    with desk.app_context():
        free = [slot.slot_start for slot in service.list_slots("ja")]
    assert max(counts) < min(free)


def test_one_ticket_booking_twenty_times_at_once_gets_one_call(desk):
    def prepare():
        for _ in range(3):
            a_colleague()
        return a_ticket().id

    ticket_id = given(desk, prepare)
    booked = at_once(desk, [lambda: a_call(ticket_id).id] * 20)
    assert booked.count("callback_exists") == 19
    assert sum(seat_counts(desk).values()) == 1


def test_moves_in_opposite_directions_neither_hang_nor_overbook(desk):
    def prepare():
        for _ in range(2):
            a_colleague()
        first, second = (service.list_slots("ja")[index].slot_start for index in (8, 12))
        here = [a_call(a_ticket().id, first).id for _ in range(2)]
        there = [a_call(a_ticket().id, second).id for _ in range(1)]
        return [*((each, second) for each in here), *((each, first) for each in there)]

    moves = given(desk, prepare)

    def move(callback_id, slot_start):
        return service.move(callback_id, slot_start, ticket_id=None, seen=lambda version: None).id

    at_once(desk, [lambda call=each: move(*call) for each in moves * 3])
    assert all(count <= 2 for count in seat_counts(desk).values())
    assert sum(seat_counts(desk).values()) == 3


def due_calls(count):
    """Calls that are due; made without slots, as a night's backlog."""
    at = clock.now()
    calls = [
        Callback(
            id=new_id(),
            ticket_id=a_ticket().id,
            state=State.DUE,
            language=CallbackLanguage.JA,
            number_kind=NumberKind.GIVEN,
            number="+819012345678",
            consent_at=at,
            slot_start=at - timedelta(minutes=number),
            slot_end=at - timedelta(minutes=number - 15),
            due_at=at - timedelta(minutes=number),
            fence=0,
            attempts_count=0,
        )
        for number in range(count)
    ]
    db.session.add_all(calls)
    db.session.flush()
    return [call.id for call in calls]


def test_fifty_agents_claim_fifty_different_calls(desk):
    calls, agents = given(desk, lambda: (due_calls(50), [a_colleague() for _ in range(51)]))

    def claimed(agent_id):
        callback = service.claim_next(agent_id)
        return callback.id if callback else None

    got = at_once(desk, [lambda agent_id=each: claimed(agent_id) for each in agents])
    assert Counter(got) == {**dict.fromkeys(calls, 1), None: 1}


def test_one_agent_claiming_twenty_times_at_once_has_one_call(desk):
    _, agent_id = given(desk, lambda: (due_calls(20), a_colleague()))
    got = at_once(desk, [lambda: service.claim_next(agent_id).id] * 20)
    assert len(set(got)) == 1


def test_a_lease_that_ran_out_lets_only_the_new_holder_write(desk):
    def prepare():
        [callback_id] = due_calls(1)
        slow, quick = a_colleague(), a_colleague()
        service.claim_next(slow)
        callback = service.get_callback(callback_id)
        callback.lease_until = clock.now()
        db.session.flush()
        service.claim_next(quick)
        return callback_id, slow, quick

    callback_id, slow, quick = given(desk, prepare)

    def dial(agent_id):
        return service.start_attempt(callback_id, agent_id).attempt.number

    assert at_once(desk, [lambda agent_id=each: dial(agent_id) for each in (slow, quick)]) == ["lease_lost", 1]
    ended = at_once(
        desk,
        [
            lambda agent_id=each: service.record_outcome(callback_id, 1, agent_id, "connected", None).number
            for each in (slow, quick)
        ],
    )
    assert ended in (["lease_lost", 1], ["outcome_recorded", 1])
    with desk.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1
