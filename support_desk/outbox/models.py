"""Tables of the outbox: promised jobs, the schedule of periodic work, who is alive."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, text_enum


class PromiseState(StrEnum):
    """Where a promised job stands."""

    PROMISED = "promised"
    PUBLISHED = "published"
    RUNNING = "running"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    DEAD = "dead"


class PromisedJob(Identified, Model):
    """A job that was promised in somebody's transaction, and all that happened to it.

    `due_at` and `available_at` are business time; `published_at` and `lease_until` are real time.
    """

    __tablename__ = "promised_jobs"

    dedupe: Mapped[str] = mapped_column(unique=True)
    job: Mapped[str]
    queue: Mapped[str]
    ids: Mapped[dict[str, Any]]
    state: Mapped[PromiseState] = mapped_column(text_enum(PromiseState))
    due_at: Mapped[datetime]
    available_at: Mapped[datetime]
    # How often it went back to be handed to RQ again: part of the RQ id, so that an older copy is stale.
    tries: Mapped[int] = mapped_column(sa.Integer(), default=0)
    # How often a worker began it.
    attempts: Mapped[int] = mapped_column(sa.Integer(), default=0)
    fence: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    done_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease_while_running"),
        sa.CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_when"),
        sa.Index(
            "ix_promised_jobs_waiting",
            "queue",
            "available_at",
            "id",
            postgresql_where=sa.text("state = 'promised'"),
        ),
        sa.Index("ix_promised_jobs_published", "published_at", postgresql_where=sa.text("state = 'published'")),
        sa.Index("ix_promised_jobs_running", "lease_until", postgresql_where=sa.text("state = 'running'")),
        sa.Index("ix_promised_jobs_dead", "done_at", "id", postgresql_where=sa.text("state = 'dead'")),
        sa.Index(
            "ix_promised_jobs_ended",
            "done_at",
            postgresql_where=sa.text("state IN ('done', 'withdrawn')"),
        ),
    )


class ScheduleEntry(Model):
    """One piece of periodic work: when it is next due (business time) and what was last promised for it."""

    __tablename__ = "schedule_entries"

    job: Mapped[str] = mapped_column(primary_key=True)
    every_seconds: Mapped[int] = mapped_column(sa.Integer())
    next_at: Mapped[datetime]
    last_dedupe: Mapped[str | None]

    __table_args__ = (sa.CheckConstraint("every_seconds > 0", name="interval_positive"),)


class Heartbeat(Model):
    """A sign of life of one worker process, in real time."""

    __tablename__ = "worker_heartbeats"

    process: Mapped[str] = mapped_column(primary_key=True)
    # The queue it serves, or `keeper` for the process of relay, reconciler and schedule.
    duty: Mapped[str]
    seen_at: Mapped[datetime]
