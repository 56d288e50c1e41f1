"""Rules of the ledger: what may be posted, and how long Prime is paid. Integers only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from support_desk.accounts.ledger_models import House, Unit

Owner = UUID | House
LARGEST_AMOUNT = 2**53


class Unbalanced(ValueError):
    """The lines do not make a transaction."""


@dataclass(frozen=True)
class Line:
    """An amount into (positive) or out of (negative) what an owner has of a unit."""

    owner: Owner
    unit: Unit
    amount: int


def balanced(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines as a transaction may have them: one per owner and unit, none of zero, each unit summing to zero.

    Raises Unbalanced.
    """
    merged: dict[tuple[Owner, Unit], int] = defaultdict(int)
    for line in lines:
        if type(line.amount) is not int or abs(line.amount) > LARGEST_AMOUNT:
            raise Unbalanced("an amount is a whole number within the range")
        merged[line.owner, line.unit] += line.amount
    result = tuple(Line(owner, unit, amount) for (owner, unit), amount in merged.items() if amount)
    if any(totals(result).values()):
        raise Unbalanced("the lines of a unit do not sum to zero")
    if len(result) < 2:
        raise Unbalanced("nothing is moved")
    return result


def totals(lines: Iterable[Line]) -> dict[Unit, int]:
    """The sum of the lines of each unit."""
    sums: dict[Unit, int] = defaultdict(int)
    for line in lines:
        sums[line.unit] += line.amount
    return dict(sums)


def replay(lines: Iterable[Line]) -> dict[tuple[Owner, Unit], int]:
    """The balances that a journal adds up to."""
    sums: dict[tuple[Owner, Unit], int] = defaultdict(int)
    for line in lines:
        sums[line.owner, line.unit] += line.amount
    return dict(sums)


def transfer(source: Owner, target: Owner, amounts: Mapping[Unit, int]) -> tuple[Line, ...]:
    """Lines that move amounts from one owner to another."""
    return tuple(
        line
        for unit, amount in amounts.items()
        if amount
        for line in (Line(source, unit, -amount), Line(target, unit, amount))
    )


def reversal(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines that undo these."""
    return tuple(Line(line.owner, line.unit, -line.amount) for line in lines)


def paid_until(started_on: date | None, days: int) -> date | None:
    """The day until which a membership is paid; None when nothing was ever paid."""
    return started_on + timedelta(days=days) if started_on and days else None


def days_left(started_on: date | None, days: int, *, on: date) -> int:
    """Paid days that are left on a day; never negative."""
    until = paid_until(started_on, days)
    return max(0, (until - on).days) if until else 0
