"""How a claimant shows who they are. Every answer is the same for everybody until a right code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.core.access import caller, claimant
from support_desk.core.http import Blueprint, answer, request_language
from support_desk.verification import service
from support_desk.verification.errors import InvalidCode
from support_desk.verification.schemas import (
    AnswerChallenge,
    AnswerView,
    ChallengeView,
    ShownChallenge,
    StartChallenge,
    VerificationView,
)
from support_desk.verification.summary_service import ChallengeSummary, ClaimantSummary

blp = Blueprint(
    "verification", __name__, url_prefix="/api/v1/tickets/<string:reference>", description="Showing who one is"
)


def _mine() -> UUID:
    ticket_id = caller().ticket_id
    assert ticket_id is not None
    return ticket_id


@blp.get("/verification")
@claimant
@blp.response(200, VerificationView)
def get_verification(reference: str) -> ClaimantSummary:
    """Where the verification stands, and the challenges so far."""
    return service.summary_for_claimant(_mine())


@blp.post("/challenges")
@claimant
@blp.arguments(StartChallenge)
@blp.response(201, ChallengeView)
def start_challenge(body: dict[str, Any], reference: str) -> ChallengeSummary:
    """Ask for a code or for the questions; a running kind is returned again, a code resent after 60 s."""
    return service.summarise_challenge(service.start_challenge(_mine(), body["kind"]))


@blp.get("/challenges/<uuid:challenge_id>")
@claimant
@blp.response(200, ShownChallenge)
def get_challenge(reference: str, challenge_id: UUID) -> ChallengeSummary:
    """One challenge; of a quiz that is ready, the grids: the same ones until it is answered."""
    return service.show_challenge(service.get_challenge(_mine(), challenge_id), request_language())


@blp.post("/challenges/<uuid:challenge_id>/answer")
@claimant
@blp.arguments(AnswerChallenge)
@blp.response(200, AnswerView)
def answer_challenge(body: dict[str, Any], reference: str, challenge_id: UUID) -> Any:
    """Give the code, the orders remembered or the tiles ordered.

    Every code that does not count is the same 422 `invalid_code`; orders and tiles are `received`, right or wrong.
    """
    if "grids" in body:
        service.answer_quiz(_mine(), challenge_id, body["grids"])
        return {"state": "received"}
    if "orders" in body:
        service.answer_recall(_mine(), challenge_id, body["orders"])
        return {"state": "received"}
    if service.answer_code(_mine(), challenge_id, body["code"]) is service.CodeAnswer.ACCEPTED:
        return {"state": "accepted"}
    return answer(InvalidCode())
