"""Tables of the ticket: the case, its messages, its moves, and the keys it is found by."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, Timestamped, Versioned, text_enum
from support_desk.core.secrets import EncryptedText
from support_desk.tickets.lifecycle import Mover, Status


class Issue(StrEnum):
    """What keeps the claimant out."""

    FORGOT_PASSWORD = "forgot_password"  # noqa: S105
    FORGOT_EMAIL = "forgot_email"
    EMAIL_UNREACHABLE = "email_unreachable"
    TWO_STEP_UNAVAILABLE = "two_step_unavailable"
    ACCOUNT_LOCKED = "account_locked"
    OTHER_SIGN_IN = "other_sign_in"


class TicketChannel(StrEnum):
    """How the ticket came in."""

    WEB = "web"
    PHONE = "phone"
    API = "api"
    ASSISTANT = "assistant"


class TicketLanguage(StrEnum):
    """The language the claimant is spoken to in."""

    JA = "ja"
    EN = "en"


class Visibility(StrEnum):
    """Who reads a message: the claimant too, or the desk alone."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Author(StrEnum):
    """Who wrote a message."""

    CLAIMANT = "claimant"
    AGENT = "agent"
    DESK = "desk"


class KeyKind(StrEnum):
    """What kind of value a blind key was made of."""

    EMAIL = "email"
    PHONE = "phone"


class Ticket(Identified, Timestamped, Versioned, Model):
    """A case: what the claimant says, where it stands, and which account it turned out to mean."""

    __tablename__ = "tickets"
    __table_args__ = (
        sa.Index("ix_tickets_status_priority", "status", sa.desc("priority"), "created_at", "id"),
        sa.Index(
            "ix_tickets_unassigned",
            sa.desc("priority"),
            "created_at",
            "id",
            postgresql_where=sa.text("assignee_id IS NULL AND status IN ('new', 'open')"),
        ),
        sa.Index("ix_tickets_created", sa.desc("created_at"), sa.desc("id")),
        sa.Index("ix_tickets_updated", sa.desc("updated_at"), sa.desc("id")),
        sa.Index("ix_tickets_assignee", "assignee_id", "status"),
        sa.Index("ix_tickets_account", "account_id", postgresql_where=sa.text("account_id IS NOT NULL")),
        sa.Index("ix_tickets_solved", "solved_at", postgresql_where=sa.text("status = 'solved'")),
        sa.Index(
            "ix_tickets_filed_behind",
            "filed_behind_id",
            postgresql_where=sa.text("filed_behind_id IS NOT NULL"),
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 100", name="priority_range"),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        sa.CheckConstraint("value_at_risk_yen >= 0", name="value_not_negative"),
    )

    reference: Mapped[str] = mapped_column(unique=True)
    issue: Mapped[Issue] = mapped_column(text_enum(Issue))
    status: Mapped[Status] = mapped_column(text_enum(Status), default=Status.NEW)
    channel: Mapped[TicketChannel] = mapped_column(text_enum(TicketChannel))
    language: Mapped[TicketLanguage] = mapped_column(text_enum(TicketLanguage))

    contact_name: Mapped[str | None] = mapped_column(EncryptedText())
    contact_name_kana: Mapped[str | None] = mapped_column(EncryptedText())
    contact_email: Mapped[str | None] = mapped_column(EncryptedText())
    contact_phone: Mapped[str | None] = mapped_column(EncryptedText())
    claimed_email: Mapped[str | None] = mapped_column(EncryptedText())
    claimed_phone: Mapped[str | None] = mapped_column(EncryptedText())
    claimed_postal_code: Mapped[str | None] = mapped_column(EncryptedText())
    claimed_order_number: Mapped[str | None] = mapped_column(EncryptedText())

    # No foreign key: the account directory may be another system one day.
    account_id: Mapped[UUID | None]
    account_ref: Mapped[str | None]
    linked_account_refs: Mapped[list[str]] = mapped_column(default=list)
    resolved_at: Mapped[datetime | None]
    budget_key: Mapped[bytes | None]
    # Set when an identifier's tickets went over their budget: the case lies behind this one, unresolved.
    filed_behind_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tickets.id", ondelete="SET NULL"))
    over_budget: Mapped[bool] = mapped_column(default=False)

    value_at_risk_yen: Mapped[int | None]
    value_tier: Mapped[str | None]
    priority: Mapped[int] = mapped_column(sa.SmallInteger(), default=10)
    priority_fixed: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]] = mapped_column(default=list)
    assignee_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agents.id", ondelete="SET NULL"))

    first_replied_at: Mapped[datetime | None]
    solved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Message(Identified, Model):
    """Something written on a ticket, never changed afterwards."""

    __tablename__ = "ticket_messages"
    __table_args__ = (sa.Index("ix_ticket_messages_ticket", "ticket_id", "created_at", "id"),)

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    visibility: Mapped[Visibility] = mapped_column(text_enum(Visibility))
    author_kind: Mapped[Author] = mapped_column(text_enum(Author))
    author_id: Mapped[UUID | None]
    body: Mapped[str]
    created_at: Mapped[datetime]


class Move(Identified, Model):
    """One change of status: who, why, from where, to where."""

    __tablename__ = "ticket_moves"
    __table_args__ = (sa.Index("ix_ticket_moves_ticket", "ticket_id", "created_at", "id"),)

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    from_status: Mapped[str | None]
    to_status: Mapped[Status] = mapped_column(text_enum(Status))
    mover_kind: Mapped[Mover] = mapped_column(text_enum(Mover))
    mover_id: Mapped[UUID | None]
    why: Mapped[str]
    created_at: Mapped[datetime]


class TicketKey(Model):
    """A blind key of an identifier that a ticket names, for finding it without keeping the identifier bare."""

    __tablename__ = "ticket_keys"
    __table_args__ = (sa.Index("ix_ticket_keys_key", "key", "ticket_id"),)

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[KeyKind] = mapped_column(text_enum(KeyKind))
