"""Tables of the ledger: double entry per unit, written once and never changed.

Triggers in the database (see the migration of these tables) keep the promises: what a transaction
posts sums to zero in each unit, nothing is updated or deleted, and a balance moves only by postings.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, text_enum


class Unit(StrEnum):
    """What the ledger counts."""

    JPY = "JPY"
    POINT = "POINT"
    PRIME_DAY = "PRIME_DAY"


class House(StrEnum):
    """The shop's own side of a transaction."""

    OPENING = "opening"
    SALES = "sales"
    GOODWILL = "goodwill"


class TransactionKind(StrEnum):
    """Why something was posted."""

    OPENING = "opening"
    SPENDING = "spending"
    GRANT = "grant"
    ADJUSTMENT = "adjustment"
    CARRY_OVER = "carry_over"
    REVERSAL = "reversal"


class LedgerAccount(Identified, Model):
    """One unit of one customer, or of the shop's own side."""

    __tablename__ = "ledger_accounts"

    account_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("customers.id"))
    house: Mapped[House | None] = mapped_column(text_enum(House))
    unit: Mapped[Unit] = mapped_column(text_enum(Unit))
    # The sum of the postings, kept by a trigger. The shop has none: every transaction would queue for it.
    balance: Mapped[int | None]

    __table_args__ = (
        sa.UniqueConstraint("id", "unit"),
        sa.UniqueConstraint("account_id", "unit"),
        sa.UniqueConstraint("house", "unit"),
        sa.CheckConstraint("(account_id IS NULL) <> (house IS NULL)", name="one_owner"),
        sa.CheckConstraint("(account_id IS NULL) = (balance IS NULL)", name="balance_of_customers"),
        sa.CheckConstraint("balance >= 0", name="balance"),
    )


class LedgerTransaction(Identified, Model):
    """One event that moved value; the key makes it happen once."""

    __tablename__ = "ledger_transactions"

    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[TransactionKind] = mapped_column(text_enum(TransactionKind))
    reason: Mapped[str | None]
    reverses_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("ledger_transactions.id"), unique=True)
    # So that nothing can be added to a transaction afterwards, not even in balance.
    postings_count: Mapped[int] = mapped_column(sa.Integer())
    posted_at: Mapped[datetime]

    __table_args__ = (
        sa.CheckConstraint("postings_count >= 2", name="postings_count"),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name="reversal"),
    )


class LedgerPosting(Model):
    """One line of a transaction: an amount into (positive) or out of (negative) a ledger account."""

    __tablename__ = "ledger_postings"

    transaction_id: Mapped[UUID] = mapped_column(sa.ForeignKey("ledger_transactions.id"), primary_key=True)
    ledger_account_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[Unit] = mapped_column(text_enum(Unit))
    amount: Mapped[int]

    __table_args__ = (
        sa.ForeignKeyConstraint(["ledger_account_id", "unit"], ["ledger_accounts.id", "ledger_accounts.unit"]),
        sa.Index("ix_ledger_postings_ledger_account_id", "ledger_account_id"),
        sa.CheckConstraint("amount <> 0", name="amount"),
    )
