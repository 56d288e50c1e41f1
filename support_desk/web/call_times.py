"""Times of calls for people: the phone line's hours, and the free times for a call from us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from support_desk.callbacks import service as callbacks
from support_desk.core import clock, settings
from support_desk.core.i18n import format_on
from support_desk.intake.help_service import PhoneLine
from support_desk.web.site import when

# A week of free times is choice enough; a list of more is hard to use on a phone.
OFFERED = timedelta(days=7)
MOST_CHOICES = 250


@dataclass(frozen=True)
class PhoneHours:
    """The phone line in words."""

    number: str
    open_now: bool
    today: str
    opens: str | None

    @classmethod
    def of(cls, line: PhoneLine, language: str) -> PhoneHours | None:
        """The phone line, if there is one."""
        if line.number is None:
            return None
        zone = ZoneInfo(line.time_zone)
        today = ", ".join(
            f"{each.starts_at.astimezone(zone):%H:%M}–{each.ends_at.astimezone(zone):%H:%M}"
            for each in line.hours_today
        )
        opens = when(line.opens_at, language) if line.opens_at else None
        return cls(phone_for_people(line.number, language), line.open_now, today, opens)


@dataclass(frozen=True)
class CallTime:
    """A time that can be chosen."""

    value: str
    text: str


@dataclass(frozen=True)
class CallDay:
    """The free times of one day."""

    text: str
    times: list[CallTime]


def free_times(language: str, *, spoken: str | None = None) -> list[CallDay]:
    """The free times of the next days by day, in a language; `spoken`: the language of the call, if another."""
    at = clock.now()
    slots = callbacks.list_slots(spoken or language, at, at + OFFERED)[:MOST_CHOICES]
    times = [(slot.slot_start, when(slot.slot_start, language)) for slot in slots]
    return [
        CallDay(day, [CallTime(start.isoformat(), text) for start, text in group])
        for day, group in groupby(times, key=lambda time: _day(time[0], language))
    ]


def _day(at: datetime, language: str) -> str:
    return format_on(at.astimezone(ZoneInfo(settings.current().time_zone)).date(), language)


def phone_for_people(number: str, language: str) -> str:
    """A number as people write it: 03-1234-5678, or +81 3-1234-5678 for readers of English."""
    try:
        parsed = phonenumbers.parse(number, "JP")
    except phonenumbers.NumberParseException:
        return number
    # A free number is dialled from within the country alone.
    free = phonenumbers.number_type(parsed) == PhoneNumberType.TOLL_FREE
    form = PhoneNumberFormat.NATIONAL if language == "ja" or free else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
