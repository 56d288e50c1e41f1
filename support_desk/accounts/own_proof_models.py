"""Tables of what customers prove themselves with: authenticators, saved codes, the second step of a sign-in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model
from support_desk.core.secrets import EncryptedText


class Authenticator(Model):
    """The authenticator app of a customer; a new secret waits until a code of it was shown."""

    __tablename__ = "authenticators"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), primary_key=True)
    secret: Mapped[str | None] = mapped_column(EncryptedText())
    waiting_secret: Mapped[str | None] = mapped_column(EncryptedText())
    # Each step counts once: a code that was read over a shoulder is worth nothing.
    last_step: Mapped[int | None] = mapped_column(sa.BigInteger())
    confirmed_at: Mapped[datetime | None]


class RecoveryCode(Identified, Model):
    """One of ten saved codes, found by a blind index of its first four characters and kept as a hash."""

    __tablename__ = "recovery_codes"
    __table_args__ = (sa.UniqueConstraint("account_id", "selector"),)

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"))
    selector: Mapped[bytes]
    code_hash: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInStep(Identified, Model):
    """A sign-in whose password was right and whose second step is awaited."""

    __tablename__ = "sign_in_steps"
    __table_args__ = (sa.CheckConstraint("tries >= 0 AND tries <= 5", name="tries"),)

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    account_version: Mapped[int] = mapped_column(sa.Integer())
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    # Whether an SMS with a code was sent for it.
    sms_sent: Mapped[bool]
    tries: Mapped[int] = mapped_column(sa.Integer(), default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
