"""The quiz in a call: the agent reads the tiles out, enters what the caller says, and hears nothing of it."""

from __future__ import annotations

from uuid import UUID

from flask import Response, request

from support_desk.core.access import agent
from support_desk.verification import service as verification
from support_desk.verification.models import ChallengeKind
from support_desk.verification.quiz import GRIDS
from support_desk.verification.schemas import AnswerForCaller
from support_desk.web import forms
from support_desk.web.desk_pages import HOME, agent_id, desk_pages, go


@desk_pages.post("/tickets/<uuid:ticket_id>/quiz")
@agent("verification.work")
def start_quiz(ticket_id: UUID) -> Response:
    """Put the quiz to a caller; a running one is the same wherever it was begun."""
    verification.start_challenge(ticket_id, ChallengeKind.ORDER_QUIZ, agent_id=agent_id())
    return go(f"{HOME}/tickets/{ticket_id}", "quiz_started")


@desk_pages.post("/tickets/<uuid:ticket_id>/quiz/<uuid:challenge_id>")
@agent("verification.work")
def answer_quiz(ticket_id: UUID, challenge_id: UUID) -> Response:
    """Enter what the caller says; whether it was right is not told."""
    grids = [{"tile_ids": request.form.getlist(f"tiles_{number}")} for number in range(1, GRIDS + 1)]
    body = forms.load(AnswerForCaller(), {"grids": grids})
    verification.answer_quiz(ticket_id, challenge_id, body["grids"])
    return go(f"{HOME}/tickets/{ticket_id}", "quiz_received")
