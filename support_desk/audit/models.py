"""Audit entries: who did what to which subject, without personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model


class AuditEntry(Identified, Model):
    """One thing that was done. `position` is given later, when entries are chained in their order."""

    __tablename__ = "audit_entries"

    position: Mapped[int | None] = mapped_column(unique=True)
    subject: Mapped[str]
    subject_id: Mapped[str]
    tag: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[str | None]
    request_id: Mapped[str | None]
    reason: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime]

    __table_args__ = (sa.Index("ix_audit_entries_subject", "subject", "subject_id", "id"),)
