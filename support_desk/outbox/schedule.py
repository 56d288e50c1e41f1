"""Periodic work: data in SQL, promised when due by whichever process holds the lock."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.core import clock
from support_desk.core.db import db, transaction
from support_desk.outbox import registry, service
from support_desk.outbox.locks import SCHEDULE, try_lock
from support_desk.outbox.models import PromisedJob, PromiseState, ScheduleEntry

_ENDED = (PromiseState.DONE, PromiseState.DEAD, PromiseState.WITHDRAWN)


def tick() -> int:
    """Promise the periodic work that is due; returns how much. Does nothing where another process is at it."""
    now = clock.now()
    with transaction():
        if not try_lock(SCHEDULE):
            return 0
        _take_over_registry(now)
        # An entry further ahead than its interval was written under a shifted clock.
        far = ScheduleEntry.next_at - now > sa.func.make_interval(0, 0, 0, 0, 0, 0, ScheduleEntry.every_seconds)
        due = db.session.scalars(
            sa.select(ScheduleEntry)
            .where(ScheduleEntry.job.in_(registry.periods()), sa.or_(ScheduleEntry.next_at <= now, far))
            .order_by(ScheduleEntry.job)
        ).all()
        return sum(_promise(entry, now) for entry in due)


def _take_over_registry(now: datetime) -> None:
    known = dict(db.session.execute(sa.select(ScheduleEntry.job, ScheduleEntry.every_seconds)).all())
    for job, seconds in registry.periods().items():
        if known.get(job) != seconds:
            db.session.execute(
                insert(ScheduleEntry)
                .values(job=job, every_seconds=seconds, next_at=now)
                .on_conflict_do_update(index_elements=[ScheduleEntry.job], set_={"every_seconds": seconds})
            )


def _promise(entry: ScheduleEntry, now: datetime) -> bool:
    """Promise one run, unless the last one has not ended: work longer than its interval does not pile up."""
    entry.next_at = now + timedelta(seconds=entry.every_seconds)
    if entry.last_dedupe and _is_open(entry.last_dedupe):
        return False
    entry.last_dedupe = f"{entry.job}@{now.isoformat()}"
    service.promise(entry.job, dedupe=entry.last_dedupe)
    return True


def _is_open(dedupe: str) -> bool:
    state = db.session.scalar(sa.select(PromisedJob.state).where(PromisedJob.dedupe == dedupe))
    return state is not None and state not in _ENDED
