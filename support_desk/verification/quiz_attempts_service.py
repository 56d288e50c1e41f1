"""Making the grids of a quiz, in the worker: of an account's orders if there are enough, else alike to see."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any
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
from support_desk.verification.quiz import FEWEST_ITEMS, GRIDS, TILES, Tile, asked_about, compose, deal, in_time

# More items than one attempt and the next can ask about are not looked at.
_MOST_ITEMS = 18
_DECOYS_PER_ITEM = 40
# With fewer that are alike in price and popularity, a thing would stand out among its decoys.
_CLOSE_DECOYS = 8
_SHOPPERS_TRIED = 6
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
    grids = None
    if account_id is not None and part is not QuizPart.SPENT and not contested_service.is_contested(account_id):
        grids = real_grids(account_id, shown, seed)
    attempt = QuizAttempt(
        id=new_id(),
        subject_key=key,
        number=number,
        part=part,
        ticket_id=ticket.id if part is QuizPart.RESERVED else None,
        account_id=account_id if grids is not None else None,
        created_at=at,
    )
    if grids is None:
        own = accounts.household_titles(account_id) if account_id is not None else frozenset()
        grids = synthetic_grids(shown | own, seed)
    attempt.grids = json.dumps(sealed_tiles(attempt.id, grids), ensure_ascii=False)
    db.session.add(attempt)
    db.session.flush()
    return attempt.id


def real_grids(account_id: UUID, shown: Collection[str], seed: bytes) -> Grids | None:
    """Grids about what the account ordered and was not shown; None where too little is left to ask about."""
    ordered_on = _ordered_on(account_id, shown)
    entries = accounts.catalogue_entries(ordered_on)
    if len(entries) < FEWEST_ITEMS:
        return None
    without = {*shown, *accounts.household_titles(account_id)}
    days = [(entries[title], ordered_on[title]) for title in sorted(entries)]
    return _grids(days, without, seed, ordered=True)


def synthetic_grids(without: Collection[str], seed: bytes) -> Grids:
    """Grids like those of somebody who shops here, about things which that one did not order, but others did."""
    grids = _grids(_made_up(without, seed), without, seed, ordered=False)
    if grids is not None:
        return grids
    sample = accounts.sample_titles(without=without, seed=seed.hex(), limit=GRIDS * TILES)
    if len(sample) < GRIDS * TILES:
        sample = accounts.sample_titles(without=(), seed=seed.hex(), limit=GRIDS * TILES)
    return deal(sample, Draws(seed))


def _ordered_on(account_id: UUID, shown: Collection[str]) -> dict[str, date]:
    today = clock.today()
    return {
        bought.title: bought.placed_on
        for bought in accounts.titled_purchases(account_id)
        if bought.delivered and in_time(bought.placed_on, today) and bought.title not in shown
    }


def _made_up(without: Collection[str], seed: bytes) -> list[tuple[CatalogueEntry, date]]:
    """For each order of some shopper another thing like it: as mixed as a real customer's orders, and nobody's."""
    draws = Draws(seed)
    first, last = asked_about(clock.today())
    for _ in range(_SHOPPERS_TRIED):
        shopper = accounts.some_shopper(draws.random(), first=first, last=last, least=FEWEST_ITEMS)
        if shopper is None:
            continue
        ordered_on = _ordered_on(shopper, ())
        entries = accounts.catalogue_entries(ordered_on)
        found: dict[str, tuple[CatalogueEntry, date]] = {}
        for title in sorted(entries):
            others = _alike(entries[title], ordered_on[title], {*without, *ordered_on, *found}, seed)
            if others:
                found[others[0].title] = (others[0], ordered_on[title])
        if len(found) >= FEWEST_ITEMS:
            return [found[title] for title in sorted(found)]
    return []


def _grids(
    days: list[tuple[CatalogueEntry, date]], without: Collection[str], seed: bytes, *, ordered: bool
) -> Grids | None:
    """Grids about some of these things, each ordered on its day; those with enough alike come first."""
    draws = Draws(seed)
    days = draws.sample(days, min(len(days), _MOST_ITEMS))
    alike = {item.title: _alike(item, on, without, seed) for item, on in days}
    items = [item for item, _ in days]
    close = [item for item in items if sum(map(item.is_like, alike[item.title])) >= _CLOSE_DECOYS]
    return (compose(close, alike, draws, ordered=ordered) if close else None) or compose(
        items, alike, draws, ordered=ordered
    )


def _alike(item: CatalogueEntry, on: date, without: Collection[str], seed: bytes) -> list[CatalogueEntry]:
    return accounts.titles_alike(item, on=on, without=without, seed=seed.hex(), limit=_DECOYS_PER_ITEM)


def sealed_tiles(attempt_id: UUID, grids: Grids) -> list[list[dict[str, Any]]]:
    """The tiles as they are kept, sealed; their ids tell nothing and hold for this attempt alone."""
    return [
        [
            {
                "id": derive_token("quiz-tile", attempt_id, number, place)[:_TILE_ID_LENGTH],
                "title": tile.title,
                "category": tile.category,
                "ordered": tile.ordered,
            }
            for place, tile in enumerate(grid)
        ]
        for number, grid in enumerate(grids)
    ]
