"""Scoring remembered orders against those of an account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache, lru_cache
from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.accounts.views import OrderFacts
from support_desk.core.japan import item_words, normalise_order_number
from support_desk.verification.recall import Fact, Params, PlacedOrder, score
from support_desk.verification.shares import Shares


def remembered(
    *,
    order_number: str | None = None,
    item: str | None = None,
    placed_on: date | None = None,
    amount_yen: int | None = None,
) -> Fact:
    """One remembered order as it is scored, from what was typed."""
    return Fact(placed_on, amount_yen, item_words(item), normalise_order_number(order_number))


def score_recall(account_id: UUID, facts: Sequence[Fact]) -> float:
    """The bits of evidence that whoever remembers these orders owns the account; below 0: speaks against it."""
    return score(facts, placed_orders(accounts.orders(account_id)), shares_now(), _params()).bits


def placed_orders(orders: Iterable[OrderFacts]) -> list[PlacedOrder]:
    """Orders as far as they can be remembered."""
    return [
        PlacedOrder(
            order.placed_on, order.amount_yen, order.item_words, normalise_order_number(order.order_number)
        )
        for order in orders
    ]


def shares_now() -> Shares:
    """How common what people remember is in the directory as it was last imported."""
    return _shares(accounts.order_statistics_mark())


@lru_cache(maxsize=1)
def _shares(mark: str) -> Shares:
    """Read anew only after an import: the mark tells one state of the counts from another."""
    counts = accounts.order_statistics()
    return Shares(counts.total, counts.days, counts.amounts, counts.words)


@cache
def _params() -> Params:
    return Params.packaged()
