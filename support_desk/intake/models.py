"""Tables of intake: password resets, requests for a case link, and the towns of postal codes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, Timestamped, text_enum
from support_desk.core.secrets import EncryptedText


class ResetState(StrEnum):
    """How far a password reset has come."""

    ASKED = "asked"
    PROVED = "proved"
    DONE = "done"


class PasswordReset(Identified, Timestamped, Model):
    """Somebody uses the password assistant; its ticket carries the evidence and the effect."""

    __tablename__ = "password_resets"

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), unique=True)
    challenge_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("challenges.id", ondelete="SET NULL"))
    state: Mapped[ResetState] = mapped_column(text_enum(ResetState), default=ResetState.ASKED)
    proved_at: Mapped[datetime | None]


class CaseLinkRequest(Identified, Model):
    """Somebody wants a case's link again; deleted once the worker has decided."""

    __tablename__ = "case_link_requests"

    reference: Mapped[str]
    contact: Mapped[str] = mapped_column(EncryptedText())
    created_at: Mapped[datetime]


class PostalTown(Model):
    """A town of a postal code, in Japanese characters and in kana."""

    __tablename__ = "postal_towns"
    __table_args__ = (sa.CheckConstraint("postal_code ~ '^[0-9]{7}$'", name="seven_digits"),)

    postal_code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.SmallInteger(), primary_key=True)
    prefecture: Mapped[str]
    city: Mapped[str]
    town: Mapped[str]
    prefecture_kana: Mapped[str]
    city_kana: Mapped[str]
    town_kana: Mapped[str]
