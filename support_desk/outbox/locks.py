"""Advisory locks: work that only one process does at a time, and any other takes over."""

from __future__ import annotations

import sqlalchemy as sa

from support_desk.core.db import db

RECONCILE = 0x5D_0101
SCHEDULE = 0x5D_0102


def try_lock(key: int) -> bool:
    """Take the lock until the present transaction ends; False when another process has it."""
    return bool(db.session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(key))))
