"""What people of a class would say of the orders of an account: remembered, read in a record, or guessed."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from random import Random

from support_desk.verification.recall import MOST_FACTS, Fact, Params, Part, PlacedOrder

_FARTHEST_DAYS = 120
_FARTHEST_SHARE = 0.6


class Known(IntEnum):
    """How much of one order is known."""

    NOTHING = 0
    ITEM = 1
    ITEM_AND_DAY = 2
    ITEM_AND_AMOUNT = 3
    ALL = 4


@dataclass(frozen=True)
class Teller:
    """`exact`: as from a record. `guesses`: fills in what is not known, where an honest person leaves it out."""

    exact: bool
    guesses: bool
    honest: bool = False


def tell(
    teller: Teller,
    known: Sequence[Known],
    orders: Sequence[PlacedOrder],
    others: Sequence[PlacedOrder],
    params: Params,
    draw: Random,
) -> list[Fact]:
    """The facts somebody would put down who knows so much of up to three of the orders.

    `others` are orders of anybody: what is guessed is guessed as common as it is. (Where there are none, of the
    account's own: a directory of so few accounts is not worth a simulation.)
    """
    held = [each for each in known if each is not Known.NOTHING][: len(orders)]
    chosen = draw.sample(list(orders), len(held))
    others = others or orders
    facts = [_fact(teller, each, order, others, params, draw) for each, order in zip(held, chosen, strict=True)]
    if facts or teller.honest:
        return facts
    guessed = MOST_FACTS if teller.guesses else 1
    return [_record(draw.choice(others)) for _ in range(guessed)]


def _record(order: PlacedOrder) -> Fact:
    return Fact(order.placed_on, order.amount_yen, order.words)


def _fact(
    teller: Teller,
    known: Known,
    order: PlacedOrder,
    others: Sequence[PlacedOrder],
    params: Params,
    draw: Random,
) -> Fact:
    day = order.placed_on if known in (Known.ITEM_AND_DAY, Known.ALL) else None
    amount = order.amount_yen if known in (Known.ITEM_AND_AMOUNT, Known.ALL) else None
    words = order.words
    if not teller.exact:
        if day is not None:
            apart = round(_apart(params.date, _FARTHEST_DAYS, draw))
            day += timedelta(days=apart * draw.choice((1, -1)))
        if amount is not None:
            share = _apart(params.amount, _FARTHEST_SHARE, draw)
            amount = max(1, round(amount * (1 + share * draw.choice((1, -1)))))
        words = _half_remembered(words, params.words, draw)
    if teller.guesses:
        day = day or draw.choice(others).placed_on
        amount = amount or draw.choice(others).amount_yen
    return Fact(day, amount, words)


def _apart(part: Part, farthest: float, draw: Random) -> float:
    """How far off memory is: at most a step with the owner's probability of that step."""
    step = bisect_left(part.m, draw.random())
    if step == 0:
        return part.steps[0]
    nearest = part.steps[step - 1]
    return draw.uniform(nearest, part.steps[step] if step < len(part.steps) else farthest)


def _half_remembered(words: frozenset[str], part: Part, draw: Random) -> frozenset[str]:
    """Words as people remember them: some right, the others wrong."""
    step = bisect_left(part.m, draw.random())
    share = part.steps[step] if step < len(part.steps) else 0.0
    kept = sorted(words)[: round(share * len(words))] if share else []
    wrong = [f"mistaken{number}" for number in range(len(words) - len(kept))]
    return frozenset([*kept, *wrong])
