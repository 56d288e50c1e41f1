"""Tables of the account directory: customers, how they are reached, where they live, what they may do."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, Timestamped, text_enum
from support_desk.core.secrets import EncryptedText


class ChannelKind(StrEnum):
    """How a customer is reached."""

    EMAIL = "email"
    PHONE = "phone"


class ChannelState(StrEnum):
    """Whether a channel serves now, or did once."""

    CURRENT = "current"
    FORMER = "former"


class IdentifierKind(StrEnum):
    """What a claim may name an account by."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"
    POSTAL_CODE = "postal_code"
    ORDER_NUMBER = "order_number"


class PrimeStatus(StrEnum):
    """State of a Prime membership."""

    NONE = "none"
    TRIAL = "trial"
    ACTIVE = "active"
    CANCELLED = "cancelled"


class RestrictedPart(StrEnum):
    """What a restricted account may not do."""

    SPEND = "spend"
    CHANGE = "change"


class Customer(Identified, Timestamped, Model):
    """A customer's account at the shop."""

    __tablename__ = "customers"

    public_id: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None] = mapped_column(EncryptedText())
    name_kana: Mapped[str | None] = mapped_column(EncryptedText())
    # Blind indexes of the whole name: equal for two accounts of one person, and say nothing else.
    name_mac: Mapped[bytes | None] = mapped_column(index=True)
    kana_mac: Mapped[bytes | None]
    registered_at: Mapped[datetime]
    # Raised by every change of password or channel: older grants, codes and links die with it.
    account_version: Mapped[int] = mapped_column(sa.Integer(), default=1)
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    two_step: Mapped[bool] = mapped_column(default=False)
    # None: the import did not say; a card payment of the last 24 months counts then.
    has_payment_method: Mapped[bool | None]
    open_refunds_yen: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]

    __table_args__ = (
        sa.CheckConstraint("account_version >= 1", name="account_version"),
        sa.CheckConstraint("open_refunds_yen >= 0", name="open_refunds_yen"),
    )


class CustomerChannel(Identified, Timestamped, Model):
    """An e-mail address or phone number of a customer, now or formerly."""

    __tablename__ = "customer_channels"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"))
    kind: Mapped[ChannelKind] = mapped_column(text_enum(ChannelKind))
    state: Mapped[ChannelState] = mapped_column(text_enum(ChannelState))
    address: Mapped[str | None] = mapped_column(EncryptedText())
    mac: Mapped[bytes]
    since: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    set_by_desk: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        # One account at a time signs in with an address; an unconfirmed phone signs nobody in.
        sa.Index(
            "uq_customer_channels_email",
            "mac",
            unique=True,
            postgresql_where=sa.text("kind = 'email' AND state = 'current'"),
        ),
        sa.Index(
            "uq_customer_channels_phone",
            "mac",
            unique=True,
            postgresql_where=sa.text("kind = 'phone' AND state = 'current' AND confirmed_at IS NOT NULL"),
        ),
        sa.Index(
            "uq_customer_channels_current",
            "account_id",
            "kind",
            unique=True,
            postgresql_where=sa.text("state = 'current'"),
        ),
        sa.Index("ix_customer_channels_account_id", "account_id"),
        sa.CheckConstraint("state = 'former' OR left_at IS NULL", name="current_has_not_left"),
    )


class CustomerAddress(Identified, Timestamped, Model):
    """A postal address of a customer, now or formerly; of former ones often only the postal code is known."""

    __tablename__ = "customer_addresses"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    is_current: Mapped[bool]
    postal_code: Mapped[str | None] = mapped_column(EncryptedText())
    prefecture: Mapped[str | None]
    # City, town and street with their kana, as JSON text.
    lines: Mapped[str | None] = mapped_column(EncryptedText())
    # Blind index of the whole address: equal for a household.
    address_mac: Mapped[bytes | None] = mapped_column(index=True)
    since: Mapped[datetime]
    left_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "uq_customer_addresses_current",
            "account_id",
            unique=True,
            postgresql_where=sa.text("is_current"),
        ),
        sa.CheckConstraint("NOT is_current OR left_at IS NULL", name="current_has_not_left"),
    )


class CustomerIdentifier(Model):
    """A normalised value that names an account, as a blind index."""

    __tablename__ = "customer_identifiers"

    kind: Mapped[IdentifierKind] = mapped_column(text_enum(IdentifierKind), primary_key=True)
    mac: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), primary_key=True)
    former: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]

    __table_args__ = (sa.Index("ix_customer_identifiers_account_id", "account_id"),)


class PrimeMembership(Model):
    """A Prime membership; its paid days lie in the ledger, and it is paid until `started_on` plus those."""

    __tablename__ = "prime_memberships"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), primary_key=True)
    status: Mapped[PrimeStatus] = mapped_column(text_enum(PrimeStatus))
    plan: Mapped[str | None]
    started_on: Mapped[date | None]

    __table_args__ = (
        sa.CheckConstraint("status IN ('none', 'cancelled') OR started_on IS NOT NULL", name="started_on"),
    )


class AccountRestriction(Identified, Model):
    """A part of what a customer may do that is shut after a recovery."""

    __tablename__ = "account_restrictions"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"))
    part: Mapped[RestrictedPart] = mapped_column(text_enum(RestrictedPart))
    since: Mapped[datetime]
    # What the customer is told: when it is to be lifted, and what would lift it sooner. Only a lifting ends it.
    until: Mapped[datetime | None]
    lift_with: Mapped[list[str]]
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "uq_account_restrictions_open",
            "account_id",
            "part",
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
        sa.Index("ix_account_restrictions_account_id", "account_id"),
    )


class AccountSession(Identified, Model):
    """A customer who is signed in; the token is kept as a hash only."""

    __tablename__ = "account_sessions"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class AccountCommand(Model):
    """A command that was applied to an account: the same key a second time changes nothing."""

    __tablename__ = "account_commands"

    key: Mapped[str] = mapped_column(primary_key=True)
    verb: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"), index=True)
    version_after: Mapped[int] = mapped_column(sa.Integer())
    applied_at: Mapped[datetime]
