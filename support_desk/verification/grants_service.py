"""Grants: the only leave to restore anything. Minted from a verdict, sealed, consumed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.audit import service as audit
from support_desk.core.budgets import Rule, spend
from support_desk.core.db import db, new_id
from support_desk.core.secrets import mac, verify_mac
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification import contested_service
from support_desk.verification.errors import ApprovalsMissing, GrantRefused, NotVerified
from support_desk.verification.models import Grant
from support_desk.verification.policy import Context, Verdict
from support_desk.verification.policy_file import policy_in_force
from support_desk.verification.verdict_service import value_tier, verdict_on

EXPIRES_AFTER = timedelta(days=30)
_SEAL = "grant"


@dataclass(frozen=True)
class GrantView:
    """A grant as the features above see it."""

    id: UUID
    ticket_id: UUID
    account_id: UUID
    account_version: int
    action: str
    level: str
    groups: tuple[str, ...]
    hold_seconds: int
    not_before: datetime
    expires_at: datetime
    policy_version: str
    approvers: tuple[UUID, ...]


def mint_grant(
    ticket_id: UUID,
    action: str,
    *,
    at: datetime,
    approvers: Iterable[UUID] = (),
    context: Context | None = None,
) -> GrantView:
    """Leave for an action, if the verdict allows it now.

    Raises NotVerified without the level, ApprovalsMissing with too few different agents.
    """
    ticket = tickets.get_ticket(ticket_id)
    verdict = verdict_on(ticket, action, at=at, context=context)
    _require(verdict, tuple(approvers))
    assert verdict.not_before is not None
    _count_limited(ticket, action, at)
    return _write(ticket, verdict, tuple(approvers), verdict.not_before, at)


def renew_grant(grant_id: UUID, *, after: UUID, at: datetime, context: Context | None = None) -> GrantView:
    """The same leave for the account as it is now, because this case itself has just changed it.

    `after` is the grant whose effect that was: of the same ticket, consumed, made for the same account as it was
    before. The hold that has run is kept; raises NotVerified, GrantRefused.
    """
    old, cause = _locked(grant_id), _locked(after)
    same_case = cause.ticket_id == old.ticket_id and cause.account_id == old.account_id
    if not same_case or old.consumed_at is not None or cause.consumed_at is None:
        raise GrantRefused
    # Both were made for the account as it was, and it changed once since: that was this case's own effect.
    if old.account_version != cause.account_version or at >= old.expires_at:
        raise GrantRefused
    if accounts.get_account(old.account_id).version - cause.account_version not in (0, 1):
        raise GrantRefused
    ticket = tickets.get_ticket(old.ticket_id)
    approvers = tuple(UUID(each) for each in old.approvers)
    verdict = verdict_on(ticket, old.action, at=at, context=context)
    _require(verdict, approvers)
    assert verdict.not_before is not None
    not_before = verdict.not_before
    if verdict.hold_seconds <= old.hold_seconds:
        # The hold has run on; a wait from the reset is measured anew.
        not_before = max(old.not_before, not_before - timedelta(seconds=verdict.hold_seconds))
    old.consumed_at = at
    db.session.flush()
    return _write(ticket, verdict, approvers, not_before, at)


def _require(verdict: Verdict, approvers: tuple[UUID, ...]) -> None:
    if not verdict.allowed or verdict.not_before is None:
        raise NotVerified
    if len(set(approvers)) < verdict.agents:
        raise ApprovalsMissing


def _count_limited(ticket: Ticket, action: str, at: datetime) -> None:
    row = policy_in_force().rows[action]
    if row.limit_times is None or row.limit_window is None:
        return
    rule = Rule(f"verification.limit.{action}", row.limit_times, row.limit_window)
    if not spend(mac("budget", "account", ticket.account_id), rule, at=at):
        raise NotVerified


def _write(
    ticket: Ticket, verdict: Verdict, approvers: tuple[UUID, ...], not_before: datetime, at: datetime
) -> GrantView:
    assert ticket.account_id is not None
    grant = Grant(
        id=new_id(),
        ticket_id=ticket.id,
        account_id=ticket.account_id,
        account_version=accounts.get_account(ticket.account_id).version,
        action=verdict.action,
        level=verdict.level,
        groups=list(verdict.groups),
        value_tier=value_tier(ticket).value,
        hold_seconds=verdict.hold_seconds,
        not_before=not_before,
        expires_at=at + EXPIRES_AFTER,
        policy_version=verdict.policy_version,
        approvers=sorted({str(each) for each in approvers}),
        created_at=at,
    )
    grant.mac = mac(_SEAL, *_sealed(grant))
    db.session.add(grant)
    db.session.flush()
    audit.record(
        "ticket",
        ticket.id,
        "verification:grant:minted",
        grant_id=str(grant.id),
        action=grant.action,
        level=grant.level,
        policy_version=grant.policy_version,
        not_before=grant.not_before.isoformat(),
    )
    return _view(grant)


def consume_grant(grant_id: UUID, *, account_id: UUID, action: str, at: datetime) -> GrantView:
    """Use a grant, once, in the transaction of its effect; raises GrantRefused for anything that is not right.

    Not right: unknown, forged, used, for another account or action, before its hold is over, expired, or made
    for the account as it no longer is; and in dispute, whatever the contested rule does not allow.
    """
    grant = _locked(grant_id)
    if grant.account_id != account_id or grant.action != action:
        raise GrantRefused
    if accounts.get_account(account_id).version != grant.account_version:
        raise GrantRefused
    if contested_service.is_contested(account_id) and grant.level != policy_in_force().contested.level:
        raise GrantRefused
    used = db.session.execute(
        sa.update(Grant)
        .where(
            Grant.id == grant_id,
            Grant.consumed_at.is_(None),
            Grant.not_before <= at,
            Grant.expires_at > at,
        )
        .values(consumed_at=at)
        .returning(Grant.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if used is None:
        raise GrantRefused
    db.session.refresh(grant)
    audit.record("ticket", grant.ticket_id, "verification:grant:consumed", grant_id=str(grant_id), action=action)
    return _view(grant)


def _locked(grant_id: UUID) -> Grant:
    """The grant as it was minted, locked; raises GrantRefused when there is none, or somebody edited it."""
    grant = db.session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
    if grant is None or not verify_mac(_SEAL, grant.mac, *_sealed(grant)):
        raise GrantRefused
    return grant


def _sealed(grant: Grant) -> tuple[object, ...]:
    """Everything a grant says, in one order; whether it was consumed is the database's to say."""
    return (
        grant.id,
        grant.ticket_id,
        grant.account_id,
        grant.account_version,
        grant.action,
        grant.level,
        ",".join(grant.groups),
        grant.value_tier,
        grant.hold_seconds,
        int(grant.not_before.timestamp() * 1_000_000),
        int(grant.expires_at.timestamp() * 1_000_000),
        grant.policy_version,
        ",".join(grant.approvers),
    )


def _view(grant: Grant) -> GrantView:
    return GrantView(
        grant.id,
        grant.ticket_id,
        grant.account_id,
        grant.account_version,
        grant.action,
        grant.level,
        tuple(grant.groups),
        grant.hold_seconds,
        grant.not_before,
        grant.expires_at,
        grant.policy_version,
        tuple(UUID(each) for each in grant.approvers),
    )
