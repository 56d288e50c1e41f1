"""Who may do a promised job: one conditional UPDATE each for taking, finishing and giving it back.

Every function here writes in the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.core import clock, settings
from support_desk.core.db import db
from support_desk.outbox.errors import LeaseLost
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.outbox.retry import MAX_ATTEMPTS, gap_after

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True)
class Claim:
    """The right to do one attempt of one promised job, while its lease runs."""

    promise_id: UUID
    job: str
    ids: dict[str, Any]
    attempt: int
    fence: int

    @property
    def is_last(self) -> bool:
        """Whether a failure of this attempt sends the job to the dead letters."""
        return self.attempt >= MAX_ATTEMPTS


def _lease_end() -> datetime:
    return clock.wall() + timedelta(seconds=settings.current().job_lease_seconds)


def claim(promise_id: UUID, tries: int, *, at: datetime) -> Claim | None:
    """Take a job that is due; None when this copy is stale: begun, done, withdrawn, or handed out again since.

    Waits for a relay that is just publishing it, so that a fast worker never overtakes the bookkeeping.
    """
    row = db.session.execute(
        sa.update(PromisedJob)
        .where(
            PromisedJob.id == promise_id,
            PromisedJob.tries == tries,
            PromisedJob.state.in_((PromiseState.PROMISED, PromiseState.PUBLISHED)),
            PromisedJob.available_at <= at,
        )
        .values(
            state=PromiseState.RUNNING,
            attempts=PromisedJob.attempts + 1,
            fence=PromisedJob.fence + 1,
            lease_until=_lease_end(),
        )
        .returning(PromisedJob.job, PromisedJob.ids, PromisedJob.attempts, PromisedJob.fence)
        .execution_options(**_QUIET)
    ).one_or_none()
    if row is None:
        return None
    return Claim(promise_id, row.job, row.ids, row.attempts, row.fence)


def _held(held: Claim) -> sa.ColumnElement[bool]:
    return sa.and_(
        PromisedJob.id == held.promise_id,
        PromisedJob.fence == held.fence,
        PromisedJob.state == PromiseState.RUNNING,
    )


def _write(where: sa.ColumnElement[bool], **values: Any) -> bool:
    written = db.session.execute(
        sa.update(PromisedJob).where(where).values(**values).returning(PromisedJob.id).execution_options(**_QUIET)
    )
    return written.first() is not None


def complete(held: Claim) -> None:
    """Mark the job done together with its effect; raises LeaseLost, which rolls the effect back.

    Call it last: whoever withdraws a job holds locks of its own first, and takes the job's row after them.
    """
    done = {"state": PromiseState.DONE, "lease_until": None, "last_error": None, "done_at": clock.now()}
    if not _write(_held(held), **done):
        raise LeaseLost(str(held.promise_id))


def renew(held: Claim) -> None:
    """Start the lease anew for a long job; raises LeaseLost."""
    if not _write(_held(held), lease_until=_lease_end()):
        raise LeaseLost(str(held.promise_id))


def give_back(held: Claim, error: str, *, final: bool = False) -> bool:
    """Record a failed attempt: tried again after a growing gap, or a dead letter.

    `error` names a class or a code, nobody and nothing else. False when the lease was lost meanwhile.
    """
    gap = None if final else gap_after(held.attempt)
    if gap is None:
        ended = {"state": PromiseState.DEAD, "done_at": clock.now()}
        return _write(_held(held), lease_until=None, last_error=error, **ended)
    return _write(
        _held(held),
        state=PromiseState.PROMISED,
        available_at=clock.now() + gap,
        lease_until=None,
        published_at=None,
        tries=PromisedJob.tries + 1,
        last_error=error,
    )
