"""Tables of a restoration: the plan, its actions, and the stored value to be kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, Timestamped, Versioned, text_enum
from support_desk.core.secrets import EncryptedText


class Mode(StrEnum):
    """Whether the old account is given back, or what it holds is carried to a new one."""

    RESTORE = "restore"
    CARRY_OVER = "carry_over"


class RestorationState(StrEnum):
    """Where the whole plan stands."""

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    RESTORED = "restored"
    CONTESTED = "contested"


class ActionState(StrEnum):
    """Where one action stands."""

    PLANNED = "planned"
    ON_HOLD = "on_hold"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE = (ActionState.PLANNED, ActionState.ON_HOLD)


class Kind(StrEnum):
    """One kind of stored value."""

    GIFT_BALANCE = "gift_balance"
    POINTS = "points"
    PRIME = "prime"


class EntitlementState(StrEnum):
    """Whether what is there now is what was there when the case began."""

    PENDING = "pending"
    MATCHED = "matched"
    ADJUSTED = "adjusted"
    MISMATCH = "mismatch"


class Restoration(Identified, Timestamped, Versioned, Model):
    """The plan of one ticket for one account, with what the verdicts need to know of it."""

    __tablename__ = "restorations"

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"), unique=True)
    account_id: Mapped[UUID] = mapped_column(index=True)
    mode: Mapped[Mode] = mapped_column(text_enum(Mode), default=Mode.RESTORE)
    state: Mapped[RestorationState] = mapped_column(text_enum(RestorationState), default=RestorationState.PLANNED)
    reset_at: Mapped[datetime | None]
    reset_groups: Mapped[list[str]] = mapped_column(default=list)
    channel_replaced_at: Mapped[datetime | None]


class RestorationAction(Identified, Timestamped, Versioned, Model):
    """One step of a plan: asked for, perhaps held, applied once or never."""

    __tablename__ = "restoration_actions"
    __table_args__ = (
        sa.Index(
            "uq_restoration_actions_live",
            "restoration_id",
            "action",
            "part",
            unique=True,
            postgresql_where=sa.text("state IN ('planned', 'on_hold')"),
        ),
        sa.CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied_has_time"),
        sa.CheckConstraint("state <> 'on_hold' OR (not_before IS NOT NULL)", name="hold_has_end"),
        sa.CheckConstraint("applied_at IS NULL OR applied_at >= not_before", name="not_before_its_time"),
        sa.CheckConstraint("state NOT IN ('on_hold', 'applied') OR grant_id IS NOT NULL", name="has_grant"),
    )

    restoration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("restorations.id", ondelete="CASCADE"))
    action: Mapped[str]
    # The restriction that is lifted; empty for the other actions.
    part: Mapped[str] = mapped_column(default="")
    state: Mapped[ActionState] = mapped_column(text_enum(ActionState), default=ActionState.PLANNED)
    new_email: Mapped[str | None] = mapped_column(EncryptedText())
    new_password_hash: Mapped[str | None] = mapped_column(EncryptedText())
    # The challenge that was sent to a new channel, and when it came back right.
    challenge_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("challenges.id"))
    confirmed_at: Mapped[datetime | None]
    grant_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("grants.id"))
    not_before: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    stop_hash: Mapped[bytes] = mapped_column(unique=True)


class Entitlement(Identified, Model):
    """What of one kind was there when the case began, and what is there now."""

    __tablename__ = "restoration_entitlements"
    __table_args__ = (sa.UniqueConstraint("restoration_id", "kind"),)

    restoration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("restorations.id", ondelete="CASCADE"))
    kind: Mapped[Kind] = mapped_column(text_enum(Kind))
    expected: Mapped[dict[str, Any]] = mapped_column(JSONB())
    actual: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    # Yen, points or days; more than before is positive.
    difference: Mapped[int | None]
    state: Mapped[EntitlementState] = mapped_column(text_enum(EntitlementState), default=EntitlementState.PENDING)
    compared_at: Mapped[datetime | None]
