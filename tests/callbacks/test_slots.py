"""Slots and their seats against counting by hand."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support_desk.calendar.hours import BusinessCalendar, Hours
from support_desk.callbacks.slots import Rules, ShiftHours, Slot, find_slot, window
from support_desk.callbacks.slots import cut_slots as cutting

TOKYO = ZoneInfo("Asia/Tokyo")
JA, EN, BOTH = frozenset({"ja"}), frozenset({"en"}), frozenset({"ja", "en"})
ANNE, BEN = UUID(int=1), UUID(int=2)
EVERY_DAY = BusinessCalendar(
    weekly={day: (Hours(time(9), time(12)), Hours(time(13), time(20))) for day in range(7)}, holidays_closed=False
)


def a_shift(agent_id=ANNE, weekday=2, starts_at="09:00", ends_at="20:00", languages=JA) -> ShiftHours:
    return ShiftHours(
        agent_id, weekday, time.fromisoformat(starts_at), time.fromisoformat(ends_at), frozenset(languages)
    )


def cut_slots(*given) -> list[Slot]:
    return list(cutting(*given))


def tokyo(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


def starts(slots: list[Slot]) -> list[str]:
    return [f"{slot.starts_at.astimezone(TOKYO):%d %H:%M}" for slot in slots]


def test_slots_fill_the_open_hours_of_a_shift_and_stop_at_lunch():
    slots = cut_slots(EVERY_DAY, [a_shift(starts_at="11:30", ends_at="13:30")], Rules(), tokyo(25), tokyo(26))
    assert starts(slots) == ["25 11:30", "25 11:45", "25 13:00", "25 13:15"]
    assert all(slot.ends_at - slot.starts_at == timedelta(minutes=15) for slot in slots)


def test_a_slot_lies_whole_in_the_shift_and_in_the_opening():
    slots = cut_slots(EVERY_DAY, [a_shift(starts_at="09:10", ends_at="09:50")], Rules(), tokyo(25), tokyo(26))
    assert starts(slots) == ["25 09:15", "25 09:30"]
    late = BusinessCalendar(weekly={2: (Hours(time(9, 7), time(9, 40)),)})
    assert starts(cut_slots(late, [a_shift()], Rules(), tokyo(25), tokyo(26))) == ["25 09:15"]


@pytest.mark.parametrize(("handling", "seats"), [(15, 2), (8, 2), (7, 4), (5, 6), (4, 6), (1, 30)])
def test_seats_are_agents_times_the_calls_that_fit(handling, seats):
    slots = cut_slots(
        EVERY_DAY, [a_shift(), a_shift(BEN)], Rules(handling_minutes=handling), tokyo(25, 9), tokyo(25, 9, 15)
    )
    assert [slot.free_seats("ja", {}) for slot in slots] == [seats]


def test_an_agent_with_two_languages_is_one_seat():
    slot = Slot(tokyo(25, 9), tokyo(25, 9, 15), (BOTH, JA), 1)
    assert (slot.free_seats("ja", {}), slot.free_seats("en", {})) == (2, 1)
    assert slot.free_seats("ja", {"en": 1}) == 1
    assert slot.free_seats("en", {"ja": 1}) == 1
    assert slot.free_seats("en", {"ja": 2}) == 0
    assert slot.free_seats("en", {"en": 1}) == 0
    assert slot.free_seats("fr", {}) == 0


def test_two_shifts_of_one_agent_are_one_agent():
    shifts = [a_shift(languages=JA), a_shift(starts_at="08:00", ends_at="21:00", languages=EN)]
    [slot] = cut_slots(EVERY_DAY, shifts, Rules(), tokyo(25, 9), tokyo(25, 9, 15))
    assert slot.crews == (BOTH,)


def test_a_night_shift_reaches_into_the_next_day():
    night = BusinessCalendar(
        weekly={day: (Hours(time(0), time(0)),) for day in range(7)},
        quiet_from=time(3),
        quiet_until=time(3),
    )
    slots = cut_slots(night, [a_shift(starts_at="23:30", ends_at="00:30")], Rules(), tokyo(25), tokyo(27))
    assert starts(slots) == ["25 23:30", "25 23:45", "26 00:00", "26 00:15"]


def test_a_slot_is_found_by_its_exact_beginning():
    assert find_slot(EVERY_DAY, [a_shift()], Rules(), tokyo(25, 9, 15)) is not None
    for missing in (tokyo(25, 9, 10), tokyo(25, 9, 15) + timedelta(microseconds=1), tokyo(25, 12), tokyo(26, 9)):
        assert find_slot(EVERY_DAY, [a_shift()], Rules(), missing) is None


def test_slots_are_offered_from_the_lead_to_the_horizon():
    at = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    whole = window(Rules(), at, None, None)
    assert whole is not None
    assert (whole.starts_at, whole.ends_at) == (at + timedelta(minutes=15), at + timedelta(days=14))
    assert window(Rules(), at, at + timedelta(days=15), None) is None
    assert window(Rules(), at, None, at) is None
    asked = window(Rules(), at, at - timedelta(days=1), at + timedelta(days=1))
    assert asked is not None
    assert (asked.starts_at, asked.ends_at) == (at + timedelta(minutes=15), at + timedelta(days=1))


@pytest.mark.parametrize("handling", [0, 16])
def test_handling_takes_a_minute_to_a_slot(handling):
    with pytest.raises(ValueError):
        Rules(handling_minutes=handling)


crews = st.lists(st.sampled_from([JA, EN, BOTH, frozenset({"ko"}), frozenset({"ja", "ko"})]), max_size=5)


@given(crews, st.integers(1, 2), st.sampled_from(["ja", "en", "ko"]), st.data())
def test_free_seats_are_what_a_plan_of_calls_leaves_free(crew, calls, language, data):
    seats = [each for each in crew for _ in range(calls)]
    choices = data.draw(st.tuples(*(st.sampled_from(["", *sorted(each)]) for each in seats)))
    taken = {each: choices.count(each) for each in ("ja", "en", "ko")}
    slot = Slot(tokyo(25, 9), tokyo(25, 9, 15), tuple(crew), calls)

    def fits(calls_by_language: dict[str, int]) -> bool:
        """Whether some assignment of languages to seats serves at least these calls (all tried)."""
        if len(seats) > 7:
            return _by_flow(seats, calls_by_language)
        return any(
            all(plan.count(each) >= wanted for each, wanted in calls_by_language.items())
            for plan in product(*(["", *each] for each in seats))
        )

    expected = 0
    while fits({**taken, language: taken[language] + expected + 1}):
        expected += 1
    assert slot.free_seats(language, taken) == expected


def _by_flow(seats, wanted) -> bool:
    """Whether calls can be matched to seats (augmenting paths)."""
    calls = [each for each, count in wanted.items() for _ in range(count)]
    holder: dict[int, int] = {}

    def place(call: int, seen: set[int]) -> bool:
        for seat, languages in enumerate(seats):
            if calls[call] in languages and seat not in seen:
                seen.add(seat)
                if seat not in holder or place(holder[seat], seen):
                    holder[seat] = call
                    return True
        return False

    return all(place(call, set()) for call in range(len(calls)))


quarter_hours = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            ShiftHours,
            agent_id=st.sampled_from([ANNE, BEN]),
            weekday=st.integers(0, 6),
            starts_at=quarter_hours,
            ends_at=quarter_hours,
            languages=st.sampled_from([JA, EN, BOTH]),
        ),
        max_size=5,
    ),
    st.dates(date(2026, 11, 20), date(2026, 12, 5)),
    st.sampled_from([10, 15, 20, 30]),
)
def test_slots_are_those_in_which_every_minute_is_open_and_staffed(shifts, day, minutes):
    calendar = BusinessCalendar(weekly={n: EVERY_DAY.weekly[n] for n in range(6)})
    midnight = datetime.combine(day, time(0), tzinfo=TOKYO)
    rules = Rules(slot_minutes=minutes, handling_minutes=minutes)
    found = {
        slot.starts_at: slot.seat_count
        for slot in cut_slots(calendar, shifts, rules, midnight, midnight + timedelta(days=1))
    }

    def on_shift(shift: ShiftHours, at: datetime) -> bool:
        if shift.starts_at < shift.ends_at:
            return at.weekday() == shift.weekday and shift.starts_at <= at.time() < shift.ends_at
        yesterday = (at - timedelta(days=1)).weekday()
        return (at.weekday() == shift.weekday and at.time() >= shift.starts_at) or (
            yesterday == shift.weekday and at.time() < shift.ends_at
        )

    expected = {}
    for index in range(24 * 60 // minutes):
        start = midnight + timedelta(minutes=index * minutes)
        span = [start + timedelta(minutes=each) for each in range(minutes)]
        if all(calendar.is_open_at(at) for at in span):
            agents = {shift.agent_id for shift in shifts if all(on_shift(shift, at) for at in span)}
            if agents:
                expected[start.astimezone(UTC)] = len(agents)
    assert found == expected
