"""Order recall: received alike from everybody, scored later in the worker."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.core import clock
from support_desk.core.budgets import spend
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.outbox.service import promise
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification import evidence_service, recall_service
from support_desk.verification.codes import RECALL_MONTH, RECALL_YEAR, RESERVED_RECALL
from support_desk.verification.codes_service import budget_key
from support_desk.verification.models import RUNNING, Challenge, ChallengeKind, ChallengePurpose, ChallengeState
from support_desk.verification.recall import MOST_FACTS, Fact

_ASK_AGAIN = timedelta(seconds=2)
_PATIENCE = 60


@dataclass(frozen=True)
class RecalledOrder:
    """An order as somebody remembers it; whatever is not remembered is None."""

    order_number: str | None = None
    item: str | None = None
    placed_on: date | None = None
    amount_yen: int | None = None


def answer_recall(ticket_id: UUID, challenge_id: UUID, recalled: Sequence[RecalledOrder]) -> None:
    """Take what the claimant remembers: the first answer counts, and nothing is told of it. Raises NotFound."""
    at = clock.now()
    taken = db.session.execute(
        sa.update(Challenge)
        .where(
            Challenge.id == challenge_id,
            Challenge.ticket_id == ticket_id,
            Challenge.kind == ChallengeKind.ORDER_RECALL,
            Challenge.purpose == ChallengePurpose.IDENTIFY,
            Challenge.state.in_(RUNNING),
            sa.or_(Challenge.expires_at.is_(None), Challenge.expires_at > at),
        )
        .values(state=ChallengeState.ANSWERED, facts=_sealed(recalled[:MOST_FACTS]), answered_at=at, updated_at=at)
        .returning(Challenge.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if taken is not None:
        _promise_scoring(challenge_id, 0, at)
        return
    known = sa.select(Challenge.id).where(
        Challenge.id == challenge_id,
        Challenge.ticket_id == ticket_id,
        Challenge.kind == ChallengeKind.ORDER_RECALL,
    )
    if db.session.scalar(known) is None:
        raise NotFound


def _promise_scoring(challenge_id: UUID, waited: int, due_at: datetime) -> None:
    promise(
        "verification.score",
        due_at=due_at,
        dedupe=f"verification.score:{challenge_id}:{waited}",
        challenge_id=challenge_id,
        waited=waited,
    )


def score_answer(challenge_id: UUID, waited: int = 0) -> None:
    """In the worker: score what was remembered against the account's orders, and forget it."""
    challenge = db.session.get(Challenge, challenge_id, with_for_update=True, populate_existing=True)
    if challenge is None or challenge.facts is None:
        return
    at = clock.now()
    ticket = tickets.get_ticket(challenge.ticket_id)
    if ticket.resolved_at is None and waited < _PATIENCE:
        _promise_scoring(challenge_id, waited + 1, at + _ASK_AGAIN)
        return
    facts = _facts(challenge.facts)
    challenge.facts = None
    db.session.flush()
    if not _within_budget(ticket, at) or ticket.account_id is None or not facts:
        return
    bits = recall_service.score_recall(ticket.account_id, facts)
    if bits > 0:
        evidence_service.record_evidence(
            ticket, kind=ChallengeKind.ORDER_RECALL, challenge_id=challenge_id, bits=bits
        )


def _within_budget(ticket: Ticket, at: datetime) -> bool:
    """One attempt in 30 days and three in 365; one more for whoever showed a right code in this ticket."""
    key = budget_key(ticket)
    if spend(key, RECALL_MONTH, at=at) and spend(key, RECALL_YEAR, at=at):
        return True
    reserved = evidence_service.has_other_group(ticket, ChallengeKind.ORDER_RECALL)
    return reserved and spend(key, RESERVED_RECALL, at=at)


def _sealed(recalled: Iterable[RecalledOrder]) -> str:
    return json.dumps(
        [
            {
                "order_number": each.order_number,
                "item": each.item,
                "placed_on": each.placed_on.isoformat() if each.placed_on else None,
                "amount_yen": each.amount_yen,
            }
            for each in recalled
        ],
        ensure_ascii=False,
    )


def _facts(sealed: str) -> list[Fact]:
    facts = [_fact(each) for each in json.loads(sealed)]
    return [fact for fact in facts if fact != Fact()]


def _fact(told: Mapping[str, Any]) -> Fact:
    placed_on = told["placed_on"]
    return recall_service.remembered(
        order_number=told["order_number"],
        item=told["item"],
        placed_on=date.fromisoformat(placed_on) if placed_on else None,
        amount_yen=told["amount_yen"],
    )
