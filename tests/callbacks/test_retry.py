"""When an unanswered call is made again."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_desk.callbacks.retry import MAX_ATTEMPTS, PartOfDay, next_attempt, part_of_day

ZONE = "Asia/Tokyo"


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(ZONE))


OPEN = [tokyo(day, hour, minute) for day in (25, 26) for hour in range(9, 20) for minute in (0, 15, 30, 45)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (tokyo(25, 10), tokyo(25, 12)),
        (tokyo(25, 11, 30), tokyo(25, 12, 30)),
        (tokyo(25, 11, 29), tokyo(25, 12, 30)),
        (tokyo(25, 12), tokyo(25, 17)),
        (tokyo(25, 16, 59), tokyo(25, 18)),
        (tokyo(25, 17), tokyo(26, 9)),
        (tokyo(25, 19, 45), tokyo(26, 9)),
    ],
)
def test_the_next_attempt_is_an_hour_later_in_another_part_of_the_day(at, expected):
    assert next_attempt(1, at, OPEN, ZONE) == expected


def test_the_third_attempt_is_the_last():
    assert next_attempt(2, tokyo(25, 10), OPEN, ZONE) is not None
    assert next_attempt(MAX_ATTEMPTS, tokyo(25, 10), OPEN, ZONE) is None


def test_without_a_free_seat_there_is_no_next_attempt():
    assert next_attempt(1, tokyo(25, 10), [], ZONE) is None
    assert next_attempt(1, tokyo(25, 10), [tokyo(25, 11, 30), tokyo(26, 9)], ZONE) is None


@pytest.mark.parametrize(
    ("hour", "part"),
    [(8, PartOfDay.MORNING), (11, PartOfDay.MORNING), (12, PartOfDay.AFTERNOON), (17, PartOfDay.EVENING)],
)
def test_parts_of_the_day_go_by_the_wall_clock(hour, part):
    assert part_of_day(tokyo(25, hour), ZONE) is part
    assert part_of_day(tokyo(25, hour).astimezone(UTC), ZONE) is part


@given(
    st.integers(0, 60 * 24 * 3),
    st.sets(st.integers(0, 96 * 4), max_size=60),
    st.integers(1, 4),
)
def test_it_is_the_first_slot_that_fits(minute, quarters, attempts):
    at = tokyo(24, 0) + timedelta(minutes=minute)
    slots = [tokyo(24, 0) + timedelta(minutes=15 * each) for each in sorted(quarters)]
    fitting = [
        slot
        for slot in slots
        if slot - at >= timedelta(hours=1)
        and ((slot.hour >= 12) + (slot.hour >= 17)) != ((at.hour >= 12) + (at.hour >= 17))
    ]
    assert next_attempt(attempts, at, slots, ZONE) == (min(fitting, default=None) if attempts < 3 else None)
