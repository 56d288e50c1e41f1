"""Making the grids of a quiz, in the worker: of an account's orders if there are enough, else alike to see."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime
from random import Random
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.accounts.views import CatalogueEntry
from support_desk.core import clock
from support_desk.core.budgets import used
from support_desk.core.db import db, new_id
from support_desk.core.secrets import derive_token, mac
from support_desk.tickets.models import Ticket
from support_desk.verification import contested_service, evidence_service
from support_desk.verification.codes import QUIZ_MONTH, QUIZ_YEAR, RESERVED_QUIZ
from support_desk.verification.codes_service import budget_key
from support_desk.verification.draws import Draws
from support_desk.verification.models import ChallengeKind, QuizAttempt, QuizPart
from support_desk.verification.quiz import FEWEST_ITEMS, GRIDS, TILES, Tile, compose, deal, in_time

# More items than one attempt and the next can ask about are not looked at.
_MOST_ITEMS = 24
_DECOYS_PER_ITEM = 40
_TILE_ID_LENGTH = 22

Grids = list[list[Tile]]


def attempt_for(ticket: Ticket, at: datetime) -> UUID:
    """The attempt that the claimant of this ticket has now: the one begun and not answered, else a new one."""
    key = budget_key(ticket)
    # Two cases of one account are prepared one after the other, and see the same attempt.
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(int.from_bytes(key[:8], signed=True))))
    part = _part(ticket, key, at)
    known = list(
        db.session.scalars(
            sa.select(QuizAttempt).where(QuizAttempt.subject_key == key).order_by(QuizAttempt.number)
        )
    )
    for attempt in reversed(known):
        mine = part is not QuizPart.RESERVED or attempt.ticket_id == ticket.id
        if attempt.answered_at is None and attempt.part is part and mine:
            return attempt.id
    return _begin(ticket, key, part, known, at)


def _part(ticket: Ticket, key: bytes, at: datetime) -> QuizPart:
    """Which part of the budget is left: nothing is spent before there is an answer."""
    if used(key, QUIZ_MONTH, at=at) < QUIZ_MONTH.limit and used(key, QUIZ_YEAR, at=at) < QUIZ_YEAR.limit:
        return QuizPart.OPEN
    earned = evidence_service.has_other_group(ticket, ChallengeKind.ORDER_QUIZ)
    return (
        QuizPart.RESERVED if earned and used(key, RESERVED_QUIZ, at=at) < RESERVED_QUIZ.limit else QuizPart.SPENT
    )


def _begin(ticket: Ticket, key: bytes, part: QuizPart, known: Collection[QuizAttempt], at: datetime) -> UUID:
    number = max((attempt.number for attempt in known), default=0) + 1
    seed = mac("quiz", key.hex(), number)
    # What was shown once says too much when it is shown again.
    shown = {tile["title"] for attempt in known for grid in json.loads(attempt.grids) for tile in grid}
    account_id = ticket.account_id
    asks = part is not QuizPart.SPENT and account_id is not None and not contested_service.is_contested(account_id)
    household = accounts.household_titles(account_id) if account_id is not None else frozenset()
    grids = _real(account_id, shown, shown | household, seed) if asks and account_id is not None else None
    attempt = QuizAttempt(
        id=new_id(),
        subject_key=key,
        number=number,
        part=part,
        ticket_id=ticket.id if part is QuizPart.RESERVED else None,
        account_id=account_id if grids is not None else None,
        created_at=at,
        grids="",
    )
    attempt.grids = _sealed(attempt.id, synthetic(shown | household, seed) if grids is None else grids)
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def _real(account_id: UUID, shown: Collection[str], without: Collection[str], seed: bytes) -> Grids | None:
    """Grids about what the account ordered; None where too little of it is left to ask about."""
    today = clock.today()
    ordered_on = {
        bought.title: bought.placed_on
        for bought in accounts.titled_purchases(account_id)
        if bought.delivered and in_time(bought.placed_on, today) and bought.title not in shown
    }
    entries = accounts.catalogue_entries(ordered_on)
    if len(entries) < FEWEST_ITEMS:
        return None
    draws = Draws(seed)
    items = [entries[title] for title in sorted(entries)]
    items = draws.sample(items, min(len(items), _MOST_ITEMS))
    alike = {
        item.title: accounts.titles_alike(
            item, on=ordered_on[item.title], without=without, seed=seed.hex(), limit=_DECOYS_PER_ITEM
        )
        for item in items
    }
    return compose(items, alike, draws)


def synthetic(without: Collection[str], seed: bytes) -> Grids:
    """Grids like those of somebody who shops here, about things nobody in particular ordered."""
    draws = Draws(seed)
    sample = accounts.sample_titles(without=without, seed=seed.hex(), limit=GRIDS * TILES)
    items = sample[: draws.randint(FEWEST_ITEMS, 2 * FEWEST_ITEMS)]
    alike = {
        item.title: accounts.titles_alike(
            item, on=_some_day(item, draws), without=without, seed=seed.hex(), limit=_DECOYS_PER_ITEM
        )
        for item in items
    }
    grids = compose(items, alike, draws, ordered=False)
    if grids is not None:
        return grids
    if len(sample) < GRIDS * TILES:
        sample = accounts.sample_titles(without=(), seed=seed.hex(), limit=GRIDS * TILES)
    return deal(sample, draws)


def _some_day(item: CatalogueEntry, draws: Random) -> date:
    first, last = item.first_sold_on.toordinal(), item.last_sold_on.toordinal()
    return date.fromordinal(draws.randint(first, last))


def _sealed(attempt_id: UUID, grids: Grids) -> str:
    """The tiles as they are kept; their ids tell nothing and hold for this attempt alone."""
    numbered = enumerate(grids)
    return json.dumps(
        [
            [
                {
                    "id": derive_token("quiz-tile", attempt_id, grid_number, place)[:_TILE_ID_LENGTH],
                    "title": tile.title,
                    "category": tile.category,
                    "ordered": tile.ordered,
                }
                for place, tile in enumerate(grid)
            ]
            for grid_number, grid in numbered
        ],
        ensure_ascii=False,
    )
