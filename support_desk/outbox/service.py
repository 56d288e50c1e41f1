"""Promising a job inside the caller's transaction, and taking the promise back.

SQL is the queue of record: what is promised here is done, whatever happens to Redis or to a worker. RQ is only
the wake-up call.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.core import clock
from support_desk.core.db import db, new_id
from support_desk.outbox import registry
from support_desk.outbox.models import PromisedJob, PromiseState

CHANNEL = "support_desk_outbox"
_NOT_BEGUN = (PromiseState.PROMISED, PromiseState.PUBLISHED)


def promise(
    job: str, /, *, due_at: datetime | None = None, dedupe: str | None = None, **ids: str | int | UUID
) -> UUID:
    """Promise a job in the present transaction: it will run once that commits, not before `due_at`.

    The same dedupe key is one promise: a second one changes nothing, unless the first was withdrawn.
    `ids` name rows; they are never personal data. Returns the promise's id; raises UnknownJob.
    """
    described = registry.get_job(job)
    stored = {name: str(value) if isinstance(value, UUID) else value for name, value in ids.items()}
    described.check(stored)
    now = clock.now()
    due = due_at or now
    fresh = new_id()
    key = dedupe or f"{job}:{fresh}"
    found = db.session.execute(
        insert(PromisedJob)
        .values(
            id=fresh,
            dedupe=key,
            job=job,
            queue=described.queue,
            ids=stored,
            state=PromiseState.PROMISED,
            due_at=due,
            available_at=due,
            created_at=now,
        )
        .on_conflict_do_update(
            index_elements=[PromisedJob.dedupe],
            set_={
                "job": job,
                "queue": described.queue,
                "ids": stored,
                "state": PromiseState.PROMISED,
                "due_at": due,
                "available_at": due,
                "published_at": None,
                "done_at": None,
                "attempts": 0,
                # A copy of the withdrawn promise may still lie in Redis.
                "tries": PromisedJob.tries + 1,
            },
            where=PromisedJob.state == PromiseState.WITHDRAWN,
        )
        .returning(PromisedJob.id)
    ).scalar()
    if found is None:
        return db.session.execute(sa.select(PromisedJob.id).where(PromisedJob.dedupe == key)).scalar_one()
    if due <= now:
        db.session.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))
    return found


def withdraw(dedupe: str) -> bool:
    """Take back a promise that nobody has begun; False when there is none such."""
    return (
        db.session.execute(
            sa.update(PromisedJob)
            .where(PromisedJob.dedupe == dedupe, PromisedJob.state.in_(_NOT_BEGUN))
            .values(state=PromiseState.WITHDRAWN, done_at=clock.now())
            .returning(PromisedJob.id)
            .execution_options(synchronize_session=False)
        ).scalar()
        is not None
    )
