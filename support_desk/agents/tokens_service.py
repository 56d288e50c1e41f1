"""API tokens: credentials of programs, with scopes and an end."""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.agents.errors import ExpiryInPast, ScopeRefused
from support_desk.agents.models import Agent, ApiToken
from support_desk.agents.permissions import INTAKE_SCOPE, Role, scopes_refused
from support_desk.agents.views import ApiTokenView, api_token_view
from support_desk.audit.service import record
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import NotFound, Problem
from support_desk.core.paging import Key, Page, page
from support_desk.core.secrets import token_hash

#: Tells our tokens from a claimant's or a customer's without a look-up, and secret scanners what they found.
PREFIX = "sdk_"
LONGEST_LIFE = timedelta(days=366)


def issue_token(
    agent_id: UUID, role: Role | str, *, name: str, scopes: frozenset[str], expires_at: datetime
) -> tuple[ApiTokenView, str]:
    """A new token and its secret, shown once; raises ScopeRefused, ExpiryInPast."""
    now = clock.now()
    if not now < expires_at <= now + LONGEST_LIFE:
        raise ExpiryInPast(errors=[Problem("/expires_at", "expiry_in_past", ExpiryInPast.en)])
    if scopes_refused(role, scopes):
        raise ScopeRefused
    secret = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        agent_id=agent_id,
        name=name,
        token_hash=token_hash(secret),
        scopes=sorted(scopes),
        created_at=now,
        expires_at=expires_at,
    )
    db.session.add(row)
    db.session.flush()
    record(
        "agent",
        agent_id,
        "agent:api_token:issued",
        token_id=str(row.id),
        scope_count=len(scopes),
        intake=INTAKE_SCOPE in scopes,
    )
    return api_token_view(row), secret


def page_tokens(agent_id: UUID | None, *, limit: int, cursor: str | None) -> Page[ApiTokenView]:
    """One page of the tokens of one agent that are not revoked, newest first; of everybody for None."""
    query = sa.select(ApiToken).where(ApiToken.revoked_at.is_(None))
    if agent_id is not None:
        query = query.where(ApiToken.agent_id == agent_id)
    keys = [Key(ApiToken.id, lambda row: row.id, descending=True)]
    found = page(query, keys, limit=limit, cursor=cursor, scope=f"api tokens {agent_id}")
    return Page([api_token_view(row) for row in found.items], found.next_cursor)


def revoke_token(token_id: UUID, *, of_agent: UUID | None) -> None:
    """End a token of this agent, or of anybody for None; raises NotFound."""
    row = db.session.get(ApiToken, token_id, with_for_update=True)
    if row is None or row.revoked_at is not None or (of_agent is not None and row.agent_id != of_agent):
        raise NotFound
    row.revoked_at = clock.now()
    db.session.flush()
    record("agent", row.agent_id, "agent:api_token:revoked", token_id=str(row.id))


def find_token(secret: str) -> tuple[ApiToken, Agent] | None:
    """The live token of a secret and its agent, or None."""
    found = db.session.execute(
        sa.select(ApiToken, Agent)
        .join(Agent, Agent.id == ApiToken.agent_id)
        .where(
            ApiToken.token_hash == token_hash(secret),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > clock.now(),
            Agent.disabled_at.is_(None),
        )
    ).one_or_none()
    return (found[0], found[1]) if found else None
