"""Signing in to the desk, the authenticator app, and the sessions that follow."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from support_desk.agents.errors import SecondFactorAlreadyEnrolled
from support_desk.agents.models import Agent, AgentSession, Presence
from support_desk.agents.passwords import password_matches
from support_desk.agents.service import email_key
from support_desk.agents.views import AgentView, SessionView, agent_view
from support_desk.audit.service import record
from support_desk.core import clock, settings, totp
from support_desk.core.budgets import Rule, give_back, spend
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.core.paging import Key, Page, page
from support_desk.core.secrets import blind_index, derive_token, token_hash, token_matches

SESSION_LASTS = timedelta(hours=12)
#: Failures only: what a sign-in spent is given back when it succeeds.
PER_AGENT = Rule("agents.sign_in", 10, timedelta(minutes=15))
PER_NETWORK = Rule("agents.sign_in_network", 100, timedelta(minutes=15))
_UNKNOWN = "unknown"


class SignInRefused(StrEnum):
    """Why nobody was signed in; a value and no exception, because the attempt must stay counted."""

    CREDENTIALS = "credentials"
    SECOND_FACTOR = "second_factor"
    WRONG_CODE = "wrong_code"
    NETWORK = "network"


@dataclass(frozen=True)
class SignedIn:
    """A session that was opened; the token is for the cookie and nowhere else."""

    agent: AgentView
    session_id: UUID
    token: str
    csrf_token: str
    enrolment_only: bool
    expires_at: datetime


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs; shown while it is being enrolled."""

    secret: str
    uri: str


def sign_in(email: str, password: str, *, code: str | None, network: str) -> SignedIn | SignInRefused:
    """Open a session, with equal work for known and unknown addresses."""
    now = clock.now()
    index = email_key(email)
    agent_key = (index or blind_index("agent_email", _UNKNOWN)).hex()
    if not spend(network, PER_NETWORK, at=now):
        return SignInRefused.NETWORK
    within = spend(agent_key, PER_AGENT, at=now)
    row = db.session.scalar(sa.select(Agent).where(Agent.email_index == (index or b"")))
    known = row.password_hash if row is not None and row.disabled_at is None else None
    right = password_matches(known, password)
    if row is None or not right or not within:
        return SignInRefused.CREDENTIALS
    if row.totp_confirmed_at is not None:
        if not code:
            # The password was right: nothing was guessed, and the next call spends again.
            _give_back(network, agent_key, now)
            return SignInRefused.SECOND_FACTOR
        if not _use_code(row, code):
            return SignInRefused.WRONG_CODE
    _give_back(network, agent_key, now)
    return _open_session(row)


def sign_out(session_id: UUID) -> None:
    """End a session; the agent goes offline with the last one."""
    row = db.session.get(AgentSession, session_id)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = clock.now()
    db.session.flush()
    others = sa.select(AgentSession.id).where(
        AgentSession.agent_id == row.agent_id,
        AgentSession.ended_at.is_(None),
        AgentSession.expires_at > clock.now(),
    )
    if db.session.scalar(others.limit(1)) is None:
        db.session.execute(
            sa.update(Agent)
            .where(Agent.id == row.agent_id)
            .values(presence=Presence.OFFLINE, presence_since=clock.now())
            .execution_options(synchronize_session=False)
        )
    record("agent", row.agent_id, "agent:session:ended")


def end_session(session_id: UUID, *, of_agent: UUID) -> None:
    """End a session of this agent; raises NotFound for another's, an ended and an unknown one."""
    row = db.session.get(AgentSession, session_id)
    if row is None or row.agent_id != of_agent or row.ended_at is not None:
        raise NotFound
    sign_out(session_id)


def page_sessions(agent_id: UUID, *, limit: int, cursor: str | None) -> Page[SessionView]:
    """One page of an agent's sessions that are alive, newest first."""
    query = sa.select(AgentSession).where(
        AgentSession.agent_id == agent_id,
        AgentSession.ended_at.is_(None),
        AgentSession.expires_at > clock.now(),
    )
    keys = [Key(AgentSession.id, lambda row: row.id, descending=True)]
    found = page(query, keys, limit=limit, cursor=cursor, scope=f"sessions {agent_id}")
    return Page([SessionView(row.id, row.created_at, row.expires_at) for row in found.items], found.next_cursor)


def find_session(token: str) -> tuple[AgentSession, Agent] | None:
    """The live session of a cookie and its agent, or None."""
    found = db.session.execute(
        sa.select(AgentSession, Agent)
        .join(Agent, Agent.id == AgentSession.agent_id)
        .where(
            AgentSession.token_hash == token_hash(token),
            AgentSession.ended_at.is_(None),
            AgentSession.expires_at > clock.now(),
            Agent.disabled_at.is_(None),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else None


def csrf_token(session_id: UUID) -> str:
    """What a page of this session puts into its forms and its X-CSRF-Token header."""
    return derive_token("agents.csrf", session_id)


def csrf_matches(session_id: UUID, given: str) -> bool:
    """Whether a write comes from a page of this session."""
    return token_matches("agents.csrf", given, session_id)


def begin_enrolment(agent_id: UUID) -> Enrolment:
    """A fresh authenticator secret, not in force before it is confirmed; raises SecondFactorAlreadyEnrolled."""
    row = _locked(agent_id)
    if row.totp_confirmed_at is not None:
        raise SecondFactorAlreadyEnrolled
    secret = totp.new_secret()
    row.totp_secret = secret
    row.totp_last_step = None
    db.session.flush()
    uri = totp.provisioning_uri(secret, account=row.email, issuer=settings.current().shop_name)
    return Enrolment(secret, uri)


def confirm_enrolment(agent_id: UUID, session_id: UUID, code: str) -> bool:
    """Put the authenticator in force when its code is right; False is counted by the caller's budget."""
    row = _locked(agent_id)
    if row.totp_confirmed_at is not None:
        raise SecondFactorAlreadyEnrolled
    if not spend(row.email_index.hex(), PER_AGENT, at=clock.now()) or not _use_code(row, code):
        return False
    row.totp_confirmed_at = clock.now()
    db.session.execute(sa.update(AgentSession).where(AgentSession.id == session_id).values(enrolment_only=False))
    # A session opened with the password alone does not outlive the enrolment.
    db.session.execute(
        sa.update(AgentSession)
        .where(
            AgentSession.agent_id == agent_id,
            AgentSession.id != session_id,
            AgentSession.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
    )
    record("agent", agent_id, "agent:second_factor:enrolled")
    db.session.flush()
    return True


def _locked(agent_id: UUID) -> Agent:
    row = db.session.get(Agent, agent_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _use_code(row: Agent, code: str) -> bool:
    """Spend one step of the authenticator; of two calls with one code one wins."""
    if row.totp_secret is None:
        return False
    step = totp.matching_step(row.totp_secret, code, at=clock.now(), last_step=row.totp_last_step)
    if step is None:
        return False
    used = db.session.execute(
        sa.update(Agent)
        .where(Agent.id == row.id, sa.or_(Agent.totp_last_step.is_(None), Agent.totp_last_step < step))
        .values(totp_last_step=step)
        .returning(Agent.id)
        .execution_options(synchronize_session=False)
    ).first()
    return used is not None


def _open_session(row: Agent) -> SignedIn:
    now = clock.now()
    token = secrets.token_urlsafe(32)
    enrolment_only = settings.current().agent_second_factor == "required" and row.totp_confirmed_at is None
    opened = AgentSession(
        agent_id=row.id,
        token_hash=token_hash(token),
        enrolment_only=enrolment_only,
        created_at=now,
        expires_at=now + SESSION_LASTS,
    )
    db.session.add(opened)
    db.session.flush()
    record("agent", row.id, "agent:session:opened", enrolment_only=enrolment_only)
    return SignedIn(
        agent=agent_view(row),
        session_id=opened.id,
        token=token,
        csrf_token=csrf_token(opened.id),
        enrolment_only=enrolment_only,
        expires_at=opened.expires_at,
    )


def _give_back(network: str, agent_key: str, at: datetime) -> None:
    give_back(network, PER_NETWORK, at=at)
    give_back(agent_key, PER_AGENT, at=at)
