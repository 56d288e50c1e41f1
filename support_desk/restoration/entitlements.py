"""Gift balance, points and Prime before and after: pure comparison, to the yen, the point and the day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from support_desk.accounts.views import Holdings
from support_desk.restoration.models import EntitlementState, Kind

Value = Mapping[str, Any]


@dataclass(frozen=True)
class Comparison:
    """The difference (yen, points or days; positive: more than before) and whether all is as before."""

    difference: int
    state: EntitlementState


def values_of(holdings: Holdings) -> dict[Kind, dict[str, Any]]:
    """What is kept, in the form it is written down in."""
    prime = holdings.prime
    return {
        Kind.GIFT_BALANCE: {"amount": holdings.gift_balance_yen},
        Kind.POINTS: {"amount": holdings.points},
        Kind.PRIME: {
            "status": prime.status,
            "plan": prime.plan,
            "paid_until": prime.paid_until.isoformat() if prime.paid_until else None,
        },
    }


def compare(kind: Kind, expected: Value, actual: Value) -> Comparison:
    """What changed of one kind; for Prime status, plan and paid-until must all be as before."""
    if kind is Kind.PRIME:
        difference = _days(actual["paid_until"]) - _days(expected["paid_until"])
        same = expected == actual
    else:
        difference = actual["amount"] - expected["amount"]
        same = difference == 0
    return Comparison(difference, EntitlementState.MATCHED if same else EntitlementState.MISMATCH)


def _days(day: str | None) -> int:
    return date.fromisoformat(day).toordinal() if day else 0
