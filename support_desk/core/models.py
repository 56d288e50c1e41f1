"""Tables of the core: counters and idempotency records."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Model


class Budget(Model):
    """How often something was tried within one window; keyed by a MAC, so that it names nobody."""

    __tablename__ = "budgets"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(primary_key=True)
    window_start: Mapped[datetime]
    window_end: Mapped[datetime] = mapped_column(index=True)
    used: Mapped[int] = mapped_column(sa.Integer())

    __table_args__ = (sa.CheckConstraint("used >= 0", name="used_not_negative"),)


class IdempotencyRecord(Model):
    """What a request with an Idempotency-Key made: ids, never a token, never a body."""

    __tablename__ = "idempotency_records"

    scope: Mapped[bytes] = mapped_column(primary_key=True)
    body_mac: Mapped[bytes]
    ids: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
