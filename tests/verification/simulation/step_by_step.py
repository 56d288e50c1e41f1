"""One person after the other through the whole path: told facts, composed grids, tiles ticked, real scores."""

from dataclasses import dataclass
from random import Random
from statistics import NormalDist

from support_desk.verification.deciding import history_tier
from support_desk.verification.policy import Policy
from support_desk.verification.recall import Params, score
from support_desk.verification.simulation.assumptions import CODES, OWNER, Actor, Assumptions
from support_desk.verification.simulation.drawing import cancelled
from support_desk.verification.simulation.population import Holder, Population
from support_desk.verification.simulation.recall_table import tellers_of
from support_desk.verification.simulation.telling import Known, Teller, tell
from support_desk.verification.simulation.ways import evidence_of, way_of
from tests.verification.simulation.quizzes import compose_grids, score_ticks

NORMAL = NormalDist()


@dataclass
class Walk:
    """The path of one class; `teller` is how its people go about what they do not know."""

    policy: Policy
    population: Population
    assumptions: Assumptions
    actor: Actor
    teller: Teller
    draw: Random

    def passes(self, action: str) -> bool:
        """Whether the next person gets an action through at what the account is worth."""
        actor, draw = self.actor, self.draw
        holder = draw.choice(self.population.holders)
        trait = draw.gauss(0, 1)
        held = {code: self._happens(getattr(actor, code), trait) for code in CODES}
        knows = self._given(actor.item, trait)
        attempts = actor.attempts + (actor.reserved_attempts if any(held.values()) else 0)
        bits = max(
            (max(self._quiz(holder, knows), self._recall(holder, knows)) for _ in range(attempts)), default=0.0
        )
        if draw.random() >= actor.names_account:
            return False
        shown = evidence_of(self.policy, held, history_tier(self.policy, bits))
        way = way_of(self.policy, shown, holder.tier, action)
        return way is not None and draw.random() >= cancelled(actor, way.wait)

    def _given(self, probability: float, trait: float) -> float:
        if probability in (0.0, 1.0):
            return probability
        share = self.actor.correlation
        return NORMAL.cdf((NORMAL.inv_cdf(probability) + share**0.5 * trait) / (1 - share) ** 0.5)

    def _happens(self, probability: float, trait: float) -> bool:
        return self.draw.random() < self._given(probability, trait)

    def _quiz(self, holder: Holder, knows: float) -> float:
        grids = compose_grids(holder.eligible_count, self.draw)
        if grids is None:
            return 0.0
        wrong = self.assumptions.quiz.tick_rates[0]
        right = knows + (1 - knows) * wrong
        if self.actor.name == OWNER:
            wrong, right = self.assumptions.quiz.owner_false_tick, knows
        ticks = [
            (ordered, self.draw.random() < (right if ordered else wrong)) for grid in grids for ordered in grid
        ]
        return score_ticks(ticks)

    def _recall(self, holder: Holder, knows: float) -> float:
        known = [self._known() if self.draw.random() < knows else Known.NOTHING for _ in range(3)]
        facts = tell(self.teller, known, holder.orders, self.population.others, PARAMS, self.draw)
        return score(facts, holder.orders, self.population.shares, PARAMS).bits

    def _known(self) -> Known:
        day, amount = self.draw.random() < self.actor.day, self.draw.random() < self.actor.amount
        if day:
            return Known.ALL if amount else Known.ITEM_AND_DAY
        return Known.ITEM_AND_AMOUNT if amount else Known.ITEM


PARAMS = Params.packaged()


def honest_teller(actor: Actor) -> Teller:
    """The way that leaves out what is not known."""
    return tellers_of(actor)[0]
