"""Announcements from a lower feature to those above it, inside the same transaction.

The subscribers are wired in `app.py`; one that fails makes the transaction fail.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

_subscribers: dict[type, list[Callable[[Any], object]]] = defaultdict(list)


def subscribe(kind: type, subscriber: Callable[[Any], object]) -> None:
    """Call `subscriber` with each announced event of this class."""
    if subscriber not in _subscribers[kind]:
        _subscribers[kind].append(subscriber)


def announce(event: object) -> None:
    """Tell every subscriber, at once and in this transaction."""
    for subscriber in _subscribers[type(event)]:
        subscriber(event)
