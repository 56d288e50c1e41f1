"""The reconciler: finds the jobs that a killed worker or a lost Redis left behind, and hands them out again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from redis import Redis

from support_desk.core import clock
from support_desk.core.db import db, transaction
from support_desk.outbox import broker
from support_desk.outbox.locks import RECONCILE, try_lock
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.outbox.registry import QUEUES
from support_desk.outbox.relay import rq_id
from support_desk.outbox.retry import MAX_ATTEMPTS

log = structlog.get_logger("outbox")

EVERY_SECONDS = 5
# A copy that was published a moment ago may just be on its way from the list to a claim.
_GRACE = timedelta(seconds=15)
_AGAIN = {
    "state": PromiseState.PROMISED,
    "published_at": None,
    "lease_until": None,
    "tries": PromisedJob.tries + 1,
}
_QUIET = {"synchronize_session": False}


def reconcile(connection: Redis) -> int:
    """Hand out again what was left behind; returns how many. Does nothing where another process is at it.

    Raises RedisError after the lapsed leases were dealt with.
    """
    with transaction():
        if not try_lock(RECONCILE):
            return 0
        lapsed = _renew_lapsed_leases()
    return lapsed + _republish_lost(connection)


def _renew_lapsed_leases() -> int:
    over = sa.and_(PromisedJob.state == PromiseState.RUNNING, PromisedJob.lease_until < clock.wall())
    # A job that has killed that many workers is not given to another one.
    ended = {
        "state": PromiseState.DEAD,
        "lease_until": None,
        "done_at": clock.now(),
        "last_error": "lease_lapsed",
    }
    dead = _update(sa.and_(over, PromisedJob.attempts >= MAX_ATTEMPTS), ended)
    again = _update(over, {**_AGAIN, "last_error": "lease_lapsed"})
    if dead or again:
        log.warning("leases lapsed", handed_out_again=again, dead=dead)
    return dead + again


def _update(where: sa.ColumnElement[bool], values: Mapping[str, object]) -> int:
    result = db.session.execute(
        sa.update(PromisedJob).where(where).values(**values).returning(PromisedJob.id).execution_options(**_QUIET)
    )
    return len(result.all())


def _republish_lost(connection: Redis) -> int:
    """Only a copy in no list is lost: handed out again by age alone, copies pile up faster than they run."""
    with transaction(keep=False):
        suspects = db.session.execute(
            sa.select(PromisedJob.id, PromisedJob.job, PromisedJob.tries, PromisedJob.queue).where(
                PromisedJob.state == PromiseState.PUBLISHED,
                PromisedJob.published_at < clock.wall() - _GRACE,
            )
        ).all()
    if not suspects:
        return 0
    listed = {name: set(broker.queue(name, connection).get_job_ids()) for name in QUEUES}
    lost = [
        (row.id, row.tries)
        for row in suspects
        if rq_id(row.job, row.id, row.tries) not in listed.get(row.queue, set())
    ]
    with transaction():
        count = _hand_out_again(lost)
    if count:
        log.warning("copies were lost", handed_out_again=count)
    return count


def _hand_out_again(lost: Sequence[tuple[UUID, int]]) -> int:
    # Conditional on the copy that was looked for: one that was claimed meanwhile is left alone.
    same = sa.tuple_(PromisedJob.id, PromisedJob.tries).in_(lost)
    return _update(sa.and_(same, PromisedJob.state == PromiseState.PUBLISHED), _AGAIN) if lost else 0
