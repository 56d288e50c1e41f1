"""When a job that failed is tried again: growing gaps, then the dead letters."""

from datetime import timedelta

# Seconds after the first, second, ... failed attempt; about nine hours in all before a person must look.
_GAPS = (2, 5, 15, 60, 300, 900, 1800, 3600, 7200, 10800, 10800)
MAX_ATTEMPTS = len(_GAPS) + 1


def gap_after(attempt: int) -> timedelta | None:
    """How long to wait after the failed attempt of this number (from 1); None: no more."""
    return timedelta(seconds=_GAPS[attempt - 1]) if attempt < MAX_ATTEMPTS else None
