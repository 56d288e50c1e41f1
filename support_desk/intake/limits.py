"""How often an identifier or a network may open a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from support_desk.core.budgets import Rule, spend
from support_desk.core.errors import TooManyRequests
from support_desk.core.http import client_network
from support_desk.tickets.identifiers import Identifier

_HOUR = timedelta(hours=1)
_DAY = timedelta(hours=24)
_MONTH = timedelta(days=30)

PER_IDENTIFIER = (
    Rule("tickets_hour", 3, _HOUR),
    Rule("tickets_day", 5, _DAY),
    Rule("tickets_month", 10, _MONTH),
)
CASE_LINKS = Rule("case_links_day", 3, _DAY)
POSTAL_CODES = Rule("reset_postal_codes_day", 5, _DAY)
# Carriers put many people behind one IPv4 address; an IPv6 /64 is one household.
_NETWORK_LIMITS = {4: 300, 6: 60}


def spend_network(name: str, *, at: datetime) -> None:
    """Count one request of this visitor's network; raises TooManyRequests beyond the hour's limit."""
    version, network = client_network()
    rule = Rule(f"network_{name}", _NETWORK_LIMITS[version], _HOUR)
    if not spend(f"network:{network}", rule, at=at):
        raise TooManyRequests(retry_after_seconds=600)


def spend_identifiers(
    identifiers: Sequence[Identifier], own: Sequence[Identifier] = (), *, at: datetime
) -> tuple[bool, bool]:
    """Count one ticket of each identifier; returns whether all were within their budget, and the `own` ones."""
    within = within_own = True
    for found in sorted(identifiers, key=lambda each: each.key):
        for rule in PER_IDENTIFIER:
            spent = spend(found.key, rule, at=at)
            within &= spent
            within_own &= spent or found not in own
    return within, within_own
