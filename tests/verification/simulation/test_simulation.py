"""The simulation counts what the real rules do, and says how sure it is."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
import pytest

from support_desk.verification.policy import Tier
from support_desk.verification.policy_file import load_policy
from support_desk.verification.simulation.assumptions import (
    CODES,
    AssumptionError,
    packaged_assumptions,
)
from support_desk.verification.simulation.drawing import Chances, draw, expected
from support_desk.verification.simulation.intervals import clopper_pearson
from support_desk.verification.simulation.latent import BINS, given_latent
from support_desk.verification.simulation.population import synthetic_population
from support_desk.verification.simulation.quiz_table import quiz_tails, tier_table
from support_desk.verification.simulation.running import Model, simulate
from support_desk.verification.simulation.targets import VALUE_CELLS, mends
from support_desk.verification.simulation.ways import STATES, Way, state_of, tabulate_ways
from tests.verification.simulation.quizzes import score_ticks
from tests.verification.simulation.step_by_step import Walk, honest_teller

POLICY = load_policy()
PACKAGED = packaged_assumptions()
# Few orders an account, and one rate of ticking: the long way is long enough so.
SMALL = packaged_assumptions(["population.orders_median=7.0", "quiz.tick_rates=[0.1]"])
WAYS = tabulate_ways(POLICY)


@pytest.fixture(scope="module")
def model() -> Model:
    population = synthetic_population(SMALL.shop, seed=5, size=24)
    return Model(POLICY, population, SMALL, seed=5, processes=1)


@pytest.mark.parametrize(("who", "people"), [("household", 10_000), ("owner", 1_500)])
def test_drawing_by_tables_agrees_with_going_the_whole_way(
    model: Model, monkeypatch: pytest.MonkeyPatch, who: str, people: int
) -> None:
    actor, action = SMALL.actor(who), "replace_channels"
    teller = honest_teller(actor)
    # Both ways with one manner of telling: which one is best is a choice, not a fact to compare.
    monkeypatch.setattr("support_desk.verification.simulation.recall_table.tellers_of", lambda _: (teller,))
    one_manner = Model(POLICY, model.population, SMALL, seed=5, processes=1)
    drawn = one_manner.drawn(actor, 200_000)
    found, trials = drawn.accepted_at_own_tier({tier: WAYS[action, tier] for tier in Tier}, {})
    # The long way takes the tier of the account itself, the short one any of the directory: here they are alike.
    walk = Walk(POLICY, model.population, SMALL, actor, teller, Random(9))
    passed = sum(walk.passes(action) for _ in range(people))
    assert passed / people == pytest.approx(found / trials, abs=0.03)


def test_the_quiz_is_weighed_by_the_real_score_of_every_case() -> None:
    for true in (6, 9, 15):
        tiers = tier_table(true, POLICY.history_tiers)
        assert tiers.shape == (true + 1, 37 - true)
        for hits, wrong in ((0, 0), (true, 0), (true // 2, 3), (true, 36 - true)):
            ticks = [(True, place < hits) for place in range(true)]
            ticks += [(False, place < wrong) for place in range(36 - true)]
            bits = score_ticks(ticks)
            assert tiers[hits, wrong] == sum(bits >= least for least in POLICY.history_tiers)


def test_the_reference_attacker_passes_a_quiz_as_seldom_as_its_thresholds_promise() -> None:
    tails = quiz_tails(PACKAGED.actor("breach"), PACKAGED.quiz, [30], POLICY.history_tiers).mean(axis=(0, 1))
    assert tails[0] < 2e-2
    assert tails[1] < 1.5e-3
    assert tails[2] < 1.5e-4


def test_without_enough_items_nobody_passes_a_quiz() -> None:
    assert quiz_tails(PACKAGED.owner, PACKAGED.quiz, [5], POLICY.history_tiers).max() == 0


def test_whoever_shows_nothing_gets_nothing_of_value() -> None:
    nothing = state_of(dict.fromkeys(CODES, False), 0)
    assert all(WAYS[cell][nothing] is None for cell in VALUE_CELLS)


@pytest.mark.parametrize(
    "action", ["set_password", "lift_spend", "replace_channels", "lift_replaced", "carry_over"]
)
def test_more_evidence_is_never_worse_in_any_case(action: str) -> None:
    for tier in Tier:
        ways = WAYS[action, tier]
        for state in range(STATES):
            for place in range(len(CODES)):
                more = state | 4 << place
                if ways[state] is not None:
                    assert ways[more] is not None
                    assert ways[more].wait <= ways[state].wait  # type: ignore[union-attr]


def test_the_steps_of_a_way_add_up_their_waits() -> None:
    both = state_of({**dict.fromkeys(CODES, False), "end": True, "tel": True}, 0)
    mailbox = state_of({**dict.fromkeys(CODES, False), "end": True}, 0)
    waits = {
        ("lift_replaced", Tier.V1, both): 72 + 72,
        ("lift_replaced", Tier.V3, both): None,
        ("lift_change", Tier.V1, both): 0,
        ("lift_change", Tier.V1, mailbox): 72,
        ("lift_change", Tier.V3, mailbox): 7 * 24,
    }
    for (action, tier, state), hours in waits.items():
        way = WAYS[action, tier][state]
        assert (way and way.wait / timedelta(hours=1)) == hours


def test_a_right_code_opens_the_reserved_attempt(model: Model) -> None:
    without, with_code = model.chances(SMALL.actor("household")).history
    assert (with_code >= without).all()
    fails = 1 - without.mean(), 1 - with_code.mean()
    assert fails[1] < 0.95 * fails[0]


def test_the_draws_lie_where_the_sum_without_drawing_says(model: Model) -> None:
    actor = SMALL.actor("letterbox_thief")
    drawn = model.drawn(actor, 300_000)
    for cell in VALUE_CELLS:
        tends_to = model.expected(actor, cell)
        spread = math.sqrt(tends_to * (1 - tends_to) / drawn.trials)
        assert drawn.accepted(WAYS[cell]) / drawn.trials == pytest.approx(tends_to, abs=5 * spread + 1e-6)


def test_a_seed_gives_one_result_and_another_seed_another(model: Model) -> None:
    actor = SMALL.actor("household")
    first, again = (model.drawn(actor, 10_000).counts for _ in range(2))
    assert (first == again).all()
    other = Model.drawn(_with_seed(model, 6), actor, 10_000).counts
    assert (first != other).any()


def _with_seed(model: Model, seed: int) -> Model:
    other = Model.__new__(Model)
    other.__dict__ = {**model.__dict__, "seed": seed}
    return other


def test_holds_that_are_always_noticed_stop_everybody_and_none_stop_nobody() -> None:
    always = replace(PACKAGED.actor("sim_swapper"), tel=1.0, cancel=1.0)
    never = replace(always, cancel=0.0)
    surely = [np.ones((2, BINS, 1, 3))]
    ways = WAYS["replace_email", Tier.V1]
    for actor, share in ((always, 0.0), (never, 1.0)):
        codes = np.stack([given_latent(getattr(actor, code), actor.correlation) for code in CODES])
        assert expected(Chances(actor, codes, surely[0]), ways) == pytest.approx(share)


def test_a_stranger_who_never_names_the_account_gets_nothing(model: Model) -> None:
    nobody = replace(SMALL.actor("household"), names_account=0.0)
    found = draw(model.chances(nobody), model.tiers, 20_000, (0.0,), [1])
    assert all(found.accepted(_instant(WAYS[cell])) == 0 for cell in VALUE_CELLS)


def _instant(ways: Sequence[Way | None]) -> list[Way | None]:
    return [way and replace(way, wait=way.wait * 0) for way in ways]


@pytest.mark.parametrize("probability", [0.0, 1e-3, 0.05, 0.5, 0.95, 1.0])
def test_the_latent_trait_moves_people_and_leaves_the_share_of_all(probability: float) -> None:
    bins = given_latent(probability, 0.2)
    assert bins.mean() == pytest.approx(probability, rel=1e-3)
    assert (np.diff(bins) >= 0).all()


@pytest.mark.parametrize(
    ("found", "trials", "low", "high"),
    [(0, 1_000_000, 0.0, 3.689e-6), (5, 10, 0.1871, 0.8129), (10, 10, 0.6915, 1.0)],
)
def test_intervals_are_exact(found: int, trials: int, low: float, high: float) -> None:
    assert clopper_pearson(found, trials) == pytest.approx((low, high), rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(
    "change",
    ["nobody.tel=0.1", "breach.tel", "breach.shoe=1", "breach.tel=2", "breach.tel=x", "breach.attempts=0.5"],
)
def test_an_assumption_that_cannot_be_is_refused(change: str) -> None:
    with pytest.raises(AssumptionError):
        packaged_assumptions([change])


def test_a_changed_assumption_is_taken_and_kept_in_the_record() -> None:
    changed = packaged_assumptions(["breach.tel=0", "quiz.popularity_leak=1.5"])
    assert (changed.actor("breach").tel, changed.quiz.popularity_leak) == (0.0, 1.5)
    assert changed.table["breach"]["tel"] == 0.0


def test_what_would_meet_a_target_does_meet_it() -> None:
    def rate(actor: object) -> float:
        return actor.tel * (1 - actor.cancel)  # type: ignore[attr-defined, no-any-return]

    thief = PACKAGED.actor("sim_swapper")
    found = {mend.key: mend.needed for mend in mends(thief, 0.01, rate)}
    assert found.keys() == {"cancel", "tel"}
    assert found["cancel"] == pytest.approx(1 - 0.01 / 0.95, abs=1e-3)
    assert rate(replace(thief, tel=found["tel"])) <= 0.01


def test_owners_come_out_well_and_every_target_is_judged(model: Model) -> None:
    result = simulate(model, trials=20_000)
    assert {each.who for each in result.judged} >= {"stranger", "insider", "owner, both lost", "owner, overall"}
    assert result.owner["overall"].trials == 20_000
    assert result.owner["overall"].rate > 0.88
    for each in result.judged:
        assert each.met or not each.cell or each.missed


def test_guesses_are_not_taken_from_the_account_itself(model: Model) -> None:
    own = {id(order) for holder in model.population.holders for order in holder.orders}
    assert not any(id(order) in own for order in model.population.others)
