"""Tables of verification: challenges put to a claimant, what was shown, grants, accounts in dispute."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, Timestamped, text_enum
from support_desk.core.secrets import EncryptedText


class ChallengeKind(StrEnum):
    """How somebody can show who they are."""

    EMAIL_CODE = "email_code"
    SMS_CODE = "sms_code"
    SPOKEN_CODE = "spoken_code"
    LETTER_CODE = "letter_code"
    RECOVERY_CODE = "recovery_code"
    TOTP = "totp"
    ORDER_RECALL = "order_recall"
    ORDER_QUIZ = "order_quiz"
    ID_MAIL = "id_mail"


class ChallengePurpose(StrEnum):
    """What a code may be used for, and nothing else."""

    IDENTIFY = "identify"
    RESET = "reset"
    CONFIRM_CHANNEL = "confirm_channel"


class ChallengeState(StrEnum):
    """Where a challenge stands; the same for every claimant until a right code."""

    PREPARING = "preparing"
    READY = "ready"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    DEAD = "dead"


RUNNING = (ChallengeState.PREPARING, ChallengeState.READY)


class EvidenceGroup(StrEnum):
    """What is lost or stolen together."""

    END = "END"
    TEL = "TEL"
    OFF = "OFF"
    POST = "POST"
    MEM = "MEM"


class Challenge(Identified, Timestamped, Model):
    """One challenge of a ticket. It has its row and does equal work whether or not a code was sent."""

    __tablename__ = "challenges"
    __table_args__ = (
        sa.Index(
            "uq_challenges_running",
            "ticket_id",
            "kind",
            "purpose",
            unique=True,
            postgresql_where=sa.text("state IN ('preparing', 'ready')"),
        ),
        sa.Index("ix_challenges_ticket_id", "ticket_id", "id"),
        sa.CheckConstraint("tries >= 0 AND tries <= 5", name="tries"),
        sa.CheckConstraint("send_number >= 0", name="send_number"),
        sa.CheckConstraint("state <> 'ready' OR expires_at IS NOT NULL", name="ready_expires"),
    )

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    kind: Mapped[ChallengeKind] = mapped_column(text_enum(ChallengeKind))
    purpose: Mapped[ChallengePurpose] = mapped_column(text_enum(ChallengePurpose))
    state: Mapped[ChallengeState] = mapped_column(text_enum(ChallengeState), default=ChallengeState.PREPARING)
    # How often it was asked for, and when last: counted for everybody, sent or not.
    asked_count: Mapped[int] = mapped_column(sa.Integer(), default=1)
    asked_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    # What the claimant is told; what binds a code is code_expires_at.
    expires_at: Mapped[datetime | None]
    # The code in force is derived from this number; 0: none was ever sent.
    send_number: Mapped[int] = mapped_column(sa.Integer(), default=0)
    tries: Mapped[int] = mapped_column(sa.Integer(), default=0)
    code_expires_at: Mapped[datetime | None]
    # No foreign key: the account directory may be another system one day.
    account_id: Mapped[UUID | None]
    account_version: Mapped[int | None] = mapped_column(sa.Integer())
    channel_since: Mapped[datetime | None]
    set_by_desk: Mapped[bool] = mapped_column(default=False)
    # Only of a channel that is being confirmed; codes to a registered one look it up when they are sent.
    address: Mapped[str | None] = mapped_column(EncryptedText())
    # The grids that an order quiz shows.
    quiz_attempt_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("quiz_attempts.id", ondelete="SET NULL"), index=True
    )
    # What a claimant remembers or has ticked, kept until it is scored.
    facts: Mapped[str | None] = mapped_column(EncryptedText())
    answered_at: Mapped[datetime | None]
    agent_id: Mapped[UUID | None]


class PostedLetter(Identified, Model):
    """A letter with a code, posted to the registered address of an account; whoever asks next shares it."""

    __tablename__ = "posted_letters"
    __table_args__ = (sa.Index("ix_posted_letters_account_id", "account_id", "id"),)

    account_id: Mapped[UUID]
    account_version: Mapped[int] = mapped_column(sa.Integer())
    address_since: Mapped[datetime]
    posted_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class IdMailResult(StrEnum):
    """What the post office did."""

    DELIVERED = "delivered"
    RETURNED = "returned"


class IdMail(Model):
    """ID-checked mail as one agent recorded it and another one, two days later, decided about it."""

    __tablename__ = "id_mails"
    __table_args__ = (sa.CheckConstraint("decided_by IS NULL OR decided_by <> recorded_by", name="two_agents"),)

    challenge_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("challenges.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[UUID]
    tracking_number: Mapped[str] = mapped_column(EncryptedText())
    result: Mapped[IdMailResult] = mapped_column(text_enum(IdMailResult))
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    approved: Mapped[bool | None]


class EvidenceItem(Identified, Model):
    """Something a claimant has shown."""

    __tablename__ = "evidence_items"
    __table_args__ = (
        sa.Index("ix_evidence_items_ticket_id", "ticket_id", "id"),
        sa.CheckConstraint("(evidence_group = 'MEM') = (bits IS NOT NULL)", name="bits_of_history"),
    )

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    challenge_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("challenges.id", ondelete="SET NULL"), unique=True
    )
    account_id: Mapped[UUID] = mapped_column(index=True)
    evidence_group: Mapped[EvidenceGroup] = mapped_column(text_enum(EvidenceGroup))
    kind: Mapped[ChallengeKind] = mapped_column(text_enum(ChallengeKind))
    bits: Mapped[Decimal | None] = mapped_column(sa.Numeric(6, 3))
    channel_since: Mapped[datetime | None]
    set_by_desk: Mapped[bool] = mapped_column(default=False)
    passed_at: Mapped[datetime]


class Grant(Identified, Model):
    """Leave for one action on one account, minted from a verdict, sealed by a MAC, consumed once."""

    __tablename__ = "grants"
    __table_args__ = (
        sa.Index("ix_grants_ticket_id", "ticket_id", "id"),
        sa.Index("ix_grants_account_id", "account_id", "action"),
        sa.CheckConstraint("not_before < expires_at", name="usable"),
    )

    ticket_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tickets.id", ondelete="CASCADE"))
    account_id: Mapped[UUID]
    account_version: Mapped[int] = mapped_column(sa.Integer())
    action: Mapped[str]
    level: Mapped[str]
    groups: Mapped[list[str]]
    value_tier: Mapped[str]
    hold_seconds: Mapped[int] = mapped_column(sa.Integer())
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime]
    policy_version: Mapped[str]
    approvers: Mapped[list[str]]
    mac: Mapped[bytes]
    created_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]


class ContestedAccount(Model):
    """An account that two people claim, or whose recovery was stopped; open while `settled_at` is empty."""

    __tablename__ = "contested_accounts"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tickets.id", ondelete="SET NULL"))
    why: Mapped[str]
    since: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class QuizPart(StrEnum):
    """Which part of the budget an attempt at the quiz is to come from; SPENT: none is left, and nothing counts."""

    OPEN = "open"
    RESERVED = "reserved"
    SPENT = "spent"


class QuizAttempt(Identified, Model):
    """The grids of one attempt, wherever it is looked at; for those we cannot ask, grids that look alike."""

    __tablename__ = "quiz_attempts"
    __table_args__ = (
        sa.UniqueConstraint("subject_key", "number"),
        sa.CheckConstraint("number >= 1", name="number"),
    )

    # The MAC of the account, else of the strongest identifier: what attempts are counted by.
    subject_key: Mapped[bytes]
    number: Mapped[int] = mapped_column(sa.Integer())
    part: Mapped[QuizPart] = mapped_column(text_enum(QuizPart))
    # A reserved attempt belongs to the case in which it was earned.
    ticket_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("tickets.id", ondelete="SET NULL"), index=True)
    # Empty: nothing shown was ordered by anybody we know, and no answer is right.
    account_id: Mapped[UUID | None] = mapped_column(index=True)
    grids: Mapped[str] = mapped_column(EncryptedText())
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
