"""How an agent's credential is checked: session cookie with CSRF token, or API token as Bearer."""

import ipaddress

from flask import Request

from support_desk.agents.errors import (
    CsrfRefused,
    ForwardedClientMalformed,
    PermissionMissing,
    SecondFactorNotEnrolled,
)
from support_desk.agents.permissions import INTAKE_SCOPE, effective_permissions
from support_desk.agents.sign_in_service import csrf_matches, find_session
from support_desk.agents.tokens_service import PREFIX, find_token
from support_desk.config import Settings
from support_desk.core import settings
from support_desk.core.access import ANONYMOUS, Access, Caller
from support_desk.core.errors import NotAuthenticated

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def cookie_name(now: Settings) -> str:
    """The session cookie: with the __Host- prefix wherever the desk is reached by https."""
    return "__Host-desk_session" if cookie_is_secure(now) else "desk_session"


def cookie_is_secure(now: Settings) -> bool:
    """Whether the cookie may travel over https only."""
    return now.base_url.startswith("https://")


def authenticate_agent(request: Request, access: Access) -> Caller:
    """The agent who calls, allowed to; raises NotAuthenticated, PermissionMissing, CsrfRefused."""
    bearer = _bearer(request)
    who, enrolment_only = (_by_token(bearer), False) if bearer is not None else _by_cookie(request)
    if access.permission is not None and access.permission not in who.permissions:
        raise SecondFactorNotEnrolled if enrolment_only else PermissionMissing
    return who


def authenticate_intake(request: Request, access: Access) -> Caller:
    """On public routes: the shop's form server if its token says so, with its visitor's address; else anybody.

    A token of ours that is wrong, expired or without the scope is refused, so that a form server notices.
    """
    bearer = _bearer(request)
    if bearer is None or not bearer.startswith(PREFIX):
        return ANONYMOUS
    found = find_token(bearer)
    if found is None:
        raise NotAuthenticated
    token, agent = found
    if INTAKE_SCOPE not in token.scopes:
        if request.method in _READS:
            return ANONYMOUS
        raise PermissionMissing
    return Caller(kind="intake", agent_id=agent.id, role=agent.role.value, forwarded_address=_forwarded(request))


def _bearer(request: Request) -> str | None:
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    return credential.strip() if scheme.lower() == "bearer" else None


def _by_token(secret: str) -> Caller:
    found = find_token(secret) if secret.startswith(PREFIX) else None
    if found is None:
        raise NotAuthenticated
    token, agent = found
    held = effective_permissions(agent.role, frozenset(token.scopes))
    if not held:
        raise PermissionMissing
    return Caller(kind="agent", agent_id=agent.id, role=agent.role.value, permissions=held)


def _by_cookie(request: Request) -> tuple[Caller, bool]:
    token = request.cookies.get(cookie_name(settings.current()))
    found = find_session(token) if token else None
    if found is None:
        raise NotAuthenticated
    session, agent = found
    if request.method not in _READS:
        given = request.headers.get("X-CSRF-Token")
        if given is None and request.mimetype in _FORMS:
            given = request.form.get("csrf_token")
        if not given or not csrf_matches(session.id, given):
            raise CsrfRefused
    held = frozenset() if session.enrolment_only else effective_permissions(agent.role, None)
    caller = Caller(
        kind="agent",
        agent_id=agent.id,
        role=agent.role.value,
        session_id=session.id,
        permissions=held,
    )
    return caller, session.enrolment_only


def _forwarded(request: Request) -> str | None:
    given = request.headers.get("Forwarded-Client")
    if given is None:
        return None
    try:
        return str(ipaddress.ip_address(given.strip()))
    except ValueError:
        raise ForwardedClientMalformed from None
