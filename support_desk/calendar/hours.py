"""Opening hours as plain values: the wall clock of one zone decides, instants are aware UTC."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import jpholiday

MIDNIGHT = time(0)
DAY = timedelta(days=1)

# Calls to consumers between 21:00 and 08:00 are what Japanese practice and law (moneylenders' and
# distance-selling rules) treat as intrusion: no setting of the calendar can open them.
QUIET_FROM = time(21)
QUIET_UNTIL = time(8)


@dataclass(frozen=True, order=True)
class Hours:
    """A span of one day's wall clock, end not included; `closes` 00:00 means the end of the day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("hours are wall clock times without a zone")
        if self.closes != MIDNIGHT and self.closes <= self.opens:
            raise ValueError(f"hours close before they open: {self.opens}-{self.closes}")

    @property
    def start(self) -> timedelta:
        return since_midnight(self.opens)

    @property
    def end(self) -> timedelta:
        return DAY if self.closes == MIDNIGHT else since_midnight(self.closes)


@dataclass(frozen=True, order=True)
class Interval:
    """An interval of instants, end not included."""

    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class BusinessCalendar:
    """The desk's opening hours.

    `weekly` maps 0 (Monday) to 6 (Sunday) to that day's hours; a missing day is closed.
    What decides a day, first match: an exception, the year-end closure, a holiday, the weekly hours.
    Quiet hours are taken from whatever was decided.
    """

    zone: str = "Asia/Tokyo"
    weekly: Mapping[int, tuple[Hours, ...]] = field(default_factory=dict)
    holidays_closed: bool = True
    holiday_hours: tuple[Hours, ...] = ()
    year_end: tuple[tuple[int, int], tuple[int, int]] | None = None
    exceptions: Mapping[date, tuple[Hours, ...]] = field(default_factory=dict)
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """Opening hours of a local day by the wall clock: merged, sorted, without quiet hours."""
        return without_quiet(merged(self._decided_on(day)), self.quiet_from, self.quiet_until)

    def open_intervals(self, day: date) -> list[Interval]:
        """The instants of a local day when the desk is open, in order."""
        found = [
            Interval(max(starts_at, segment.starts_at), min(ends_at, segment.ends_at))
            for segment, offset in _segments(day, ZoneInfo(self.zone))
            for hours in self.hours_on(day)
            for starts_at, ends_at in [(_instant(day, hours.start, offset), _instant(day, hours.end, offset))]
            if max(starts_at, segment.starts_at) < min(ends_at, segment.ends_at)
        ]
        return _joined(found)

    def open_between(self, start: datetime, end: datetime) -> list[Interval]:
        """The open intervals cut to `start`..`end` (aware)."""
        day, last = self.local_day(start), self.local_day(end)
        found = []
        while day <= last:
            for each in self.open_intervals(day):
                cut = Interval(max(each.starts_at, start), min(each.ends_at, end))
                if cut.starts_at < cut.ends_at:
                    found.append(cut)
            day += DAY
        return _joined(found)

    def is_open_at(self, at: datetime) -> bool:
        """Whether the desk is open at an instant (aware)."""
        local = at.astimezone(ZoneInfo(self.zone))
        passed = since_midnight(local.time())
        return any(hours.start <= passed < hours.end for hours in self.hours_on(local.date()))

    def next_opening(self, at: datetime, *, within_days: int = 366) -> datetime | None:
        """The first open instant at or after `at`; None when nothing opens within the given days."""
        day = self.local_day(at)
        for step in range(within_days + 1):
            for each in self.open_intervals(day + step * DAY):
                if each.ends_at > at:
                    return max(each.starts_at, at)
        return None

    def local_day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    def _decided_on(self, day: date) -> tuple[Hours, ...]:
        if day in self.exceptions:
            return self.exceptions[day]
        if self.year_end is not None and in_year_end(day, *self.year_end):
            return ()
        if self.holidays_closed and jpholiday.is_holiday(day):
            return self.holiday_hours
        return self.weekly.get(day.weekday(), ())


def in_year_end(day: date, first: tuple[int, int], last: tuple[int, int]) -> bool:
    """Whether (month, day) lies in a closure, both ends included, that may cross New Year."""
    here = (day.month, day.day)
    return first <= here <= last if first <= last else here >= first or here <= last


def merged(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    """The same opening time as sorted hours that neither overlap nor touch."""
    spans: list[tuple[timedelta, timedelta]] = []
    for each in sorted(hours):
        if spans and each.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], each.end))
        else:
            spans.append((each.start, each.end))
    return tuple(_hours(start, end) for start, end in spans)


def without_quiet(hours: tuple[Hours, ...], quiet_from: time, quiet_until: time) -> tuple[Hours, ...]:
    """Hours less the quiet time, which may cross midnight; equal ends mean no quiet time."""
    if quiet_from == quiet_until:
        return hours
    start, end = since_midnight(quiet_from), since_midnight(quiet_until)
    loud = [(end, start)] if start > end else [(timedelta(0), start), (end, DAY)]
    return tuple(
        _hours(max(each.start, first), min(each.end, last))
        for each in hours
        for first, last in loud
        if max(each.start, first) < min(each.end, last)
    )


def since_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond)


def _hours(start: timedelta, end: timedelta) -> Hours:
    base = datetime(2000, 1, 1)  # noqa: DTZ001 - only a ruler for wall clock times
    return Hours((base + start).time(), (base + end).time())


def _instant(day: date, passed: timedelta, offset: timedelta) -> datetime:
    return datetime.combine(day, MIDNIGHT, tzinfo=UTC) + passed - offset


def _joined(found: list[Interval]) -> list[Interval]:
    joined: list[Interval] = []
    for each in sorted(found):
        if joined and each.starts_at <= joined[-1].ends_at:
            joined[-1] = Interval(joined[-1].starts_at, max(joined[-1].ends_at, each.ends_at))
        else:
            joined.append(each)
    return joined


def _segments(day: date, zone: ZoneInfo) -> list[tuple[Interval, timedelta]]:
    """A local day as stretches of one UTC offset: one, or two on a day when the clocks change."""
    start = datetime.combine(day, MIDNIGHT, tzinfo=zone).astimezone(UTC)
    end = datetime.combine(day + DAY, MIDNIGHT, tzinfo=zone).astimezone(UTC)
    if start >= end:  # a zone that skipped a whole day
        return []
    first, last = _offset(start, zone), _offset(end - timedelta(seconds=1), zone)
    if first == last:
        return [(Interval(start, end), first)]
    before, after = start, end - timedelta(seconds=1)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        before, after = (middle, after) if _offset(middle, zone) == first else (before, middle)
    return [(Interval(start, after), first), (Interval(after, end), last)]


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)
