"""What the people of the desk look like from outside their tables."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from support_desk.agents.models import Agent, ApiToken, Presence, Shift
from support_desk.agents.permissions import Role


@dataclass(frozen=True)
class AgentView:
    """A person of the desk; never the password, never the authenticator's secret."""

    id: UUID
    email: str
    name: str
    role: Role
    languages: tuple[str, ...]
    presence: Presence
    heartbeat_at: datetime | None
    second_factor: bool
    disabled_at: datetime | None
    version: int
    created_at: datetime


@dataclass(frozen=True)
class ShiftView:
    """Hours of one weekday (0 is Monday), in the desk's zone."""

    id: UUID
    agent_id: UUID
    weekday: int
    starts_at: time
    ends_at: time
    languages: tuple[str, ...]


@dataclass(frozen=True)
class SessionView:
    """A sign-in that is alive."""

    id: UUID
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class ApiTokenView:
    """An API token without its secret."""

    id: UUID
    agent_id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def agent_view(row: Agent) -> AgentView:
    """The view of a row."""
    return AgentView(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        languages=tuple(row.languages),
        presence=row.presence,
        heartbeat_at=row.heartbeat_at,
        second_factor=row.totp_confirmed_at is not None,
        disabled_at=row.disabled_at,
        version=row.version,
        created_at=row.created_at,
    )


def shift_view(row: Shift) -> ShiftView:
    """The view of a row."""
    return ShiftView(row.id, row.agent_id, row.weekday, row.starts_at, row.ends_at, tuple(row.languages))


def api_token_view(row: ApiToken) -> ApiTokenView:
    """The view of a row."""
    return ApiTokenView(
        id=row.id,
        agent_id=row.agent_id,
        name=row.name,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
