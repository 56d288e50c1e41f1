"""Customers who are signed in: opaque tokens, kept as hashes, all ended by a recovery."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import Request

from support_desk.accounts.models import AccountSession, Customer
from support_desk.accounts.views import SessionView
from support_desk.core import clock
from support_desk.core.access import Access, Caller
from support_desk.core.db import db
from support_desk.core.errors import NotAuthenticated
from support_desk.core.secrets import token_hash

SESSION_LIFE = timedelta(days=14)


def open_session(account_id: UUID) -> str:
    """Sign the customer in; returns the token, which is nowhere kept."""
    token = secrets.token_urlsafe(32)
    at = clock.now()
    db.session.add(
        AccountSession(
            account_id=account_id, token_hash=token_hash(token), created_at=at, expires_at=at + SESSION_LIFE
        )
    )
    db.session.flush()
    return token


def authenticate(request: Request, access: Access) -> Caller:
    """The customer whose session token the request bears; raises NotAuthenticated."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    found = find_session(token) if scheme.lower() == "bearer" else None
    if found is None:
        raise NotAuthenticated
    return Caller(kind=access.kind, account_id=found.account_id, session_id=found.id)


def find_session(token: str) -> SessionView | None:
    """The living session of this token, if there is one."""
    found = db.session.execute(
        sa.select(AccountSession.id, AccountSession.account_id, AccountSession.expires_at)
        .join(Customer, Customer.id == AccountSession.account_id)
        .where(
            AccountSession.token_hash == token_hash(token.strip()),
            AccountSession.ended_at.is_(None),
            AccountSession.expires_at > clock.now(),
            Customer.closed_at.is_(None),
            Customer.suspended_at.is_(None),
        )
    ).one_or_none()
    return SessionView(found.id, found.account_id, found.expires_at) if found else None


def end_session(session_id: UUID) -> None:
    """Sign one session out."""
    _end(AccountSession.id == session_id)


def end_sessions(account_id: UUID) -> int:
    """Sign the customer out everywhere; returns how many sessions ended."""
    return _end(AccountSession.account_id == account_id)


def _end(which: sa.ColumnElement[bool]) -> int:
    ended = db.session.execute(
        sa.update(AccountSession)
        .where(which, AccountSession.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(AccountSession.id)
    )
    return len(ended.all())
