"""The one rule for calls that were not answered."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

MAX_ATTEMPTS = 3
LEAST_GAP = timedelta(minutes=60)


class PartOfDay(StrEnum):
    """People are at home and awake for a call in parts of the day, so that a retry takes another one."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


def part_of_day(at: datetime, zone: str) -> PartOfDay:
    """Morning until 12:00, afternoon until 17:00, evening after, by the zone's wall clock."""
    hour = at.astimezone(ZoneInfo(zone)).hour
    if hour < 12:
        return PartOfDay.MORNING
    return PartOfDay.AFTERNOON if hour < 17 else PartOfDay.EVENING


def next_attempt(attempts_count: int, at: datetime, free_slots: Iterable[datetime], zone: str) -> datetime | None:
    """When to ring again after an unanswered attempt at `at`; None when the callback is exhausted.

    `free_slots`: beginnings of slots with a free seat, in order. The attempts already made include this one.
    """
    if attempts_count >= MAX_ATTEMPTS:
        return None
    earliest, part = at + LEAST_GAP, part_of_day(at, zone)
    return next((slot for slot in free_slots if slot >= earliest and part_of_day(slot, zone) != part), None)
