"""ID-checked mail (本人限定受取郵便): recorded by one agent, approved by another two days later."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.tickets import service as tickets
from support_desk.verification import evidence_service
from support_desk.verification.errors import (
    AlreadyRecorded,
    ApprovalTooEarly,
    CaseUnresolved,
    SameAgent,
)
from support_desk.verification.models import (
    RUNNING,
    Challenge,
    ChallengeKind,
    ChallengePurpose,
    ChallengeState,
    IdMail,
    IdMailResult,
)

# Long enough for the owner to see the notices and stop it.
APPROVED_NOT_BEFORE = timedelta(hours=48)


def record_id_mail(
    ticket_id: UUID, challenge_id: UUID, *, agent_id: UUID, tracking_number: str, result: str
) -> Challenge:
    """Note what became of the mail; it proves nothing before another agent approves it.

    Raises NotFound, CaseUnresolved, AlreadyRecorded.
    """
    ticket = tickets.get_ticket(ticket_id)
    challenge = _get(ticket_id, challenge_id)
    if ticket.account_id is None:
        raise CaseUnresolved
    if challenge.state not in RUNNING or db.session.get(IdMail, challenge_id) is not None:
        raise AlreadyRecorded
    at = clock.now()
    db.session.add(
        IdMail(
            challenge_id=challenge_id,
            account_id=ticket.account_id,
            tracking_number=tracking_number,
            result=IdMailResult(result),
            recorded_by=agent_id,
            recorded_at=at,
        )
    )
    challenge.state, challenge.answered_at = ChallengeState.ANSWERED, at
    db.session.flush()
    audit.record("ticket", ticket_id, "verification:id_mail:recorded", result=result)
    return challenge


def decide_id_mail(
    ticket_id: UUID, challenge_id: UUID, *, agent_id: UUID, decision: str, reason: str
) -> Challenge:
    """Approve or reject what another agent recorded; approved and delivered, it is evidence.

    Raises NotFound, SameAgent, ApprovalTooEarly, AlreadyRecorded (it was decided).
    """
    ticket = tickets.get_ticket(ticket_id)
    challenge = _get(ticket_id, challenge_id)
    record = db.session.get(IdMail, challenge_id, with_for_update=True, populate_existing=True)
    if record is None:
        raise NotFound
    if record.decided_at is not None:
        raise AlreadyRecorded
    if record.recorded_by == agent_id:
        raise SameAgent
    at = clock.now()
    approved = decision == "approve"
    if approved and at < record.recorded_at + APPROVED_NOT_BEFORE:
        raise ApprovalTooEarly
    record.decided_by, record.decided_at, record.approved = agent_id, at, approved
    counts = approved and record.result is IdMailResult.DELIVERED and record.account_id == ticket.account_id
    challenge.state = ChallengeState.ACCEPTED if counts else ChallengeState.DEAD
    db.session.flush()
    audit.record("ticket", ticket_id, "verification:id_mail:decided", reason=reason, approved=approved)
    if counts:
        evidence_service.record_evidence(ticket, kind=ChallengeKind.ID_MAIL, challenge_id=challenge_id)
    return challenge


def _get(ticket_id: UUID, challenge_id: UUID) -> Challenge:
    """The challenge, locked, so that two agents at once record or decide one after the other."""
    found = db.session.scalar(
        sa.select(Challenge)
        .where(
            Challenge.id == challenge_id,
            Challenge.ticket_id == ticket_id,
            Challenge.kind == ChallengeKind.ID_MAIL,
            Challenge.purpose == ChallengePurpose.IDENTIFY,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found
