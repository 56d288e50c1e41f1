"""Looking at promised jobs, and giving dead letters another chance."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from support_desk.core import clock
from support_desk.core.db import db
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.outbox.service import CHANNEL


def list_jobs(states: Sequence[PromiseState], *, limit: int = 100) -> list[PromisedJob]:
    """Promised jobs in these states, the oldest due first."""
    return list(
        db.session.scalars(
            sa.select(PromisedJob)
            .where(PromisedJob.state.in_(states))
            .order_by(PromisedJob.available_at, PromisedJob.id)
            .limit(limit)
        )
    )


def count_jobs() -> dict[PromiseState, int]:
    """How many promised jobs are in each state."""
    rows = db.session.execute(sa.select(PromisedJob.state, sa.func.count()).group_by(PromisedJob.state))
    return dict(rows.all())


def replay(promise_id: UUID | None = None) -> int:
    """Promise one dead letter, or all of them, again with all its attempts; returns how many."""
    chosen = PromisedJob.state == PromiseState.DEAD
    if promise_id is not None:
        chosen = sa.and_(chosen, PromisedJob.id == promise_id)
    again = db.session.execute(
        sa.update(PromisedJob)
        .where(chosen)
        .values(
            state=PromiseState.PROMISED,
            available_at=clock.now(),
            published_at=None,
            done_at=None,
            attempts=0,
            tries=PromisedJob.tries + 1,
        )
        .returning(PromisedJob.id)
        .execution_options(synchronize_session=False)
    ).all()
    if again:
        db.session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
    return len(again)
