"""The calendar against a wall clock read minute by minute."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support_desk.calendar.hours import BusinessCalendar, Hours, Interval, in_year_end, merged

TOKYO = ZoneInfo("Asia/Tokyo")
WORKDAY = (Hours(time(9), time(12)), Hours(time(13), time(18)))
MINUTE = timedelta(minutes=1)


def a_calendar(**changes) -> BusinessCalendar:
    weekly = dict.fromkeys(range(5), WORKDAY)
    return BusinessCalendar(**{"weekly": weekly, "year_end": ((12, 29), (1, 3)), **changes})


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (tokyo(2026, 11, 24, 8, 59, 59), False),
        (tokyo(2026, 11, 24, 9), True),
        (tokyo(2026, 11, 24, 11, 59, 59), True),
        (tokyo(2026, 11, 24, 12), False),  # lunch closes
        (tokyo(2026, 11, 24, 13), True),
        (tokyo(2026, 11, 24, 18), False),
        (tokyo(2026, 11, 22, 10), False),  # Sunday
        (tokyo(2026, 11, 23, 10), False),  # 勤労感謝の日
        (tokyo(2026, 9, 22, 10), False),  # 国民の休日 between two holidays
        (tokyo(2026, 5, 6, 10), False),  # 振替休日
        (tokyo(2026, 12, 28, 10), True),
        (tokyo(2026, 12, 29, 10), False),
        (tokyo(2027, 1, 3, 10), False),
        (tokyo(2027, 1, 4, 10), True),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), False),
    ],
)
def test_open_by_weekly_hours_holidays_and_closure(at, is_open):
    assert a_calendar().is_open_at(at) is is_open


def test_an_exception_opens_a_holiday_and_closes_a_workday():
    calendar = a_calendar(exceptions={date(2026, 11, 23): (Hours(time(10), time(11)),), date(2026, 11, 24): ()})
    assert calendar.is_open_at(tokyo(2026, 11, 23, 10, 30))
    assert not calendar.is_open_at(tokyo(2026, 11, 24, 10, 30))


def test_holidays_may_be_ordinary_days_or_have_hours_of_their_own():
    weekly = dict.fromkeys(range(7), WORKDAY)
    assert a_calendar(weekly=weekly, holidays_closed=False).is_open_at(tokyo(2026, 11, 23, 9))
    short = a_calendar(weekly=weekly, holiday_hours=(Hours(time(10), time(11)),))
    assert not short.is_open_at(tokyo(2026, 11, 23, 9))
    assert short.is_open_at(tokyo(2026, 11, 23, 10))


def test_quiet_hours_bound_whatever_the_calendar_says():
    all_day = (Hours(time(0), time(0)),)
    calendar = BusinessCalendar(weekly=dict.fromkeys(range(7), all_day), exceptions={date(2026, 11, 23): all_day})
    assert calendar.open_intervals(date(2026, 11, 23)) == [
        Interval(tokyo(2026, 11, 23, 8), tokyo(2026, 11, 23, 21))
    ]
    assert not calendar.is_open_at(tokyo(2026, 11, 23, 7, 59, 59))
    assert not calendar.is_open_at(tokyo(2026, 11, 23, 21))


def test_next_opening_skips_weekend_holiday_and_lunch():
    calendar = a_calendar()
    assert calendar.next_opening(tokyo(2026, 11, 20, 18)) == tokyo(2026, 11, 24, 9)
    assert calendar.next_opening(tokyo(2026, 11, 24, 12)) == tokyo(2026, 11, 24, 13)
    assert calendar.next_opening(tokyo(2026, 11, 24, 9, 30)) == tokyo(2026, 11, 24, 9, 30)
    assert BusinessCalendar().next_opening(tokyo(2026, 11, 24, 9)) is None


@pytest.mark.parametrize(
    ("day", "closed"), [((12, 28), False), ((12, 29), True), ((1, 1), True), ((1, 3), True), ((1, 4), False)]
)
def test_year_end_crosses_new_year(day, closed):
    assert in_year_end(date(2027, *day), (12, 29), (1, 3)) is closed


def test_hours_must_close_after_they_open():
    with pytest.raises(ValueError):
        Hours(time(18), time(9))


def test_clock_changes_shorten_and_lengthen_the_night():
    weekly = {day: (Hours(time(0), time(6)),) for day in range(7)}
    calendar = BusinessCalendar(
        zone="America/New_York",
        weekly=weekly,
        holidays_closed=False,
        quiet_from=time(21),
        quiet_until=time(21),
    )

    def hours_open(day: date) -> float:
        return sum((each.ends_at - each.starts_at).total_seconds() for each in calendar.open_intervals(day)) / 3600

    assert [hours_open(date(2026, 3, day)) for day in (7, 8, 9)] == [6, 5, 6]
    assert [hours_open(date(2026, 11, day)) for day in (1, 2)] == [7, 6]


minutes = st.integers(0, 24 * 60 - 1)


def _clock(minute: int) -> time:
    return time(minute // 60, minute % 60)


spans = st.lists(
    st.tuples(minutes, minutes)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: Hours(_clock(min(pair)), _clock(max(pair)))),
    max_size=4,
).map(tuple)
days = st.dates(date(2025, 12, 20), date(2027, 1, 10))
calendars = st.builds(
    BusinessCalendar,
    zone=st.sampled_from(["Asia/Tokyo", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]),
    weekly=st.dictionaries(st.integers(0, 6), spans),
    holidays_closed=st.booleans(),
    holiday_hours=spans,
    year_end=st.sampled_from([None, ((12, 29), (1, 3)), ((8, 12), (8, 16))]),
    exceptions=st.dictionaries(days, spans, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(calendar=calendars, day=days)
def test_open_intervals_hold_exactly_the_open_minutes(calendar, day):
    zone = ZoneInfo(calendar.zone)
    intervals = calendar.open_intervals(day)
    assert intervals == sorted(intervals)
    assert all(each.starts_at < each.ends_at for each in intervals)
    assert all(left.ends_at < right.starts_at for left, right in pairwise(intervals))
    at = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
    while at.astimezone(zone).date() == day:
        wall = at.astimezone(zone).time()
        expected = any(each.opens <= wall < each.closes for each in calendar._decided_on(day))
        expected = expected and time(8) <= wall < time(21)
        assert calendar.is_open_at(at) is expected
        assert any(each.holds(at) for each in intervals) is expected
        at += MINUTE


@settings(max_examples=40, deadline=None)
@given(calendar=calendars, day=days, minute=minutes)
def test_next_opening_is_the_first_open_minute(calendar, day, minute):
    at = datetime.combine(day, _clock(minute), tzinfo=UTC)
    found = calendar.next_opening(at, within_days=2)
    step, last = at, at + timedelta(days=2)
    while step < last and not calendar.is_open_at(step):
        step += MINUTE
    if step < last:
        assert found == step
    else:
        assert found is None or found >= last


@settings(max_examples=60)
@given(spans)
def test_merging_keeps_the_same_minutes(hours):
    def covered(all_hours):
        return {m for m in range(1440) for h in all_hours if h.start <= timedelta(minutes=m) < h.end}

    assert covered(merged(hours)) == covered(hours)
