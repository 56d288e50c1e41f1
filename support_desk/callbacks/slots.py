"""Which slots a desk can offer, and how many calls of each language fit into one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from uuid import UUID
from zoneinfo import ZoneInfo

from support_desk.calendar.hours import BusinessCalendar, Interval, since_midnight

DAY = timedelta(days=1)


@dataclass(frozen=True)
class ShiftHours:
    """One agent's weekly shift by the calendar's wall clock; it may cross midnight."""

    agent_id: UUID
    weekday: int
    starts_at: time
    ends_at: time
    languages: frozenset[str]

    @property
    def crosses_midnight(self) -> bool:
        return self.ends_at <= self.starts_at

    def covers(self, start: timedelta, end: timedelta) -> bool:
        """Whether the whole of `start`..`end`, counted from midnight of the shift's day, lies in it."""
        finish = since_midnight(self.ends_at) + (DAY if self.crosses_midnight else timedelta(0))
        return since_midnight(self.starts_at) <= start and end <= finish


@dataclass(frozen=True)
class Rules:
    """How slots are cut and how far ahead they are offered."""

    slot_minutes: int = 15
    handling_minutes: int = 15
    lead_minutes: int = 15
    horizon_days: int = 14

    def __post_init__(self) -> None:
        if not 0 < self.handling_minutes <= self.slot_minutes:
            raise ValueError("handling takes at least a minute and at most the slot")

    @property
    def calls_per_agent(self) -> int:
        return self.slot_minutes // self.handling_minutes

    def bookable_from(self, at: datetime) -> datetime:
        return at + timedelta(minutes=self.lead_minutes)

    def bookable_until(self, at: datetime) -> datetime:
        return at + timedelta(days=self.horizon_days)


@dataclass(frozen=True)
class Slot:
    """A bookable interval; `crews` are the languages of each agent on shift, `calls` what one agent takes."""

    starts_at: datetime
    ends_at: datetime
    crews: tuple[frozenset[str], ...]
    calls: int

    @property
    def seat_count(self) -> int:
        return len(self.crews) * self.calls

    def seats_for(self, languages: Iterable[str]) -> int:
        """The seats of all agents who speak at least one of the languages."""
        wanted = frozenset(languages)
        return sum(self.calls for crew in self.crews if crew & wanted)

    def free_seats(self, language: str, taken: Mapping[str, int]) -> int:
        """How many more calls of a language fit beside those taken, by language.

        An agent with two languages is one seat, not two: for every set of languages the calls taken in them
        must fit the agents who speak any of them (Hall's condition).
        """
        others = [each for each in taken if each != language and taken[each]]
        free = self.seats_for((language,)) - taken.get(language, 0)
        for size in range(1, len(others) + 1):
            for group in combinations(others, size):
                wanted = (language, *group)
                free = min(free, self.seats_for(wanted) - sum(taken.get(each, 0) for each in wanted))
        return max(free, 0)


def cut_slots(
    calendar: BusinessCalendar, shifts: Sequence[ShiftHours], rules: Rules, start: datetime, end: datetime
) -> Iterator[Slot]:
    """All slots beginning in `start`..`end` (aware) with at least one agent, in order.

    Slots lie on the local clock's grid from midnight, whole within one open interval.
    """
    zone = ZoneInfo(calendar.zone)
    length = timedelta(minutes=rules.slot_minutes)
    by_weekday: dict[int, list[ShiftHours]] = {day: [] for day in range(7)}
    for shift in shifts:
        by_weekday[shift.weekday].append(shift)
    for interval in calendar.open_between(start, end + length):
        starts_at = _on_grid(max(interval.starts_at, start), length, zone)
        while starts_at < end and starts_at + length <= interval.ends_at:
            if crews := _crews(starts_at, length, by_weekday, zone):
                ends_at = starts_at + length
                yield Slot(starts_at.astimezone(UTC), ends_at.astimezone(UTC), crews, rules.calls_per_agent)
            starts_at += length


def find_slot(
    calendar: BusinessCalendar, shifts: Sequence[ShiftHours], rules: Rules, starts_at: datetime
) -> Slot | None:
    """The slot that begins exactly at an instant, if the desk has one."""
    found = next(cut_slots(calendar, shifts, rules, starts_at, starts_at + timedelta(seconds=1)), None)
    return found if found and found.starts_at == starts_at else None


def window(rules: Rules, at: datetime, start: datetime | None, end: datetime | None) -> Interval | None:
    """The part of `start`..`end` in which slots may be offered at an instant; None when nothing is left."""
    first, last = rules.bookable_from(at), rules.bookable_until(at)
    first = max(first, start) if start else first
    last = min(last, end) if end else last
    return Interval(first, last) if first < last else None


def _crews(
    starts_at: datetime, length: timedelta, by_weekday: Mapping[int, Sequence[ShiftHours]], zone: ZoneInfo
) -> tuple[frozenset[str], ...]:
    """The languages of each agent who is on shift for the whole slot."""
    local = starts_at.astimezone(zone)
    passed, weekday = since_midnight(local.time()), local.weekday()
    on_shift = [each for each in by_weekday[weekday] if each.covers(passed, passed + length)]
    on_shift += [
        each
        for each in by_weekday[(weekday - 1) % 7]
        if each.crosses_midnight and each.covers(passed + DAY, passed + DAY + length)
    ]
    languages: dict[UUID, frozenset[str]] = {}
    for shift in on_shift:
        languages[shift.agent_id] = languages.get(shift.agent_id, frozenset()) | shift.languages
    return tuple(languages[agent_id] for agent_id in sorted(languages))


def _on_grid(at: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """The first grid point at or after an instant."""
    local = at.astimezone(zone)
    past = since_midnight(local.time()) % length
    return at if not past else at + (length - past)
