"""The calendar this desk runs on."""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from support_desk.calendar.hours import BusinessCalendar
from support_desk.calendar.parsing import CalendarUnreadable, parse_calendar
from support_desk.config import Settings, SettingsError
from support_desk.core import settings


def business_calendar() -> BusinessCalendar:
    """The desk's opening hours: the file of the settings, or every day as packaged; raises CalendarUnreadable."""
    chosen = settings.current()
    return _read(chosen.calendar_file, chosen.time_zone)


def check_calendar(chosen: Settings) -> None:
    """Refuse to start with a calendar that cannot be read; raises SettingsError."""
    try:
        _read(chosen.calendar_file, chosen.time_zone)
    except (CalendarUnreadable, OSError) as error:
        raise SettingsError(f"SUPPORT_DESK_CALENDAR_FILE: {error}") from None


@lru_cache(maxsize=8)
def _read(file: str, zone: str) -> BusinessCalendar:
    if file:
        return parse_calendar(Path(file).read_text(encoding="utf-8"), zone=zone)
    packaged = resources.files("support_desk.calendar").joinpath("default.toml")
    return parse_calendar(packaged.read_text(encoding="utf-8"), zone=zone)
