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
    """Put order recall or the quiz to a caller."""
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
