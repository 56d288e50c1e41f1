"""What recall gives to people of a class: the real score of what they would say of the accounts' orders."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from math import factorial, prod
from multiprocessing import get_context
from random import Random

import numpy as np

from support_desk.verification.recall import MOST_FACTS, Params, recall_tier, score
from support_desk.verification.simulation.assumptions import OWNER, Actor
from support_desk.verification.simulation.latent import BINS, Array, given_latent
from support_desk.verification.simulation.population import Population
from support_desk.verification.simulation.telling import Known, Teller, tell

CASES = tuple(combinations_with_replacement(Known, MOST_FACTS))
_TIMES = 3
_TIMES_HONEST = 24
# Who knows nothing guesses, and passes so seldom that it takes many tries to see how seldom.
_TIMES_GUESSED = 120


@dataclass(frozen=True)
class _Work:
    population: Population
    tellers: tuple[Teller, ...]
    thresholds: tuple[float, ...]
    params: Params
    seed: int


def tellers_of(actor: Actor) -> tuple[Teller, ...]:
    """The ways a class may go about it: owners leave out what they do not know, attackers may guess."""
    if actor.name == OWNER:
        return (Teller(actor.exact, guesses=False, honest=True),)
    return (Teller(actor.exact, guesses=False), Teller(actor.exact, guesses=True))


def tabulate(
    actors: Sequence[Actor],
    population: Population,
    thresholds: tuple[float, ...],
    *,
    seed: int,
    processes: int,
    tabulated: Callable[[], object] = lambda: None,
) -> dict[Teller, Array]:
    """For each teller [case, account, tier - 1]: how often the tier is reached, by the real score."""
    tellers = tuple(dict.fromkeys(teller for actor in actors for teller in tellers_of(actor)))
    work = _Work(population, tellers, thresholds, Params.packaged(), seed)
    places = range(len(population.holders))
    rows = []
    with ExitStack() as stack:
        if processes < 2:
            found: Iterator[Array] = (_tails(work, place) for place in places)
        else:
            pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (work,))
            found = stack.enter_context(pool).map(_tails_begun, places)
        for row in found:
            rows.append(row)
            tabulated()
    return dict(zip(tellers, np.stack(rows, axis=2), strict=True))


def recall_tails(actor: Actor, tables: Mapping[Teller, Array]) -> Array:
    """[latent bin, account, tier - 1]: the probability to reach the tier in one recall, told the best way."""
    ways = np.stack([tables[teller] for teller in tellers_of(actor)])
    # The best for somebody who knows so much: what opens tier 2 most often over all accounts, else tier 1.
    over_accounts = ways.mean(axis=2)
    best = np.argmax(over_accounts[:, :, 1] + over_accounts[:, :, 0] / 1_000, axis=0)
    return np.einsum("bc,cat->bat", _case_weights(actor), ways[best, np.arange(len(CASES))], optimize=True)


def _case_weights(actor: Actor) -> Array:
    """[latent bin, case]: how likely the class knows so much of three orders."""
    item = given_latent(actor.item, actor.correlation)
    day, amount = actor.day, actor.amount
    weights = {
        Known.NOTHING: 1 - item,
        Known.ITEM: item * (1 - day) * (1 - amount),
        Known.ITEM_AND_DAY: item * day * (1 - amount),
        Known.ITEM_AND_AMOUNT: item * (1 - day) * amount,
        Known.ALL: item * day * amount,
    }
    cases = np.empty((BINS, len(CASES)))
    for place, case in enumerate(CASES):
        orderings = factorial(MOST_FACTS) // prod(factorial(count) for count in Counter(case).values())
        cases[:, place] = orderings * np.prod([weights[known] for known in case], axis=0)
    return cases


_begun: list[_Work] = []


def _begin(work: _Work) -> None:
    _begun[:] = [work]


def _tails_begun(place: int) -> Array:
    return _tails(_begun[0], place)


def _tails(work: _Work, place: int) -> Array:
    """[teller, case, tier - 1] for one account."""
    known: dict[tuple[Teller, tuple[Known, ...]], Array] = {}
    for teller in work.tellers:
        for case in CASES:
            # Who knows nothing guesses alike, by memory or not.
            same = (teller if any(case) else replace(teller, exact=True)), case
            if same not in known:
                known[same] = _tail(work, place, *same)
            known[teller, case] = known[same]
    return np.array([[known[teller, case] for case in CASES] for teller in work.tellers])


def _tail(work: _Work, place: int, teller: Teller, case: tuple[Known, ...]) -> Array:
    """[tier - 1] for one account, somebody who knows so much of it, and goes about it so."""
    population, tail = work.population, np.zeros(len(work.thresholds))
    partly = any(known not in (Known.NOTHING, Known.ALL) for known in case)
    if teller.honest and (partly or not any(case)):
        return tail
    orders = population.holders[place].orders
    draw = Random(f"recall:{work.seed}:{teller}:{case}:{place}")  # noqa: S311 - no secret
    times = _TIMES_HONEST if teller.honest else _TIMES if any(case) else _TIMES_GUESSED
    for _ in range(times):
        facts = tell(teller, case, orders, population.others, work.params, draw)
        bits = score(facts, orders, population.shares, work.params).bits
        tail[: recall_tier(bits, work.thresholds)] += 1 / times
    return tail
