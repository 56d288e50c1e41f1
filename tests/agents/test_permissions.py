"""The table of roles and permissions."""

import pytest

from support_desk.agents.permissions import (
    ALL_PERMISSIONS,
    INTAKE_SCOPE,
    PERMISSIONS,
    Role,
    effective_permissions,
    may,
    scopes_refused,
)


def test_every_role_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_an_auditor_reads_and_changes_nothing_of_a_case() -> None:
    writes = {p for p in PERMISSIONS[Role.AUDITOR] if not p.endswith(".read")}
    assert writes == {"presence.write", "tokens.manage"}


@pytest.mark.parametrize("permission", ["agents.manage", "webhooks.manage"])
def test_only_an_admin_manages_people_and_webhooks(permission: str) -> None:
    assert [role for role in Role if may(role, permission)] == [Role.ADMIN]


def test_an_unknown_permission_is_held_by_nobody() -> None:
    assert not any(may(role, "verification.override") for role in Role)


def test_a_token_never_holds_more_than_its_role() -> None:
    everything = ALL_PERMISSIONS | {INTAKE_SCOPE}
    for role in Role:
        assert effective_permissions(role, everything) == PERMISSIONS[role]
        assert effective_permissions(role, frozenset()) == frozenset()


def test_an_intake_token_reads_nothing_of_the_desk() -> None:
    assert effective_permissions(Role.ADMIN, frozenset({INTAKE_SCOPE})) == frozenset()


def test_an_agent_cannot_give_away_what_is_not_held() -> None:
    asked = frozenset({"tickets.read", "agents.manage", INTAKE_SCOPE})
    assert scopes_refused(Role.AGENT, asked) == {"agents.manage", INTAKE_SCOPE}
    assert scopes_refused(Role.SUPERVISOR, asked) == {"agents.manage"}
    assert scopes_refused(Role.ADMIN, asked) == frozenset()
