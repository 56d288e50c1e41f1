"""One case at a glance: who is believed for what, what comes back, and the call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.callbacks import service as callbacks
from support_desk.callbacks.lifecycle import State
from support_desk.callbacks.models import Attempt, Callback
from support_desk.core.db import db
from support_desk.restoration import plans
from support_desk.restoration.view_service import view_for_agent
from support_desk.tickets.models import Ticket
from support_desk.verification import service as verification
from support_desk.verification.policy import Verdict
from support_desk.verification.summary_service import AgentSummary, ChallengeSummary


@dataclass(frozen=True)
class AwaitedApproval:
    """An action that waits for an agent: with one, the button is offered."""

    action: str
    agents: int
    not_before: datetime | None


@dataclass(frozen=True)
class CallInHand:
    """A call whose next word is an agent's: to dial, or to say how it ended; the number only while dialling."""

    view: dict[str, Any]
    attempt_number: int | None
    attempt_version: int | None
    tel: str | None


@dataclass(frozen=True)
class Case:
    """What the ticket's page shows beside the conversation."""

    verification: AgentSummary
    restoration: dict[str, Any]
    approvals: list[AwaitedApproval]
    callback: dict[str, Any] | None
    in_hand: CallInHand | None
    quiz: ChallengeSummary | None


def case_at_a_glance(ticket: Ticket, agent_id: UUID) -> Case:
    """Everything the desk knows of a case, masked, for this agent."""
    restoration = plans.find_by_ticket(ticket.id)
    context = plans.context_of(restoration) if restoration else None
    summary = verification.summary_for_agent(ticket.id, context)
    document = view_for_agent(ticket.id)
    callback = callbacks.find_newest(ticket.id)
    # Nobody wrote how it ended: whoever finds out may.
    left = callback is not None and callback.state is State.NEEDS_REVIEW
    held = callback is not None and callback.lease_agent_id == agent_id
    return Case(
        verification=summary,
        restoration=document,
        approvals=_awaited(document, {verdict.action: verdict for verdict in summary.verdicts}),
        callback=callbacks.desk_view(callback) if callback else None,
        in_hand=_in_hand(callback) if callback and (held or left) else None,
        quiz=_quiz(ticket, summary),
    )


def _quiz(ticket: Ticket, summary: AgentSummary) -> ChallengeSummary | None:
    """The newest quiz, with its tiles while it can be answered, in the caller's language."""
    newest = next((each for each in reversed(summary.challenges) if each.kind == "order_quiz"), None)
    if newest is None:
        return None
    return verification.show_challenge(verification.get_challenge(ticket.id, newest.id), ticket.language.value)


def call_in_hand(agent_id: UUID) -> CallInHand | None:
    """The call that this agent holds, if any."""
    callback = db.session.scalar(sa.select(Callback).where(Callback.lease_agent_id == agent_id))
    return _in_hand(callback) if callback else None


def _in_hand(callback: Callback) -> CallInHand:
    view = callbacks.desk_view(callback)
    if callback.state not in (State.DIALLING, State.NEEDS_REVIEW):
        return CallInHand(view, None, None, None)
    attempt = db.session.scalars(
        sa.select(Attempt).where(Attempt.callback_id == callback.id, Attempt.outcome.is_(None))
    ).one()
    number = callbacks.find_number(callback) if callback.state is State.DIALLING else None
    return CallInHand(view, attempt.number, attempt.version, f"tel:{number}" if number else None)


def _awaited(document: dict[str, Any], verdicts: dict[str, Verdict]) -> list[AwaitedApproval]:
    """The planned actions that the policy opens and that only lack an agent."""
    found = []
    for action in document["actions"]:
        verdict = verdicts.get(action["action"])
        waits = action["state"] == "planned" and not action["awaits_confirmation"]
        if waits and verdict is not None and verdict.allowed and verdict.agents > 0:
            found.append(AwaitedApproval(action["action"], verdict.agents, verdict.not_before))
    return found
