"""Who calls: every route declares it, and nobody else gets in.

The features that know the credentials register how to check them; `app.py` wires that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from flask import Request, g, has_app_context

from support_desk.core.errors import NotAuthenticated

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What a route demands: the kind of caller and, of agents, a permission."""

    kind: str
    permission: str | None = None


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who makes the present call; `system` in jobs and commands."""

    kind: str
    ticket_id: UUID | None = None
    account_id: UUID | None = None
    agent_id: UUID | None = None
    role: str | None = None
    session_id: UUID | None = None
    permissions: frozenset[str] = frozenset()
    forwarded_address: str | None = None

    @property
    def id(self) -> str | None:
        """The identifier that audit entries name."""
        subject = self.agent_id or self.account_id or self.ticket_id
        return str(subject) if subject else None


ANONYMOUS = Caller(kind="anonymous")
SYSTEM = Caller(kind="system")
Authenticator = Callable[[Request, Access], Caller]
_authenticators: dict[str, Authenticator] = {}
_SECURITY: dict[str, list[dict[str, list[str]]]] = {
    "public": [],
    "claimant": [{"ticketToken": []}],
    "account": [{"accountSession": []}],
    "agent": [{"agentSession": []}, {"apiToken": []}],
    "operations": [],
}


def _declare(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]
        apidoc = dict(getattr(view, "_apidoc", {}))
        apidoc["manual_doc"] = {**apidoc.get("manual_doc", {}), "security": _SECURITY[access.kind]}
        view._apidoc = apidoc  # type: ignore[attr-defined]
        return view

    return decorate


def public(view: View) -> View:
    """Anybody may call this route."""
    return _declare(Access("public"))(view)


def claimant(view: View) -> View:
    """Only the bearer of the access token of the ticket named by `reference` in the path."""
    return _declare(Access("claimant"))(view)


def account_session(view: View) -> View:
    """Only a customer who is signed in to the account."""
    return _declare(Access("account"))(view)


def agent(permission: str) -> Callable[[View], View]:
    """Only an agent whose role, and whose token if one is used, has this permission."""
    return _declare(Access("agent", permission))


def agent_any(view: View) -> View:
    """Any agent who is signed in."""
    return _declare(Access("agent"))(view)


def operations(view: View) -> View:
    """Whoever runs the system: health and metrics, without personal data."""
    return _declare(Access("operations"))(view)


def register_authenticator(kind: str, check: Authenticator) -> None:
    """Say how the credential of one kind of caller is checked."""
    _authenticators[kind] = check


def admit(view: Callable[..., Any], request: Request) -> Caller:
    """The caller of a route, or a refusal; a route that declares nobody is refused to everybody."""
    access: Access | None = getattr(view, "access", None)
    if access is None:
        raise NotAuthenticated
    if access.kind in ("public", "operations"):
        # An API token of a shop's form server is read on public routes too, to count its visitors.
        check = _authenticators.get("intake")
        return check(request, access) if check else ANONYMOUS
    return _authenticators[access.kind](request, access)


def set_caller(who: Caller) -> None:
    """Remember who makes this call."""
    g.caller = who


def caller() -> Caller:
    """Who makes this call; the system itself outside a request."""
    if not has_app_context():
        return SYSTEM
    who = g.get("caller", SYSTEM)
    assert isinstance(who, Caller)
    return who
