"""Budgets: counters in SQL that survive a wiped Redis and a killed process.

Spend first, compare after: the row lock makes parallel tries queue, and a wrong answer stays counted
because it is a return value. Windows are fixed and start with the first use.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.core.db import db
from support_desk.core.models import Budget
from support_desk.core.secrets import mac


@dataclass(frozen=True)
class Rule:
    """At most `limit` uses in each window."""

    name: str
    limit: int
    window: timedelta


def _key(key: bytes | str) -> bytes:
    return key if isinstance(key, bytes) else mac("budget", key)


def spend(key: bytes | str, rule: Rule, *, at: datetime) -> bool:
    """Use one of the budget; False when it was used up already (nothing is counted then)."""
    fresh = insert(Budget).values(
        key=_key(key), rule=rule.name, window_start=at, window_end=at + rule.window, used=1
    )
    over = Budget.window_end <= at
    upsert = fresh.on_conflict_do_update(
        index_elements=[Budget.key, Budget.rule],
        set_={
            "used": sa.case((over, 1), else_=Budget.used + 1),
            "window_start": sa.case((over, at), else_=Budget.window_start),
            "window_end": sa.case((over, at + rule.window), else_=Budget.window_end),
        },
        where=over | (Budget.used < rule.limit),
    ).returning(Budget.used)
    return db.session.execute(upsert, execution_options={"populate_existing": False}).scalar() is not None


def used(key: bytes | str, rule: Rule, *, at: datetime) -> int:
    """How much of the budget is used in the present window."""
    query = sa.select(Budget.used).where(Budget.key == _key(key), Budget.rule == rule.name, Budget.window_end > at)
    return db.session.execute(query).scalar() or 0


def give_back(key: bytes | str, rule: Rule, *, at: datetime) -> None:
    """Return one use that turned out not to count, such as a sign-in that succeeded."""
    db.session.execute(
        sa.update(Budget)
        .where(Budget.key == _key(key), Budget.rule == rule.name, Budget.window_end > at, Budget.used > 0)
        .values(used=Budget.used - 1)
        .execution_options(synchronize_session=False)
    )
