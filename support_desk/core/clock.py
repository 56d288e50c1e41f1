"""Business time: the one place that knows what time it is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_shift = timedelta(0)


def set_shift(shift: timedelta) -> None:
    """Move the business time of this process (development only; Settings refuses it in production)."""
    global _shift
    _shift = shift


def now() -> datetime:
    """Business time, aware, in UTC."""
    return datetime.now(UTC) + _shift


def wall() -> datetime:
    """Real time, for heartbeats and leases between processes, never for a business decision."""
    return datetime.now(UTC)


def today(zone: str = "Asia/Tokyo") -> date:
    """The business date in a zone."""
    return now().astimezone(ZoneInfo(zone)).date()
