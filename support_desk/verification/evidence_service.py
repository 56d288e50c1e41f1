"""What a claimant has shown, as rows and as plain values for the policy."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa

from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.events import announce
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification.deciding import level_of
from support_desk.verification.events import EvidenceShown
from support_desk.verification.models import ChallengeKind, EvidenceGroup, EvidenceItem
from support_desk.verification.policy import NO_LEVEL, Evidence, Group
from support_desk.verification.policy_file import policy_in_force

# Where a ticket names no account. Not NULL: a comparison with that is planned away, and is measurably faster.
_NOBODY = UUID(int=0)


def record_evidence(
    ticket: Ticket,
    *,
    kind: ChallengeKind,
    challenge_id: UUID | None = None,
    bits: float | None = None,
    channel_since: datetime | None = None,
    set_by_desk: bool = False,
) -> None:
    """Note that the claimant of a resolved ticket has shown something, and tell the features above."""
    assert ticket.account_id is not None
    group = policy_in_force().kinds[kind].group
    db.session.add(
        EvidenceItem(
            ticket_id=ticket.id,
            challenge_id=challenge_id,
            account_id=ticket.account_id,
            evidence_group=EvidenceGroup(group),
            kind=kind,
            bits=None if bits is None else Decimal(str(round(bits, 3))),
            channel_since=channel_since,
            set_by_desk=set_by_desk,
            passed_at=clock.now(),
        )
    )
    db.session.flush()
    audit.record("ticket", ticket.id, "verification:evidence:shown", group=group.value, kind=kind.value)
    announce(EvidenceShown(ticket.id, ticket.account_id))


def list_evidence(ticket: Ticket) -> list[Evidence]:
    """What was shown in this ticket about the account it means now."""
    # As a value, so that the statement is the same where there is no account.
    account_id = sa.literal(ticket.account_id or _NOBODY, sa.Uuid())
    rows = db.session.scalars(
        sa.select(EvidenceItem)
        .where(EvidenceItem.ticket_id == ticket.id, EvidenceItem.account_id == account_id)
        .order_by(EvidenceItem.id)
    )
    return [
        Evidence(
            Group(row.evidence_group),
            row.kind,
            row.passed_at,
            bits=float(row.bits or 0),
            channel_since=row.channel_since,
            set_by_desk=row.set_by_desk,
        )
        for row in rows
    ]


def has_standing(ticket_id: UUID) -> bool:
    """Whether the claimant showed something that can open a step; until then no step may look any further.

    A right code, or order history that reaches a level by itself: less of it must not show, not even by the time
    an answer takes.
    """
    policy = policy_in_force()
    shown = list_evidence(tickets.get_ticket(ticket_id))
    return any(item.group is not Group.MEM for item in shown) or level_of(policy, shown) != NO_LEVEL


def has_other_group(ticket: Ticket, kind: ChallengeKind) -> bool:
    """Whether a right code or letter of another group was shown in this ticket: it opens reserved budgets."""
    group = policy_in_force().kinds[kind].group
    # As a value, so that the statement is the same where there is no account.
    account_id = sa.literal(ticket.account_id or _NOBODY, sa.Uuid())
    shown = db.session.scalars(
        sa.select(EvidenceItem.evidence_group)
        .where(EvidenceItem.ticket_id == ticket.id, EvidenceItem.account_id == account_id)
        .distinct()
    )
    return any(each not in (EvidenceGroup.MEM, EvidenceGroup(group)) for each in shown)
