"""Running one promised job: claim, effect, completion. `run` is what RQ calls in a worker."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
import structlog
from structlog.contextvars import bound_contextvars

from support_desk.core import clock
from support_desk.core.access import SYSTEM, set_caller
from support_desk.core.db import db, transaction
from support_desk.core.errors import DeskError
from support_desk.outbox import claims, registry
from support_desk.outbox.claims import Claim
from support_desk.outbox.errors import GiveUp, LeaseLost
from support_desk.outbox.models import PromisedJob, PromiseState

log = structlog.get_logger("outbox")


class JobRun:
    """One attempt of an external job, given to its handler, which opens its own transactions."""

    def __init__(self, held: Claim) -> None:
        self._held = held
        self.completed = False

    @property
    def promise_id(self) -> UUID:
        """The promise: the same in every attempt, so it serves as an idempotency key."""
        return self._held.promise_id

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return self._held.attempt

    @property
    def is_last(self) -> bool:
        """Whether a failure now sends the job to the dead letters."""
        return self._held.is_last

    def complete(self) -> None:
        """Mark the job done, inside the transaction that writes its outcome; raises LeaseLost."""
        claims.complete(self._held)
        self.completed = True

    def renew(self) -> None:
        """Start the lease anew, in a transaction of the handler; raises LeaseLost."""
        claims.renew(self._held)


def run(promise_id: str, tries: int) -> None:
    """Do a promised job if this copy of it is the valid one. Never raises for what the job does."""
    run_once(UUID(promise_id), tries, at=clock.now())


def run_once(promise_id: UUID, tries: int, *, at: datetime) -> Exception | None:
    """Claim and do one job; the exception that made it fail, already recorded, or None."""
    set_caller(SYSTEM)
    with transaction():
        held = claims.claim(promise_id, tries, at=at)
    if held is None:
        log.debug("stale copy of a job", promise=str(promise_id))
        return None
    with bound_contextvars(job=held.job, promise=str(promise_id), attempt=held.attempt):
        try:
            _perform(held)
        except LeaseLost:
            log.warning("lease lost: another worker has the job")
        except Exception as error:
            log.warning("job failed", exc_info=error)
            _record_failure(held, error)
            return error
        return None


def _perform(held: Claim) -> None:
    described = registry.get_job(held.job)
    arguments = described.read(held.ids)
    if described.external:
        started = JobRun(held)
        described.handler(started, **arguments)
        if not started.completed:
            raise RuntimeError(f"{held.job} ended without run.complete()")
        return
    with transaction():
        described.handler(**arguments)
        db.session.flush()
        claims.complete(held)


def _record_failure(held: Claim, error: Exception) -> None:
    with transaction():
        claims.give_back(held, describe(error), final=isinstance(error, GiveUp))


def describe(error: Exception) -> str:
    """An error without its message, which may hold what a customer typed: class or code, and the place."""
    if isinstance(error, GiveUp | DeskError):
        return error.code
    place, trace = "", error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("support_desk.") and not module.startswith("support_desk.outbox."):
            place = f" at {module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def run_due(at: datetime | None = None, *, limit: int = 1000, raising: bool = False) -> int:
    """Do all jobs that are due (now, or at a given business time), in this process; returns how many ran.

    Safe beside live workers: each job is claimed. `raising=True` raises the first failure once it is recorded.
    """
    moment = at or clock.now()
    count = 0
    while count < limit and (waiting := _due(moment, limit=min(100, limit - count))):
        for promise_id, tries in waiting:
            error = run_once(promise_id, tries, at=moment)
            if error is not None and raising:
                raise error
        count += len(waiting)
    return count


def _due(at: datetime, *, limit: int) -> list[tuple[UUID, int]]:
    with transaction(keep=False):
        rows = db.session.execute(
            sa.select(PromisedJob.id, PromisedJob.tries)
            .where(
                PromisedJob.state.in_((PromiseState.PROMISED, PromiseState.PUBLISHED)),
                PromisedJob.available_at <= at,
            )
            .order_by(PromisedJob.available_at, PromisedJob.id)
            .limit(limit)
        )
        return [(row.id, row.tries) for row in rows]


__all__ = ["JobRun", "describe", "run", "run_due", "run_once"]
