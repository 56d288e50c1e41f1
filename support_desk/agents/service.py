"""The people of the desk: who they are, whether they are there."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from support_desk.agents.errors import AgentExists, EmailUnusable, LastAdmin
from support_desk.agents.models import Agent, AgentSession, ApiToken, Presence
from support_desk.agents.passwords import hash_password, new_password
from support_desk.agents.permissions import PERMISSIONS, Role
from support_desk.agents.shifts_service import Hours, add_shift, list_shifts
from support_desk.agents.views import AgentView, agent_view
from support_desk.audit.service import record
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import NotFound, PreconditionFailed, Problem
from support_desk.core.i18n import LANGUAGES
from support_desk.core.japan import normalise_email
from support_desk.core.paging import Key, Page, page
from support_desk.core.secrets import blind_index

__all__ = [
    "PERMISSIONS",
    "AgentView",
    "available_agents",
    "create_agent",
    "ensure_first_agent",
    "find_agent",
    "get_agent",
    "is_active",
    "list_agents",
    "list_shifts",
    "names_of",
    "page_agents",
    "reset_agent",
    "set_presence",
    "update_agent",
]

#: How long an agent counts as present after the last sign of life.
PRESENCE_LASTS = timedelta(minutes=5)
FIRST_AGENT_EMAIL = "first.agent@example.jp"
_FIRST_SHIFT = Hours.between("09:00", "20:00", LANGUAGES)


def email_key(email: str) -> bytes | None:
    """What an agent is looked up by, or None for something that is no address."""
    normalised = normalise_email(email)
    return blind_index("agent_email", normalised) if normalised else None


def create_agent(
    email: str, name: str, role: Role | str, *, languages: tuple[str, ...] = LANGUAGES
) -> tuple[AgentView, str]:
    """A new person of the desk and the password that is shown once.

    Raises EmailUnusable and AgentExists.
    """
    index = email_key(email)
    if index is None:
        raise EmailUnusable(errors=[Problem("/email", "invalid", EmailUnusable.en)])
    password = new_password()
    row = Agent(
        email=email.strip(),
        email_index=index,
        name=name,
        role=Role(role),
        languages=list(languages),
        password_hash=hash_password(password),
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise AgentExists from None
    record("agent", row.id, "agent:account:created", role=row.role.value)
    return agent_view(row), password


def reset_agent(email: str) -> tuple[AgentView, str]:
    """A fresh password for an agent, no authenticator and no session; raises NotFound."""
    index = email_key(email)
    row = db.session.scalar(sa.select(Agent).where(Agent.email_index == index).with_for_update())
    if row is None:
        raise NotFound
    password = new_password()
    row.password_hash = hash_password(password)
    row.totp_secret = row.totp_confirmed_at = row.totp_last_step = None
    _end_credentials(row.id, tokens=False)
    record("agent", row.id, "agent:account:reset")
    db.session.flush()
    return agent_view(row), password


def update_agent(
    agent_id: UUID,
    *,
    version: int,
    name: str | None = None,
    role: Role | str | None = None,
    languages: tuple[str, ...] | None = None,
    disabled: bool | None = None,
) -> AgentView:
    """Change what is given; disabling ends every session and token.

    Raises NotFound, PreconditionFailed for another version, LastAdmin.
    """
    # All admins are locked in one order, so that two cannot disable each other at once.
    admins = db.session.scalars(
        sa.select(Agent.id)
        .where(Agent.role == Role.ADMIN, Agent.disabled_at.is_(None))
        .order_by(Agent.id)
        .with_for_update()
    ).all()
    row = db.session.get(Agent, agent_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if row.version != version:
        raise PreconditionFailed(headers={"ETag": f'"{row.version}"'})
    demoted = role is not None and Role(role) is not Role.ADMIN
    if (disabled or demoted) and list(admins) == [agent_id]:
        raise LastAdmin
    if name is not None:
        row.name = name
    if role is not None and Role(role) is not row.role:
        record("agent", row.id, "agent:role:changed", before=row.role.value, after=Role(role).value)
        row.role = Role(role)
    if languages is not None:
        row.languages = list(languages)
    if disabled is not None and disabled != (row.disabled_at is not None):
        row.disabled_at = clock.now() if disabled else None
        if disabled:
            row.presence = Presence.OFFLINE
            _end_credentials(row.id, tokens=True)
        record("agent", row.id, "agent:account:disabled" if disabled else "agent:account:enabled")
    db.session.flush()
    return agent_view(row)


def get_agent(agent_id: UUID) -> AgentView:
    """A person of the desk; raises NotFound."""
    found = find_agent(agent_id)
    if found is None:
        raise NotFound
    return found


def find_agent(agent_id: UUID) -> AgentView | None:
    """A person of the desk, or None."""
    row = db.session.get(Agent, agent_id)
    return agent_view(row) if row else None


def is_active(agent_id: UUID) -> bool:
    """Whether there is such an agent, not disabled."""
    query = sa.select(Agent.id).where(Agent.id == agent_id, Agent.disabled_at.is_(None))
    return db.session.scalar(query) is not None


def list_agents() -> list[AgentView]:
    """Everybody of the desk, disabled ones too, in order of joining."""
    return [agent_view(row) for row in db.session.scalars(sa.select(Agent).order_by(Agent.id))]


def page_agents(*, limit: int, cursor: str | None) -> Page[AgentView]:
    """One page of everybody of the desk, in order of joining."""
    keys = [Key(Agent.id, lambda row: row.id)]
    found = page(sa.select(Agent), keys, limit=limit, cursor=cursor, scope="agents")
    return Page([agent_view(row) for row in found.items], found.next_cursor)


def names_of(agent_ids: set[UUID]) -> dict[UUID, str]:
    """The names of some agents, in one query."""
    if not agent_ids:
        return {}
    rows = db.session.execute(sa.select(Agent.id, Agent.name).where(Agent.id.in_(agent_ids)))
    return {row.id: row.name for row in rows}


def available_agents(language: str) -> list[AgentView]:
    """Who can take a call in this language now, longest idle first."""
    rows = db.session.scalars(
        sa.select(Agent)
        .where(
            Agent.disabled_at.is_(None),
            Agent.presence == Presence.AVAILABLE,
            Agent.heartbeat_at > clock.now() - PRESENCE_LASTS,
            sa.literal(language) == sa.any_(Agent.languages),
        )
        .order_by(Agent.presence_since, Agent.id)
    )
    return [agent_view(row) for row in rows]


def set_presence(agent_id: UUID, presence: Presence | str) -> AgentView:
    """Say what an agent is doing, and that they are alive; the row's version stays."""
    now, chosen = clock.now(), Presence(presence)
    since = sa.case((Agent.presence == chosen, Agent.presence_since), else_=now)
    db.session.execute(
        sa.update(Agent)
        .where(Agent.id == agent_id)
        .values(presence=chosen, presence_since=since, heartbeat_at=now)
        .execution_options(synchronize_session=False)
    )
    row = db.session.get(Agent, agent_id, populate_existing=True)
    if row is None:
        raise NotFound
    return agent_view(row)


def ensure_first_agent() -> tuple[str, str] | None:
    """On a system without agents: an admin with a daily shift, as (e-mail, password shown once); else None."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Agent)):
        return None
    first, password = create_agent(FIRST_AGENT_EMAIL, "山田 葵", Role.ADMIN)
    for weekday in range(7):
        add_shift(first.id, weekday, _FIRST_SHIFT)
    return first.email, password


def _end_credentials(agent_id: UUID, *, tokens: bool) -> None:
    now = clock.now()
    db.session.execute(
        sa.update(AgentSession)
        .where(AgentSession.agent_id == agent_id, AgentSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    if tokens:
        db.session.execute(
            sa.update(ApiToken)
            .where(ApiToken.agent_id == agent_id, ApiToken.revoked_at.is_(None))
            .values(revoked_at=now)
        )
