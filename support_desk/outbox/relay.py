"""The relay: hands due promises to RQ. Any number of relays may run at once."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

import psycopg
import sqlalchemy as sa
import structlog
from redis import Redis
from rq.queue import EnqueueData, Queue

from support_desk.core import clock, settings
from support_desk.core.db import db, transaction
from support_desk.outbox import broker
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.outbox.registry import QUEUES
from support_desk.outbox.service import CHANNEL

log = structlog.get_logger("outbox")

ENTRY_POINT = "support_desk.outbox.runner.run"
_BATCH = 100
# So many may lie in a queue of Redis at once; the rest waits in SQL, where the order of due times holds.
_WINDOW = 1000
_FAILURE_TTL_SECONDS = 300
_NOT_IN_RQ_IDS = re.compile(r"[^A-Za-z0-9_-]")

Waiting = sa.Row[UUID, str, int]


def rq_id(job: str, promise_id: UUID, tries: int) -> str:
    """The id of one copy in RQ: letters, digits, `_` and `-`; a copy handed out again has another one."""
    return f"{_NOT_IN_RQ_IDS.sub('_', job)}-{promise_id.hex}-{tries}"


def publish_due(connection: Redis) -> int:
    """Hand what is due to RQ, the urgent queue first; returns how many. Raises RedisError."""
    return sum(_publish_queue(name, connection) for name in QUEUES)


def _publish_queue(name: str, connection: Redis) -> int:
    queue = broker.queue(name, connection)
    count = 0
    # The rows stay locked while Redis is told, for two seconds at most: a relay that dies in between has
    # published nothing, and a worker that is faster than the commit waits for it in its claim.
    while room := max(0, min(_BATCH, _WINDOW - queue.count)):
        with transaction():
            rows = _take(name, room)
            if rows:
                _push(queue, rows)
                db.session.execute(
                    sa.update(PromisedJob)
                    .where(PromisedJob.id.in_([row.id for row in rows]))
                    .values(state=PromiseState.PUBLISHED, published_at=clock.wall())
                    .execution_options(synchronize_session=False)
                )
        count += len(rows)
        if len(rows) < room:
            break
    return count


def _take(name: str, limit: int) -> Sequence[Waiting]:
    return db.session.execute(
        sa.select(PromisedJob.id, PromisedJob.job, PromisedJob.tries)
        .where(
            PromisedJob.state == PromiseState.PROMISED,
            PromisedJob.queue == name,
            PromisedJob.available_at <= clock.now(),
        )
        .order_by(PromisedJob.available_at, PromisedJob.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def _push(queue: Queue, rows: Sequence[Waiting]) -> None:
    with queue.connection.pipeline() as pipeline:
        queue.enqueue_many([_enqueue_data(queue, row) for row in rows], pipeline=pipeline)
        pipeline.execute()


def _enqueue_data(queue: Queue, row: Waiting) -> EnqueueData:
    return queue.prepare_data(
        ENTRY_POINT,
        args=(str(row.id), row.tries),
        job_id=rq_id(row.job, row.id, row.tries),
        description=row.job,
        # A job is stopped before its lease ends, so that two workers are never at it.
        timeout=max(1, settings.current().job_lease_seconds - 1),
        result_ttl=0,
        failure_ttl=_FAILURE_TTL_SECONDS,
    )


class Listener:
    """Waits until somebody commits a promise that is due, or until the time is over."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None

    def wait(self, seconds: float) -> None:
        """Return when a promise was committed, and after `seconds` in any case."""
        ends = time.monotonic() + seconds
        try:
            connection = self._connection or self._listen()
            for _ in connection.notifies(timeout=seconds, stop_after=1):
                pass
        except (psycopg.Error, sa.exc.SQLAlchemyError) as error:
            log.warning("cannot listen for promises", error=type(error).__name__)
            self.close()
            time.sleep(max(0.0, ends - time.monotonic()))

    def _listen(self) -> psycopg.Connection:
        pooled = db.engine.raw_connection()
        raw = pooled.driver_connection
        assert isinstance(raw, psycopg.Connection)
        pooled.detach()
        raw.autocommit = True
        raw.execute(f"LISTEN {CHANNEL}")
        self._connection = raw
        return raw

    def close(self) -> None:
        """Give the connection up; the next wait opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
