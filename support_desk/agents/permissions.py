"""Who at the desk may do what: the one table of roles and permissions."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """The roles a person of the desk can have."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    AUDITOR = "auditor"


#: The scope of an API token of a shop's own contact-form server. It is no permission: such a token opens tickets
#: for visitors and reads nothing of the desk.
INTAKE_SCOPE: Final = "intake"

_AUDITOR: Final = frozenset(
    {
        "agents.read",
        "approvals.read",
        "audit.read",
        "calendar.read",
        "callbacks.read",
        "events.read",
        "macros.read",
        "outbox.read",
        "policy.read",
        "presence.write",
        "reports.read",
        "restoration.read",
        "shifts.read",
        "tickets.read",
        "tokens.manage",
        "verification.read",
    }
)

_AGENT: Final = frozenset(
    {
        "agents.read",
        "approvals.decide",
        "approvals.read",
        "calendar.read",
        "callbacks.change",  # book, move, cancel for a customer
        "callbacks.read",
        "callbacks.work",  # claim the next, ring, record the outcome
        "identity.reveal",  # one field, with a reason, recorded
        "macros.read",
        "policy.read",
        "presence.write",
        "restoration.authorise",
        "restoration.plan",
        "restoration.read",
        "shifts.read",
        "tickets.merge",
        "tickets.open",
        "tickets.read",
        "tickets.write",
        "tokens.manage",  # one's own tokens, never with more than one's own permissions
        "verification.read",
        "verification.work",
    }
)

_SUPERVISOR: Final = (
    _AGENT
    | _AUDITOR
    | {
        "calendar.manage",
        "macros.manage",
        "outbox.replay",
        "restoration.adjust",
        "shifts.manage",
        "tokens.issue_intake",
    }
)

_ADMIN: Final = _SUPERVISOR | {"agents.manage", "webhooks.manage"}

PERMISSIONS: Final[dict[Role, frozenset[str]]] = {
    Role.AGENT: _AGENT,
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: _ADMIN,
    Role.AUDITOR: _AUDITOR,
}

ALL_PERMISSIONS: Final[frozenset[str]] = frozenset().union(*PERMISSIONS.values())


def may(role: Role | str, permission: str) -> bool:
    """Whether somebody of this role holds the permission; an unknown permission is held by nobody."""
    return permission in PERMISSIONS[Role(role)]


def scopes_refused(role: Role | str, scopes: frozenset[str]) -> frozenset[str]:
    """The scopes that somebody of this role may not put into an API token."""
    grantable = PERMISSIONS[Role(role)]
    if "tokens.issue_intake" in grantable:
        grantable = grantable | {INTAKE_SCOPE}
    return scopes - grantable


def effective_permissions(role: Role | str, scopes: frozenset[str] | None) -> frozenset[str]:
    """What a caller may do: the role's permissions, narrowed by the token's scopes where a token is used."""
    held = PERMISSIONS[Role(role)]
    return held if scopes is None else held & scopes
