"""The messages table: one row, one dedupe key and one delivery state for every mail, SMS and letter."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, text_enum
from support_desk.core.secrets import EncryptedText


class Channel(StrEnum):
    """The ways a message goes."""

    EMAIL = "email"
    SMS = "sms"
    LETTER = "letter"


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMessage(Identified, Model):
    """One message to one address. Codes and tokens are derived when it is sent and never lie here."""

    __tablename__ = "messages"

    dedupe: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[Channel] = mapped_column(text_enum(Channel))
    template: Mapped[str]
    language: Mapped[str]
    # Of a letter: its recipient as JSON.
    address: Mapped[str] = mapped_column(EncryptedText())
    # What the template is filled with, as JSON; emptied once sent.
    template_values: Mapped[str | None] = mapped_column(EncryptedText())
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    state: Mapped[MessageState] = mapped_column(text_enum(MessageState))
    # How often sending was begun: written before the gateway is called.
    sends_count: Mapped[int] = mapped_column(sa.Integer(), default=0)
    begun_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        sa.Index("ix_messages_subject", "subject_kind", "subject_id", "id"),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_when"),
        sa.CheckConstraint("state <> 'queued' OR template_values IS NOT NULL", name="queued_with_values"),
    )
