"""What agents see of a verification, and what they enter for a caller. Verdicts only ever come back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.core.access import agent, caller
from support_desk.core.http import Blueprint, request_language
from support_desk.verification import service
from support_desk.verification.schemas import (
    AgentVerificationView,
    AnswerForCaller,
    AnswerView,
    ChallengeView,
    DecideIdMail,
    RecordIdMail,
    ShownChallenge,
    StartForCaller,
)
from support_desk.verification.summary_service import AgentSummary, ChallengeSummary

agent_blp = Blueprint(
    "agent_verification",
    __name__,
    url_prefix="/api/v1/agent/tickets/<uuid:ticket_id>",
    description="Verification, for agents",
)


@agent_blp.get("/verification")
@agent("verification.read")
@agent_blp.response(200, AgentVerificationView)
def get_verification(ticket_id: UUID) -> AgentSummary:
    """Groups passed and needed, and what each action would take."""
    return service.summary_for_agent(ticket_id)


@agent_blp.post("/challenges")
@agent("verification.work")
@agent_blp.arguments(StartForCaller)
@agent_blp.response(201, ChallengeView)
def start_challenge(body: dict[str, Any], ticket_id: UUID) -> ChallengeSummary:
    """Put order recall or the quiz to a caller, or begin with ID-checked mail."""
    started = service.start_challenge(ticket_id, body["kind"], agent_id=caller().agent_id)
    return service.summarise_challenge(started)


@agent_blp.get("/challenges/<uuid:challenge_id>")
@agent("verification.work")
@agent_blp.response(200, ShownChallenge)
def get_challenge(ticket_id: UUID, challenge_id: UUID) -> ChallengeSummary:
    """One challenge; of a quiz the tiles to read out, as the claimant sees them."""
    return service.show_challenge(service.get_challenge(ticket_id, challenge_id), request_language())


@agent_blp.post("/challenges/<uuid:challenge_id>/answer")
@agent("verification.work")
@agent_blp.arguments(AnswerForCaller)
@agent_blp.response(200, AnswerView)
def answer_challenge(body: dict[str, Any], ticket_id: UUID, challenge_id: UUID) -> dict[str, str]:
    """Enter what the caller says; whether it was right is not told."""
    if "grids" in body:
        service.answer_quiz(ticket_id, challenge_id, body["grids"])
        return {"state": "received"}
    service.answer_recall(ticket_id, challenge_id, body["orders"])
    return {"state": "received"}


@agent_blp.post("/challenges/<uuid:challenge_id>/record")
@agent("verification.work")
@agent_blp.arguments(RecordIdMail)
@agent_blp.response(200, ChallengeView)
def record_id_mail(body: dict[str, str], ticket_id: UUID, challenge_id: UUID) -> ChallengeSummary:
    """Note what became of ID-checked mail; another agent approves it not before 48 hours later."""
    return service.summarise_challenge(service.record_id_mail(ticket_id, challenge_id, agent_id=_agent(), **body))


@agent_blp.post("/challenges/<uuid:challenge_id>/approval")
@agent("approvals.decide")
@agent_blp.arguments(DecideIdMail)
@agent_blp.response(200, ChallengeView)
def decide_id_mail(body: dict[str, str], ticket_id: UUID, challenge_id: UUID) -> ChallengeSummary:
    """Approve or reject what another agent recorded of ID-checked mail."""
    return service.summarise_challenge(service.decide_id_mail(ticket_id, challenge_id, agent_id=_agent(), **body))


def _agent() -> UUID:
    agent_id = caller().agent_id
    assert agent_id is not None
    return agent_id
