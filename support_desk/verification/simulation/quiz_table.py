"""What a quiz gives to people of a class: the real score over every case of ticks, weighed by how likely it is."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np
from scipy.stats import binom

from support_desk.verification import quiz_scoring
from support_desk.verification.quiz import FEWEST_ITEMS, FEWEST_ORDERED, GRIDS, MOST_ORDERED, TILES
from support_desk.verification.recall import recall_tier
from support_desk.verification.simulation.assumptions import OWNER, Actor, QuizHabits
from support_desk.verification.simulation.latent import Array, given_latent

_ORDERED = range(GRIDS * FEWEST_ORDERED, GRIDS * MOST_ORDERED + 1)


def quiz_tails(actor: Actor, habits: QuizHabits, eligible: Sequence[int], thresholds: tuple[float, ...]) -> Array:
    """[latent bin, account, tier - 1]: the probability to reach the tier in one quiz.

    `eligible`: of how many items the quiz of an account can be made. Attackers tick at their best rate.
    """
    knows = given_latent(actor.item, actor.correlation)
    if actor.name == OWNER:
        ticks = [(knows, habits.owner_false_tick)]
    else:
        ticks = [(hit_chance(knows, habits, rate), rate) for rate in habits.tick_rates]
    weights = np.array([[true_counts(items).get(count, 0.0) for count in _ORDERED] for items in eligible])
    return np.max(
        [np.einsum("ac,cbt->bat", weights, _tails(hit, wrong, thresholds)) for hit, wrong in ticks], axis=0
    )


def hit_chance(knows: Array, habits: QuizHabits, rate: float) -> Array:
    """How likely a true tile is ticked by who knows some and ticks the others at a rate."""
    return knows + (1 - knows) * min(1.0, rate * habits.popularity_leak)


@lru_cache(maxsize=256)
def true_counts(items: int) -> dict[int, float]:
    """How likely each number of true tiles is over all grids, of so many items; empty where there is no quiz.

    As many items are kept back as another attempt needs.
    """
    if items < FEWEST_ITEMS:
        return {}
    most = max(FEWEST_ITEMS, items - FEWEST_ITEMS)
    sums = [sum(grids) for grids in product(range(FEWEST_ORDERED, MOST_ORDERED + 1), repeat=GRIDS)]
    possible = [each for each in sums if each <= most]
    return {count: possible.count(count) / len(possible) for count in set(possible)}


@lru_cache(maxsize=64)
def tier_table(true_count: int, thresholds: tuple[float, ...]) -> Array:
    """[true tiles ticked, decoys ticked] to the tier that the score reaches."""
    decoys = GRIDS * TILES - true_count
    return np.array(
        [
            [recall_tier(_bits(true_count, hits, wrong), thresholds) for wrong in range(decoys + 1)]
            for hits in range(true_count + 1)
        ]
    )


def _bits(true_count: int, hits: int, wrong: int) -> float:
    ordered = [(True, place < hits) for place in range(true_count)]
    return quiz_scoring.score(ordered + [(False, place < wrong) for place in range(GRIDS * TILES - true_count)])


def _tails(hit: Array, false_tick: float, thresholds: tuple[float, ...]) -> Array:
    """[number of true tiles, latent bin, tier - 1]."""
    tails = np.zeros((len(_ORDERED), len(hit), len(thresholds)))
    for place, count in enumerate(_ORDERED):
        tiers = tier_table(count, thresholds)
        decoys = GRIDS * TILES - count
        hits = binom.pmf(np.arange(count + 1), count, hit[:, np.newaxis])
        wrong = binom.pmf(np.arange(decoys + 1), decoys, false_tick)
        for tier in range(len(thresholds)):
            tails[place, :, tier] = hits @ ((tiers > tier) @ wrong)
    return tails
