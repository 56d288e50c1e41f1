"""Draws people of a class by the million, and counts what became of their cases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from support_desk.verification.policy import Tier
from support_desk.verification.simulation.assumptions import CODES, Actor
from support_desk.verification.simulation.latent import BINS, Array, given_latent
from support_desk.verification.simulation.ways import HISTORY_TIERS, STATES, Way

Counts = NDArray[np.int64]
_CHUNK = 200_000
_NOTICED_WITHIN = timedelta(hours=72)


@dataclass(frozen=True)
class Chances:
    """Everything of a class that the drawing needs, by latent bin.

    `codes`: [code, bin]. `history`: [has a right code, bin, account, tier - 1]: to reach the tier in all attempts.
    """

    actor: Actor
    codes: Array
    history: Array


@dataclass(frozen=True)
class Drawn:
    """How many of the trials ended in each case: [evidence, tier of the account, cancel step]."""

    actor: Actor
    trials: int
    counts: Counts
    cancel_steps: tuple[float, ...]

    def accepted(self, ways: Sequence[Way | None]) -> int:
        """How many got an action through, at whatever the account is worth."""
        passes = passing(self.actor, ways, self.cancel_steps)
        return int((self.counts.sum(axis=1) * passes).sum())

    def accepted_at_own_tier(
        self, ways: Mapping[Tier, Sequence[Way | None]], codes: Mapping[str, bool]
    ) -> tuple[int, int]:
        """(got through, trials) of those who hold exactly these of the codes named, each at the account's tier."""
        chosen = holding(codes)
        through = 0
        for place, tier in enumerate(Tier):
            passes = passing(self.actor, ways[tier], self.cancel_steps)
            through += int((self.counts[:, place, :] * passes)[chosen].sum())
        return through, int(self.counts[chosen].sum())


def holding(codes: Mapping[str, bool]) -> NDArray[np.bool_]:
    """[evidence]: the cases in which exactly these of the codes named are held."""
    held = np.arange(STATES) // HISTORY_TIERS
    chosen = np.full(STATES, True)
    for place, code in enumerate(CODES):
        if code in codes:
            chosen &= ((held >> place) & 1) == codes[code]
    return chosen


def cancelled(actor: Actor, wait: timedelta) -> float:
    """How likely the owner stops a wrong case that takes so long."""
    return actor.cancel * min(1.0, wait / _NOTICED_WITHIN)


def cancel_steps(actor: Actor, ways: Mapping[tuple[str, Tier], Sequence[Way | None]]) -> tuple[float, ...]:
    """The different chances that a case of the class is stopped, rising."""
    return tuple(sorted({cancelled(actor, way.wait) for each in ways.values() for way in each if way}))


def passing(actor: Actor, ways: Sequence[Way | None], steps: Sequence[float]) -> Counts:
    """[evidence, cancel step]: 1 where the case gets through, the owner noticing no sooner than the step."""
    least = [len(steps) + 1 if way is None else steps.index(cancelled(actor, way.wait)) + 1 for way in ways]
    return (np.arange(len(steps) + 1) >= np.array(least)[:, np.newaxis]).astype(np.int64)


def history_chances(actor: Actor, quiz: Array, recall: Array) -> Array:
    """[has a right code, bin, account, tier - 1] from one quiz and one recall, each [bin, account, tier - 1]."""
    fails = (1 - quiz) * (1 - recall)
    attempts = (actor.attempts, actor.attempts + actor.reserved_attempts)
    return np.stack([1 - fails**count for count in attempts])


def chances(actor: Actor, history: Array) -> Chances:
    """The chances of a class."""
    codes = np.stack([given_latent(getattr(actor, code), actor.correlation) for code in CODES])
    return Chances(actor, codes, history)


def draw(
    of: Chances, tiers: NDArray[np.int64], trials: int, steps: tuple[float, ...], seed: Sequence[int]
) -> Drawn:
    """Draw so many people of a class, each at an account of the population; the same for a seed.

    `tiers`: what accounts of the directory are worth, to be drawn from.
    """
    source = np.random.default_rng(seed)
    counts = np.zeros(STATES * len(Tier) * (len(steps) + 1), dtype=np.int64)
    for start in range(0, trials, _CHUNK):
        cases = _cases(of, tiers, min(_CHUNK, trials - start), np.array(steps), source)
        counts += np.bincount(cases, minlength=len(counts))
    return Drawn(of.actor, trials, counts.reshape(STATES, len(Tier), len(steps) + 1), steps)


def _cases(of: Chances, tiers: NDArray[np.int64], size: int, steps: Array, source: np.random.Generator) -> Counts:
    trait = source.integers(0, BINS, size)
    account = source.integers(0, of.history.shape[2], size)
    held = np.zeros(size, dtype=np.int64)
    for place in range(len(CODES)):
        held |= (source.random(size) < of.codes[place, trait]).astype(np.int64) << place
    reaches = of.history[(held > 0).astype(np.int64), trait, account]
    history = (source.random((size, 1)) < reaches).sum(axis=1)
    evidence = held * HISTORY_TIERS + history
    named = source.random(size) < of.actor.names_account
    noticed = np.searchsorted(steps, source.random(size), side="right")
    # Below every step: who never names the account gets nothing, whatever he holds.
    noticed[~named] = 0
    tier = tiers[source.integers(0, len(tiers), size)]
    return (evidence * len(Tier) + tier) * (len(steps) + 1) + noticed


def expected(of: Chances, ways: Sequence[Way | None]) -> float:
    """What the share of accepted cases tends to: the same sum without drawing."""
    return float(weights(of) @ worth(of.actor, ways))


def weights(of: Chances) -> Array:
    """[evidence]: how likely each case is of the account, over all accounts."""
    found = np.zeros(STATES)
    history = of.history.mean(axis=2)
    for held in range(2 ** len(CODES)):
        chance = np.full(BINS, of.actor.names_account / BINS)
        for place in range(len(CODES)):
            chance = chance * (of.codes[place] if held >> place & 1 else 1 - of.codes[place])
        reaches = history[int(held > 0)]
        exactly = -np.diff(np.concatenate([np.ones((BINS, 1)), reaches, np.zeros((BINS, 1))], axis=1), axis=1)
        found[held * HISTORY_TIERS : (held + 1) * HISTORY_TIERS] = chance @ exactly
    return found


def worth(actor: Actor, ways: Sequence[Way | None]) -> Array:
    """[evidence]: the chance that the case gets through and is not stopped."""
    return np.array([0.0 if way is None else 1 - cancelled(actor, way.wait) for way in ways])
