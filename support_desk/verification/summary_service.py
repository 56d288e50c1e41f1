"""What the claimant and the agent are told of a verification: never an answer, a code, a score."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.tickets import service as tickets
from support_desk.tickets.masking import mask_name
from support_desk.tickets.models import Ticket
from support_desk.verification import contested_service
from support_desk.verification.challenges_service import list_challenges
from support_desk.verification.codes import ASK_AGAIN_AFTER
from support_desk.verification.deciding import history_tier, level_of, weighs
from support_desk.verification.evidence_service import list_evidence
from support_desk.verification.models import Challenge, ChallengeKind, ChallengeState, Grant
from support_desk.verification.policy import NO_LEVEL, Context, Group, Verdict
from support_desk.verification.policy_file import policy_in_force
from support_desk.verification.quiz_service import QuizGrid, quiz_grids
from support_desk.verification.verdict_service import verdict_on

# The quiz comes last: not everybody can be asked, and nobody is told so.
OFFERED = (
    ChallengeKind.EMAIL_CODE,
    ChallengeKind.SMS_CODE,
    ChallengeKind.LETTER_CODE,
    ChallengeKind.RECOVERY_CODE,
    ChallengeKind.TOTP,
    ChallengeKind.ORDER_RECALL,
    ChallengeKind.ORDER_QUIZ,
)
_LATELY = timedelta(days=30)


@dataclass(frozen=True)
class ChallengeSummary:
    """A challenge as everybody sees it."""

    id: UUID
    kind: str
    state: str
    asked_at: datetime
    expires_at: datetime | None
    resend_at: datetime | None
    # Of a quiz that is ready, and only where it is asked for.
    grids: list[QuizGrid] | None = None


@dataclass(frozen=True)
class ClaimantSummary:
    """What a claimant sees: the same for everybody until the case is decided."""

    state: str
    level: str | None
    offered: tuple[str, ...]
    challenges: list[ChallengeSummary]


@dataclass(frozen=True)
class GroupSummary:
    """Whether something of a group was passed that weighs."""

    group: str
    passed: bool
    passed_at: datetime | None


@dataclass(frozen=True)
class AgentSummary:
    """What an agent sees of a verification."""

    resolved: bool
    account_ref: str | None
    masked_name: str | None
    prefecture: str | None
    value_tier: str | None
    level: str
    groups: list[GroupSummary] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    flags: tuple[str, ...] = ()
    challenges: list[ChallengeSummary] = field(default_factory=list)
    policy_version: str = ""


def summarise_challenge(challenge: Challenge) -> ChallengeSummary:
    """The challenge as it stands now."""
    at = clock.now()
    state = challenge.state
    over = challenge.expires_at is not None and challenge.expires_at <= at
    if over and state is ChallengeState.READY:
        state = ChallengeState.DEAD
    pause = ASK_AGAIN_AFTER.get(challenge.kind) if state is ChallengeState.READY else None
    return ChallengeSummary(
        challenge.id,
        challenge.kind.value,
        state.value,
        challenge.asked_at,
        challenge.expires_at,
        challenge.asked_at + pause if pause else None,
    )


def show_challenge(challenge: Challenge, language: str) -> ChallengeSummary:
    """The challenge as it stands now, with the grids of a quiz that waits for its answer."""
    summary = summarise_challenge(challenge)
    if challenge.kind is not ChallengeKind.ORDER_QUIZ or summary.state != ChallengeState.READY:
        return summary
    return replace(summary, grids=quiz_grids(challenge, language))


def summary_for_claimant(ticket_id: UUID) -> ClaimantSummary:
    """State and challenges; the level only once something was decided by it."""
    decided = db.session.scalar(
        sa.select(Grant.level)
        .where(Grant.ticket_id == ticket_id, Grant.consumed_at.is_not(None))
        .order_by(Grant.consumed_at.desc())
        .limit(1)
    )
    return ClaimantSummary(
        "decided" if decided else "open",
        decided,
        tuple(kind.value for kind in OFFERED),
        [summarise_challenge(challenge) for challenge in list_challenges(ticket_id)],
    )


def summary_for_agent(ticket_id: UUID, context: Context | None = None) -> AgentSummary:
    """Groups passed and needed, the verdict on each action, flags; `context` as for a verdict."""
    ticket = tickets.get_ticket(ticket_id)
    policy = policy_in_force()
    challenges = [summarise_challenge(challenge) for challenge in list_challenges(ticket_id)]
    resolved = ticket.resolved_at is not None
    if ticket.account_id is None:
        return AgentSummary(
            resolved, None, None, None, None, NO_LEVEL, challenges=challenges, policy_version=policy.version
        )
    account = accounts.get_account(ticket.account_id)
    shown = [
        item
        for item in list_evidence(ticket)
        if weighs(policy, item) and (item.group is not Group.MEM or history_tier(policy, item.bits))
    ]
    passed = {item.group: item.passed_at for item in reversed(shown)}
    at = clock.now()
    return AgentSummary(
        resolved,
        ticket.account_ref,
        mask_name(account.name or account.name_kana),
        account.prefecture,
        ticket.value_tier,
        level_of(policy, shown),
        [GroupSummary(group.value, group in passed, passed.get(group)) for group in Group],
        [verdict_on(ticket, action, at=at, context=context) for action in policy.rows],
        _flags(ticket, at),
        challenges,
        policy.version,
    )


def _flags(ticket: Ticket, at: datetime) -> tuple[str, ...]:
    """What an agent should look at twice. A flag never lowers what is asked."""
    assert ticket.account_id is not None
    found = []
    if contested_service.is_contested(ticket.account_id):
        found.append("contested")
    if any(
        channel.state == "current" and channel.since > at - _LATELY
        for channel in accounts.channels(ticket.account_id)
    ):
        found.append("channel_changed_recently")
    others = sa.select(sa.func.count()).where(
        Ticket.account_id == ticket.account_id, Ticket.id != ticket.id, Ticket.created_at > at - _LATELY
    )
    if db.session.scalar(others):
        found.append("several_tickets")
    tried = (
        sa.select(sa.func.count())
        .select_from(Challenge)
        .join(Ticket, Ticket.id == Challenge.ticket_id)
        .where(
            Ticket.account_id == ticket.account_id,
            Ticket.id != ticket.id,
            Challenge.kind.in_([ChallengeKind.ORDER_RECALL, ChallengeKind.ORDER_QUIZ]),
            Challenge.answered_at.is_not(None),
        )
    )
    if db.session.scalar(tried):
        found.append("history_tried_before")
    return tuple(found)
