"""The help menu with the phone line: its number, and whether somebody answers now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from support_desk.calendar.hours import Interval
from support_desk.calendar.service import business_calendar
from support_desk.core import clock, settings
from support_desk.intake.help_topics import HelpTopic, help_menu


@dataclass(frozen=True)
class PhoneLine:
    """The phone line today; `opens_at` only while it is closed, `closes_at` only while it is open."""

    number: str | None
    open_now: bool
    opens_at: datetime | None
    closes_at: datetime | None
    hours_today: list[Interval]
    time_zone: str


@dataclass(frozen=True)
class Help:
    """The help menu and the phone line."""

    language: str
    title: str
    topics: list[HelpTopic]
    phone_line: PhoneLine


def show_help(language: str) -> Help:
    """The help menu in `ja` or `en`, with the phone line as it is at this moment."""
    menu = help_menu(language)
    return Help(menu.language, menu.title, list(menu.topics), phone_line(clock.now()))


def phone_line(at: datetime) -> PhoneLine:
    """The phone line at a moment."""
    calendar = business_calendar()
    today = calendar.open_intervals(calendar.local_day(at))
    open_until = next((each.ends_at for each in today if each.holds(at)), None)
    return PhoneLine(
        number=settings.current().phone_line or None,
        open_now=open_until is not None,
        opens_at=None if open_until else calendar.next_opening(at),
        closes_at=open_until,
        hours_today=today,
        time_zone=calendar.zone,
    )
