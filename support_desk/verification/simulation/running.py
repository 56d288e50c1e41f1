"""Runs the simulation: tables from the real rules first, then people by the million."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from support_desk.verification.policy import Policy, Tier
from support_desk.verification.quiz import FEWEST_ITEMS
from support_desk.verification.simulation.assumptions import OWNER, Actor, Assumptions
from support_desk.verification.simulation.drawing import (
    Chances,
    Drawn,
    cancel_steps,
    chances,
    draw,
    expected,
    history_chances,
)
from support_desk.verification.simulation.intervals import clopper_pearson
from support_desk.verification.simulation.latent import Array
from support_desk.verification.simulation.population import Population
from support_desk.verification.simulation.quiz_table import quiz_tails
from support_desk.verification.simulation.recall_table import recall_tails, tabulate
from support_desk.verification.simulation.targets import (
    MOST,
    OVERALL,
    OVERALL_LEAST,
    SITUATIONS,
    VALUE_CELLS,
    Mend,
    mends,
    weightiest,
    worst,
)
from support_desk.verification.simulation.telling import Teller
from support_desk.verification.simulation.ways import Table, Way, tabulate_ways

Cell = tuple[str, Tier]
PROCESSES = 2


@dataclass(frozen=True)
class Share:
    """A counted share with its exact 95 % interval."""

    found: int
    trials: int

    @property
    def rate(self) -> float:
        """The share; 0 where nobody was tried."""
        return self.found / self.trials if self.trials else 0.0

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Clopper-Pearson, 95 %."""
        return clopper_pearson(self.found, self.trials) if self.trials else (0.0, 1.0)


@dataclass(frozen=True)
class History:
    """How likely a class reaches each tier of order history: in one quiz, in one recall, in all of a year."""

    quiz: tuple[float, ...]
    recall: tuple[float, ...]
    year: tuple[float, ...]


@dataclass(frozen=True)
class Reason:
    """Why a cell passes its bound: the rate with one assumption halved, and what alone would meet the bound."""

    cell: Cell
    rests_on: tuple[tuple[str, float], ...]
    mends: tuple[Mend, ...]


@dataclass(frozen=True)
class Judged:
    """A target against what came out in the worst cell; `expected`: what the share tends to.

    `reasons`: of the cells missed, the worst of each action.
    """

    who: str
    bound: float
    at_least: bool
    share: Share
    expected: float
    met: bool
    cell: Cell | None = None
    missed: tuple[Cell, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Result:
    """All that a run found."""

    policy_version: str
    population: str
    accounts: int
    tier_shares: Mapping[Tier, float]
    quiz_share: float
    seed: int
    trials: int
    assumptions: Assumptions
    cells: Mapping[str, Mapping[Cell, Share]]
    history: Mapping[str, History]
    owner: Mapping[str, Share]
    judged: tuple[Judged, ...]


class Model:
    """The tables of one policy, one population and one set of assumptions."""

    def __init__(
        self,
        policy: Policy,
        population: Population,
        assumptions: Assumptions,
        *,
        seed: int,
        processes: int = PROCESSES,
        tabulated: Callable[[], object] = lambda: None,
    ) -> None:
        """`tabulated` is called after each account."""
        self.policy = policy
        self.population = population
        self.assumptions = assumptions
        self.seed = seed
        self.ways: Table = tabulate_ways(policy)
        self._recall: Mapping[Teller, Array] = tabulate(
            assumptions.actors,
            population,
            policy.history_tiers,
            seed=seed,
            processes=processes,
            tabulated=tabulated,
        )
        self.tiers = np.array([list(Tier).index(tier) for tier in population.tiers])
        self._tails: dict[tuple[object, ...], tuple[Array, Array]] = {}
        self._history: dict[tuple[object, ...], Array] = {}

    def tails(self, actor: Actor) -> tuple[Array, Array]:
        """[latent bin, account, tier - 1] of one quiz and of one recall."""
        key = _knowledge(actor)
        if key not in self._tails:
            eligible = [each.eligible_count for each in self.population.holders]
            quiz = quiz_tails(actor, self.assumptions.quiz, eligible, self.policy.history_tiers)
            self._tails[key] = quiz, recall_tails(actor, self._recall)
        return self._tails[key]

    def chances(self, actor: Actor) -> Chances:
        """What the drawing of a class needs."""
        key = *_knowledge(actor), actor.attempts, actor.reserved_attempts
        if key not in self._history:
            self._history[key] = history_chances(actor, *self.tails(actor))
        return chances(actor, self._history[key])

    def expected(self, actor: Actor, cell: Cell) -> float:
        """The share of a class that a cell tends to let through."""
        return expected(self.chances(actor), self.ways[cell])

    def drawn(self, actor: Actor, trials: int) -> Drawn:
        """So many people of a class; each class has a stream of its own, whatever order they are drawn in."""
        stream = [self.seed, self.assumptions.actors.index(actor)]
        return draw(self.chances(actor), self.tiers, trials, cancel_steps(actor, self.ways), stream)


def _knowledge(actor: Actor) -> tuple[object, ...]:
    """What the order history of a class rests on."""
    return actor.name, actor.item, actor.day, actor.amount, actor.exact, actor.correlation


def simulate(model: Model, *, trials: int) -> Result:
    """Draw every class and judge what came out."""
    actors = model.assumptions.actors
    with ThreadPoolExecutor(PROCESSES) as pool:
        drawn = dict(
            zip((actor.name for actor in actors), pool.map(lambda a: model.drawn(a, trials), actors), strict=True)
        )
    cells = {
        name: {cell: Share(each.accepted(ways), trials) for cell, ways in model.ways.items()}
        for name, each in drawn.items()
    }
    owner = _owner(model, drawn[OWNER])
    return Result(
        policy_version=model.policy.version,
        population=model.population.name,
        accounts=len(model.population.holders),
        tier_shares={tier: float((model.tiers == place).mean()) for place, tier in enumerate(Tier)},
        quiz_share=_share_with_quiz(model.population),
        seed=model.seed,
        trials=trials,
        assumptions=model.assumptions,
        cells=cells,
        history={actor.name: _history(model, actor) for actor in actors},
        owner=owner,
        judged=(*_judge_attackers(model, cells), *_judge_owner(owner)),
    )


def _history(model: Model, actor: Actor) -> History:
    quiz, recall = model.tails(actor)
    year = model.chances(actor).history[0]
    return History(*(tuple(float(share) for share in tails.mean(axis=(0, 1))) for tails in (quiz, recall, year)))


def _share_with_quiz(population: Population) -> float:
    return float(np.mean([holder.eligible_count >= FEWEST_ITEMS for holder in population.holders]))


def _owner(model: Model, drawn: Drawn) -> dict[str, Share]:
    shares = {}
    for situation in SITUATIONS:
        ways: dict[Tier, Sequence[Way | None]] = {tier: model.ways[situation.action, tier] for tier in Tier}
        shares[situation.name] = Share(*drawn.accepted_at_own_tier(ways, situation.codes))
    shares[OVERALL] = Share(
        sum(share.found for share in shares.values()), sum(share.trials for share in shares.values())
    )
    return shares


def _judge_owner(owner: Mapping[str, Share]) -> list[Judged]:
    least = {**{situation.name: situation.least for situation in SITUATIONS}, OVERALL: OVERALL_LEAST}
    return [
        Judged(f"owner, {name}", bound, True, owner[name], owner[name].rate, owner[name].rate >= bound)
        for name, bound in least.items()
        if bound is not None
    ]


def _judge_attackers(model: Model, cells: Mapping[str, Mapping[Cell, Share]]) -> list[Judged]:
    judged = []
    for name, most in MOST.items():
        actor = model.assumptions.actor(name)
        tends_to = {cell: model.expected(actor, cell) for cell in VALUE_CELLS}
        # A share of the draws may lie just under a bound that the expected share passes: neither may.
        missed = tuple(cell for cell in VALUE_CELLS if max(cells[name][cell].rate, tends_to[cell]) > most)
        cell = worst(tends_to, VALUE_CELLS)
        judged.append(
            Judged(
                actor.name,
                most,
                False,
                cells[name][cell],
                tends_to[cell],
                not missed,
                cell,
                missed,
                tuple(_reasons(model, actor, most, tends_to, missed)),
            )
        )
    return judged


def _reasons(
    model: Model, actor: Actor, most: float, tends_to: Mapping[Cell, float], missed: Sequence[Cell]
) -> Iterator[Reason]:
    for action in dict.fromkeys(action for action, _ in missed):
        cell = worst(tends_to, [each for each in missed if each[0] == action])

        def rate(changed: Actor, cell: Cell = cell) -> float:
            return model.expected(changed, cell)

        yield Reason(cell, tuple(weightiest(actor, rate)[:3]), tuple(mends(actor, most, rate)))
