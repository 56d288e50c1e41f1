"""The order quiz: shown and received alike for everybody, scored later in the worker, never told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from support_desk.core import clock
from support_desk.core.budgets import Rule, spend
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.outbox.service import promise
from support_desk.tickets import service as tickets
from support_desk.verification import evidence_service
from support_desk.verification.codes import QUIZ_MONTH, QUIZ_YEAR, RESERVED_QUIZ
from support_desk.verification.models import (
    Challenge,
    ChallengeKind,
    ChallengePurpose,
    ChallengeState,
    QuizAttempt,
    QuizPart,
)
from support_desk.verification.quiz import PROMPTS
from support_desk.verification.quiz_scoring import score

_RULES: dict[QuizPart, tuple[Rule, ...]] = {
    QuizPart.OPEN: (QUIZ_MONTH, QUIZ_YEAR),
    QuizPart.RESERVED: (RESERVED_QUIZ,),
}


@dataclass(frozen=True)
class QuizTile:
    """A tile as everybody sees it, agents too: nothing says whether it was ordered."""

    id: str
    title: str
    category: str | None


@dataclass(frozen=True)
class QuizGrid:
    """Twelve tiles and what is asked of them."""

    prompt: str
    tiles: list[QuizTile]


def quiz_grids(challenge: Challenge, language: str) -> list[QuizGrid]:
    """The grids of a quiz that is ready."""
    sealed = db.session.scalar(sa.select(QuizAttempt.grids).where(QuizAttempt.id == challenge.quiz_attempt_id))
    return [
        QuizGrid(
            PROMPTS[language].format(count=len(grid)),
            [QuizTile(tile["id"], tile["title"], tile["category"]) for tile in grid],
        )
        for grid in json.loads(sealed or "[]")
    ]


def answer_quiz(ticket_id: UUID, challenge_id: UUID, ticked: Sequence[Sequence[str]]) -> None:
    """Take the tiles that were ticked in each grid: the first answer counts, nothing is told. Raises NotFound."""
    at = clock.now()
    mine = (
        Challenge.id == challenge_id,
        Challenge.ticket_id == ticket_id,
        Challenge.kind == ChallengeKind.ORDER_QUIZ,
        Challenge.purpose == ChallengePurpose.IDENTIFY,
    )
    taken = db.session.execute(
        sa.update(Challenge)
        .where(*mine, Challenge.state == ChallengeState.READY, Challenge.expires_at > at)
        .values(
            state=ChallengeState.ANSWERED,
            facts=json.dumps([list(grid) for grid in ticked]),
            answered_at=at,
            updated_at=at,
        )
        .returning(Challenge.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if taken is not None:
        promise(
            "verification.score_quiz", dedupe=f"verification.score_quiz:{challenge_id}", challenge_id=challenge_id
        )
    elif db.session.scalar(sa.select(Challenge.id).where(*mine)) is None:
        raise NotFound


def score_quiz(challenge_id: UUID) -> None:
    """In the worker: score what was ticked, spend the attempt, and forget the answer."""
    challenge = db.session.get(Challenge, challenge_id, with_for_update=True, populate_existing=True)
    if challenge is None or challenge.facts is None or challenge.quiz_attempt_id is None:
        return
    ticked = [set(grid) for grid in json.loads(challenge.facts)]
    challenge.facts = None
    db.session.flush()
    attempt = db.session.get_one(
        QuizAttempt, challenge.quiz_attempt_id, with_for_update=True, populate_existing=True
    )
    if not _consume(attempt, clock.now()):
        return
    ticket = tickets.get_ticket(challenge.ticket_id)
    if attempt.account_id is None or attempt.account_id != ticket.account_id:
        return
    bits = _score(json.loads(attempt.grids), ticked)
    if bits > 0:
        evidence_service.record_evidence(
            ticket, kind=ChallengeKind.ORDER_QUIZ, challenge_id=challenge_id, bits=bits
        )


def _consume(attempt: QuizAttempt, at: datetime) -> bool:
    """Use the attempt up, with its part of the budget; False when it was, or never counted."""
    if attempt.answered_at is not None or attempt.part is QuizPart.SPENT:
        return False
    attempt.answered_at = at
    db.session.flush()
    return all(spend(attempt.subject_key, rule, at=at) for rule in _RULES[attempt.part])


def _score(grids: list[list[dict[str, str | bool]]], ticked: list[set[str]]) -> float:
    """The bits of an answer; a tile of another attempt makes it worth nothing."""
    ids = [{tile["id"] for tile in grid} for grid in grids]
    ticked += [set()] * (len(grids) - len(ticked))
    if len(ticked) != len(grids) or any(not given <= own for given, own in zip(ticked, ids, strict=True)):
        return 0.0
    return score(
        (bool(tile["ordered"]), tile["id"] in given)
        for grid, given in zip(grids, ticked, strict=True)
        for tile in grid
    )
