"""Signs of life of the worker processes, in SQL and in real time: Redis forgets them when it is wiped."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.core import clock
from support_desk.core.db import db, transaction
from support_desk.outbox.models import Heartbeat, PromisedJob, PromiseState
from support_desk.outbox.registry import QUEUES

KEEPER = "keeper"
EVERY_SECONDS = 5
_FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Health:
    """Who serves the outbox, and how far behind it is."""

    # Duty (a queue, or `keeper`) to seconds since its youngest sign of life.
    seen_seconds: dict[str, float]
    # How long the oldest due job has waited.
    lag_seconds: float
    dead_count: int

    def missing(self, within_seconds: float = 90) -> list[str]:
        """Duties nobody has shown a sign of life for; a worker gives none while a job runs."""
        return [duty for duty in (KEEPER, *QUEUES) if self.seen_seconds.get(duty, 1e9) > within_seconds]


def process_name() -> str:
    """This process among all of all machines."""
    return f"{socket.gethostname()}:{os.getpid()}"


def beat(duty: str) -> None:
    """Show that this process lives, in a transaction of its own."""
    now = clock.wall()
    with transaction():
        db.session.execute(
            insert(Heartbeat)
            .values(process=process_name(), duty=duty, seen_at=now)
            .on_conflict_do_update(index_elements=[Heartbeat.process], set_={"duty": duty, "seen_at": now})
        )


def forget_old() -> None:
    """Drop processes that have long been gone, in a transaction of its own."""
    with transaction():
        db.session.execute(sa.delete(Heartbeat).where(Heartbeat.seen_at < clock.wall() - _FORGOTTEN_AFTER))


def health() -> Health:
    """How the outbox is served right now; reads in the caller's transaction."""
    now, wall = clock.now(), clock.wall()
    seen = db.session.execute(sa.select(Heartbeat.duty, sa.func.max(Heartbeat.seen_at)).group_by(Heartbeat.duty))
    oldest: datetime | None = db.session.scalar(
        sa.select(sa.func.min(PromisedJob.available_at)).where(
            PromisedJob.state.in_((PromiseState.PROMISED, PromiseState.PUBLISHED)),
            PromisedJob.available_at <= now,
        )
    )
    dead = db.session.scalar(
        sa.select(sa.func.count()).select_from(PromisedJob).where(PromisedJob.state == PromiseState.DEAD)
    )
    return Health(
        seen_seconds={duty: (wall - at).total_seconds() for duty, at in seen},
        lag_seconds=(now - oldest).total_seconds() if oldest else 0.0,
        dead_count=dead or 0,
    )
