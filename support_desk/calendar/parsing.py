"""Reads a business calendar from its TOML text."""

import tomllib
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from support_desk.calendar.hours import MIDNIGHT, QUIET_FROM, QUIET_UNTIL, BusinessCalendar, Hours

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
KEYS = {"zone", "weekly", "holidays", "year_end", "exceptions", "quiet"}


class CalendarUnreadable(ValueError):
    """The calendar's text has a fault; the message names the place."""


def parse_calendar(text: str, *, zone: str = "Asia/Tokyo") -> BusinessCalendar:
    """The calendar a TOML text describes.

    `zone`, `[weekly] monday = ["09:00-12:00", "13:00-18:00"]` (or `every_day`), `holidays` = "open", "closed" or
    hours, `year_end = ["12-29", "01-03"]`, `[exceptions] "2026-12-30" = []`, `quiet = "21:00-08:00"`: quiet hours
    may be made longer, never shorter. A text without a zone is of the given one. Raises CalendarUnreadable.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise CalendarUnreadable(str(fault)) from fault
    if unknown := set(raw) - KEYS:
        raise CalendarUnreadable(f"unknown: {', '.join(sorted(unknown))}")
    zone = str(raw.get("zone", zone))
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise CalendarUnreadable(f"zone: {zone}") from fault
    holidays = raw.get("holidays", "closed")
    quiet_from, quiet_until = _quiet(raw.get("quiet"))
    return BusinessCalendar(
        zone=zone,
        weekly=_weekly(raw.get("weekly", {})),
        holidays_closed=holidays != "open",
        holiday_hours=() if holidays in ("open", "closed") else _hours(holidays, "holidays"),
        year_end=_year_end(raw.get("year_end")),
        exceptions={_day(day): _hours(spans, day) for day, spans in raw.get("exceptions", {}).items()},
        quiet_from=quiet_from,
        quiet_until=quiet_until,
    )


def _weekly(raw: dict[str, Any]) -> dict[int, tuple[Hours, ...]]:
    if unknown := set(raw) - {*DAYS, "every_day"}:
        raise CalendarUnreadable(f"weekly: unknown {', '.join(sorted(unknown))}")
    every_day = raw.get("every_day", [])
    return {number: _hours(raw.get(name, every_day), name) for number, name in enumerate(DAYS)}


def _hours(raw: Any, place: str) -> tuple[Hours, ...]:
    if not isinstance(raw, list):
        raise CalendarUnreadable(f"{place}: a list of hours such as 09:00-18:00 is expected")
    try:
        return tuple(Hours(*_span(each, place)) for each in raw)
    except ValueError as fault:
        raise CalendarUnreadable(f"{place}: {fault}") from fault


def _span(raw: Any, place: str) -> tuple[time, time]:
    opens, dash, closes = str(raw).partition("-")
    try:
        if not dash:
            raise ValueError("no hyphen")
        return _time(opens), _time(closes)
    except ValueError as fault:
        raise CalendarUnreadable(f"{place}: {raw!r} is no span such as 09:00-18:00") from fault


def _time(text: str) -> time:
    text = text.strip()
    return MIDNIGHT if text == "24:00" else time.fromisoformat(text)


def _quiet(raw: Any) -> tuple[time, time]:
    if raw is None:
        return QUIET_FROM, QUIET_UNTIL
    start, end = _span(raw, "quiet")
    # The legal bound is the least there is: 21:00 or earlier until 08:00 or later.
    if not (time(12) <= start <= QUIET_FROM and QUIET_UNTIL <= end < time(12)):
        raise CalendarUnreadable("quiet: hours may be longer than 21:00-08:00, not shorter")
    return start, end


def _year_end(raw: Any) -> tuple[tuple[int, int], tuple[int, int]] | None:
    if raw is None:
        return None
    try:
        first, last = (date.fromisoformat(f"2000-{each}") for each in raw)
    except (TypeError, ValueError) as fault:
        raise CalendarUnreadable('year_end: two days such as ["12-29", "01-03"] are expected') from fault
    return (first.month, first.day), (last.month, last.day)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise CalendarUnreadable(f"exceptions: {text!r} is no date") from fault
