"""Tables of the people at the desk."""

from datetime import datetime, time
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.agents.permissions import Role
from support_desk.core.db import Identified, Model, Timestamped, Versioned, text_enum
from support_desk.core.secrets import EncryptedText


class Presence(StrEnum):
    """What an agent is doing now."""

    AVAILABLE = "available"
    BUSY = "busy"
    ON_CALL = "on_call"
    AWAY = "away"
    OFFLINE = "offline"


class Agent(Identified, Timestamped, Versioned, Model):
    """A person of the desk."""

    __tablename__ = "agents"

    email: Mapped[str] = mapped_column(EncryptedText())
    email_index: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(EncryptedText())
    role: Mapped[Role] = mapped_column(text_enum(Role))
    languages: Mapped[list[str]]
    password_hash: Mapped[str]
    totp_secret: Mapped[str | None] = mapped_column(EncryptedText())
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int | None]
    presence: Mapped[Presence] = mapped_column(text_enum(Presence), default=Presence.OFFLINE)
    presence_since: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class AgentSession(Identified, Model):
    """One sign-in to the dashboard; the cookie holds the token, the table its hash."""

    __tablename__ = "agent_sessions"

    agent_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    enrolment_only: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ApiToken(Identified, Model):
    """A credential of a program that acts for an agent, or of a shop's form server."""

    __tablename__ = "agent_api_tokens"

    agent_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Shift(Identified, Model):
    """Hours of one weekday (0 is Monday) in the desk's zone at which an agent takes calls."""

    __tablename__ = "agent_shifts"
    __table_args__ = (
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("ends_at > starts_at", name="order"),
        sa.UniqueConstraint("agent_id", "weekday", "starts_at"),
    )

    agent_id: Mapped[UUID] = mapped_column(sa.ForeignKey("agents.id", ondelete="CASCADE"))
    weekday: Mapped[int] = mapped_column(sa.SmallInteger())
    starts_at: Mapped[time] = mapped_column(sa.Time())
    ends_at: Mapped[time] = mapped_column(sa.Time())
    languages: Mapped[list[str]]
