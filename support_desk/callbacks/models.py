"""Tables of the callbacks: bookings, the seats they hold, the attempts made."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.callbacks.lifecycle import ENDED, Outcome, State
from support_desk.core.db import Identified, Model, Timestamped, Versioned, text_enum
from support_desk.core.secrets import EncryptedText


class NumberKind(StrEnum):
    """Which number is rung: the account's, or one the claimant gave."""

    ON_FILE = "on_file"
    GIVEN = "given"


class CallbackLanguage(StrEnum):
    """The language the call is made in."""

    JA = "ja"
    EN = "en"


def _states(*states: State) -> str:
    return ", ".join(f"'{state.value}'" for state in State if state in states)


class Callback(Identified, Timestamped, Versioned, Model):
    """A promised call.

    `turn` counts the times it was given a slot: what was promised for an earlier one is void. `fence` counts the
    leases: only the holder of the newest may write.
    """

    __tablename__ = "callbacks"
    __table_args__ = (
        sa.Index(
            "uq_callbacks_active_ticket",
            "ticket_id",
            unique=True,
            postgresql_where=sa.text(f"state NOT IN ({_states(*ENDED)})"),
        ),
        sa.Index(
            "uq_callbacks_lease_agent",
            "lease_agent_id",
            unique=True,
            postgresql_where=sa.text("lease_agent_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_callbacks_claimable",
            "due_at",
            "id",
            postgresql_where=sa.text(f"state IN ({_states(State.DUE, State.OFFERED)})"),
        ),
        sa.Index("ix_callbacks_state_due_at", "state", "due_at", "id"),
        sa.Index("ix_callbacks_due_at", "due_at", "id"),
        sa.Index("ix_callbacks_ticket_id", "ticket_id"),
        sa.CheckConstraint("(number_kind = 'given') = (number IS NOT NULL)", name="given_has_number"),
        sa.CheckConstraint(
            f"(state IN ({_states(State.OFFERED, State.DIALLING)})) = (lease_agent_id IS NOT NULL)"
            " AND (lease_agent_id IS NULL) = (lease_until IS NULL)",
            name="leased_in_hand",
        ),
        sa.CheckConstraint(f"(state IN ({_states(*ENDED)})) = (ended_at IS NOT NULL)", name="ended_has_time"),
        sa.CheckConstraint("slot_end > slot_start", name="slot_order"),
        sa.CheckConstraint("attempts_count BETWEEN 0 AND 3", name="attempts_range"),
    )

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    state: Mapped[State] = mapped_column(text_enum(State), default=State.SCHEDULED)
    language: Mapped[CallbackLanguage] = mapped_column(text_enum(CallbackLanguage))
    slot_start: Mapped[datetime]
    slot_end: Mapped[datetime]
    number_kind: Mapped[NumberKind] = mapped_column(text_enum(NumberKind))
    number: Mapped[str | None] = mapped_column(EncryptedText())
    consent_at: Mapped[datetime]
    turn: Mapped[int] = mapped_column(sa.Integer(), default=1)
    due_at: Mapped[datetime]
    # When a worker found it due: its distance from `due_at` is the desk's lateness.
    became_due_at: Mapped[datetime | None]
    lease_agent_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("agents.id", ondelete="RESTRICT"))
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts_count: Mapped[int] = mapped_column(sa.SmallInteger(), default=0)
    ended_at: Mapped[datetime | None]


class Seat(Model):
    """One unit of a slot's capacity that a callback holds; the key is what makes overbooking impossible."""

    __tablename__ = "callback_seats"
    __table_args__ = (sa.CheckConstraint("seat_no >= 1", name="numbered_from_one"),)

    slot_start: Mapped[datetime] = mapped_column(primary_key=True)
    seat_no: Mapped[int] = mapped_column(sa.Integer(), primary_key=True, autoincrement=False)
    language: Mapped[CallbackLanguage] = mapped_column(text_enum(CallbackLanguage))
    callback_id: Mapped[UUID] = mapped_column(sa.ForeignKey("callbacks.id", ondelete="CASCADE"), unique=True)


class Attempt(Identified, Timestamped, Versioned, Model):
    """One dialling: written before it happens, so that none goes unrecorded."""

    __tablename__ = "callback_attempts"
    __table_args__ = (
        sa.UniqueConstraint("callback_id", "number"),
        sa.Index(
            "uq_callback_attempts_open",
            "callback_id",
            unique=True,
            postgresql_where=sa.text("outcome IS NULL"),
        ),
        sa.Index("ix_callback_attempts_agent_id", "agent_id"),
        sa.CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="outcome_has_time"),
        sa.CheckConstraint("number BETWEEN 1 AND 3", name="number_range"),
    )

    callback_id: Mapped[UUID] = mapped_column(sa.ForeignKey("callbacks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(sa.SmallInteger())
    agent_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agents.id", ondelete="RESTRICT"))
    fence: Mapped[int]
    started_at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = mapped_column(text_enum(Outcome))
    note: Mapped[str | None] = mapped_column(EncryptedText())
    ended_at: Mapped[datetime | None]
