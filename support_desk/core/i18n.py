"""Languages people are spoken to in, and how dates and times are written for them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LANGUAGES = ("ja", "en")
_JA_WEEKDAYS = "月火水木金土日"


def format_on(day: date, language: str) -> str:
    """A date with its weekday: 2026年11月25日(水) or Wed 25 Nov 2026."""
    if language == "ja":
        return f"{day.year}年{day.month}月{day.day}日({_JA_WEEKDAYS[day.weekday()]})"
    return f"{day:%a} {day.day} {day:%b %Y}"


def format_when(at: datetime, language: str, zone: str = "Asia/Tokyo") -> str:
    """A date and time in the desk's zone, with its weekday."""
    local = at.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M}"
    suffix = "" if language == "ja" else " JST" if zone == "Asia/Tokyo" else f" {local:%Z}"
    return f"{format_on(local.date(), language)} {clock}{suffix}"
