"""Recalled orders give as many bits as chance makes them rare."""

import random
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support_desk.core.japan import item_words
from support_desk.verification.recall import Fact, Params, PlacedOrder, recall_tier, score
from support_desk.verification.shares import Shares

PARAMS = Params.packaged()
DAY = date(2026, 3, 14)
TITLES = [
    f"{colour} {thing}" for colour in ("red", "blue", "tin", "oak") for thing in ("lamp", "kettle", "chair", "bag")
]


def a_directory(count: int = 4_000) -> list[PlacedOrder]:
    draw = random.Random(7)
    return [
        PlacedOrder(
            DAY - timedelta(days=draw.randrange(700)),
            draw.randrange(300, 30_000),
            item_words(draw.choice(TITLES)),
            f"N{number}",
        )
        for number in range(count)
    ]


DIRECTORY = a_directory()
SHARES = Shares.from_orders((order.placed_on, order.amount_yen, order.words) for order in DIRECTORY)
MINE = DIRECTORY[:3]


def a_fact(order: PlacedOrder, *, days: int = 0, times: float = 1.0) -> Fact:
    return Fact(order.placed_on + timedelta(days=days), round(order.amount_yen * times), order.words)


def bits(*facts: Fact) -> float:
    return score(facts, MINE, SHARES, PARAMS).bits


def test_an_exact_fact_reaches_the_highest_tier() -> None:
    assert bits(a_fact(MINE[0])) > 12.2


def test_less_exact_is_less_evidence() -> None:
    order = MINE[0]
    falling = [bits(a_fact(order, days=days)) for days in (0, 1, 3, 7, 31, 90)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] <= PARAMS.incomplete
    falling = [bits(a_fact(order, times=times)) for times in (1.0, 1.009, 1.029, 1.049, 1.09, 1.5)]
    assert falling == sorted(falling, reverse=True)


def test_the_share_is_that_of_all_orders_that_fit_as_closely() -> None:
    few = Shares.from_orders(
        [(DAY, 1000, {"red"}), (DAY + timedelta(days=3), 1030, {"red", "lamp"}), (DAY, 5000, set())]
    )
    assert few.of_days(DAY.toordinal(), DAY.toordinal()) == 3 / 4
    assert few.of_days(DAY.toordinal() - 3, DAY.toordinal() + 3) == 1.0
    assert few.of_amounts(1000, 1029) == 2 / 4
    assert few.of_words({"red", "lamp"}, 2) == 2 / 4
    assert few.of_words({"red", "lamp"}, 1) == 1.0


def test_the_formula_for_one_fact_of_date_and_amount() -> None:
    one_step = replace(
        PARAMS,
        date=replace(PARAMS.date, steps=(0,), m=(0.5,)),
        amount=replace(PARAMS.amount, steps=(0.0,), m=(0.5,)),
        rounding_yen=0,
    )
    shares = Shares.from_orders([(DAY, 1000, set())] * 15 + [(DAY - timedelta(days=9), 2000, set())] * 48)
    order = PlacedOrder(DAY, 1000, frozenset())
    # A share of 16/64 each: p = 1/16, n = 2 orders: u = 1 - (15/16)^2, m = 1/4.
    got = score(
        [Fact(DAY, 1000)], [order, PlacedOrder(DAY - timedelta(days=9), 2000, frozenset())], shares, one_step
    )
    assert got.bits == pytest.approx(0.85 * 1.0458, abs=1e-3)


def test_words_alone_and_all_such_facts_together_stay_below_the_first_tier() -> None:
    words = [Fact(words=order.words) for order in MINE]
    assert 0 < bits(words[0]) <= 4.0
    assert 0 < bits(*words) <= 4.2
    assert recall_tier(bits(*words), (4.3, 8.7, 12.2)) == 0


def test_date_and_words_without_the_amount_are_incomplete() -> None:
    order = MINE[0]
    assert bits(Fact(order.placed_on, None, order.words)) <= 4.0
    assert bits(Fact(None, order.amount_yen, order.words)) <= 4.0


def test_three_incomplete_facts_are_hardly_more_than_one() -> None:
    dated = [Fact(order.placed_on, None, order.words) for order in MINE]
    assert bits(dated[0]) > 3.5
    assert bits(*dated) == 4.2
    assert bits(*dated[:2], a_fact(MINE[2], days=3)) <= 4.2 + bits(a_fact(MINE[2], days=3))


def test_an_order_number_is_worth_fourteen_bits_and_the_claim_no_more() -> None:
    assert bits(Fact(order_number="N1")) == 14.0
    assert bits(Fact(order_number="N1"), a_fact(MINE[0])) == 14.0
    assert bits(Fact(order_number="N99")) < 0


def test_wrong_facts_cost() -> None:
    right, wrong = (
        a_fact(MINE[0], days=3, times=1.04),
        Fact(DAY - timedelta(days=2_000), 999_999, frozenset({"boat"})),
    )
    assert bits(right, wrong) < bits(right)
    assert bits(wrong) < 0


def test_one_order_serves_one_fact() -> None:
    fact = a_fact(MINE[0], days=5, times=1.08)
    assert bits(fact, fact) <= bits(fact)


def test_facts_are_assigned_for_the_best_sum() -> None:
    twins = [PlacedOrder(DAY, 1000, frozenset({"lamp"})), PlacedOrder(DAY, 1090, frozenset({"lamp"}))]
    facts = [Fact(DAY, 1050), Fact(DAY, 1000)]
    both = score(facts, twins, SHARES, PARAMS).bits
    assert both == score(facts[::-1], list(reversed(twins)), SHARES, PARAMS).bits
    assert both > score(facts[:1], twins, SHARES, PARAMS).bits


def test_many_orders_make_chance_likelier() -> None:
    fact = a_fact(MINE[0], days=3, times=1.03)
    assert score([fact], DIRECTORY[:100], SHARES, PARAMS).bits < score([fact], MINE, SHARES, PARAMS).bits


def test_nothing_told_or_nothing_ordered_is_no_evidence() -> None:
    assert bits() == bits(Fact()) == 0.0
    assert score([a_fact(MINE[0])], [], SHARES, PARAMS).bits < 0
    assert score([a_fact(MINE[0])], MINE, Shares.from_orders([]), PARAMS).bits <= PARAMS.cap


def test_a_fourth_fact_is_not_read() -> None:
    wrong = Fact(DAY, 999_999)
    assert bits(wrong, wrong, wrong, Fact(order_number="N1")) < 0


def test_a_tier_is_reached_at_its_threshold() -> None:
    assert [recall_tier(value, (4.3, 8.7, 12.2)) for value in (-3, 4.2, 4.3, 8.7, 12.1, 14)] == [0, 0, 1, 2, 2, 3]


def test_strangers_reach_a_score_no_oftener_than_its_bits_say() -> None:
    draw = random.Random(11)
    accounts = [DIRECTORY[start : start + 4] for start in range(0, 4_000, 4)]
    got = []
    for _ in range(20_000):
        one, other = draw.sample(range(len(accounts)), 2)
        got.append(score([a_fact(draw.choice(accounts[one]))], accounts[other], SHARES, PARAMS).bits)
    for threshold in (4.3, 8.7, 12.2):
        assert sum(value >= threshold for value in got) / len(got) <= 2**-threshold


def test_thousands_of_claims_are_scored_in_a_second() -> None:
    facts = [a_fact(MINE[0], days=2), a_fact(MINE[1], times=1.04)]
    begin = time.perf_counter()
    for _ in range(500):
        score(facts, MINE, SHARES, PARAMS)
    assert (time.perf_counter() - begin) / 500 < 1e-3


FACTS = st.builds(
    Fact,
    st.none() | st.dates(date(2024, 1, 1), date(2027, 1, 1)),
    st.none() | st.integers(0, 3_000_000),
    st.frozensets(st.sampled_from(["red", "lamp", "boat", "kettle"]), max_size=3),
    st.none() | st.sampled_from(["N1", "N2", "N77"]),
)


@settings(max_examples=200)
@given(st.lists(FACTS, max_size=5), st.integers(0, 6))
def test_any_claim_is_scored_within_the_caps(facts: list[Fact], count: int) -> None:
    got = score(facts, DIRECTORY[:count], SHARES, PARAMS)
    assert -40 < got.bits <= PARAMS.cap
    turned = score(facts[::-1], DIRECTORY[:count][::-1], SHARES, PARAMS)
    assert len(facts) > 3 or turned.bits == pytest.approx(got.bits)
    if not any(fact.order_number or (fact.placed_on and fact.amount_yen is not None) for fact in facts):
        assert got.bits <= PARAMS.incomplete_together


@pytest.mark.parametrize(
    "change",
    ["m = [0.45, 0.58, 0.76, 0.88]", "m = [0.45, 0.58, 0.76, 0.88, 1.0]", "m = [0.9, 0.58, 0.76, 0.88, 0.96]"],
)
def test_numbers_that_make_no_sense_are_refused(change: str) -> None:
    text = f"""
[date]
steps = [0, 1, 3, 7, 31]
{change}
[amount]
steps = [0.0]
m = [0.5]
rounding_yen = 50
[words]
steps = [1.0]
m = [0.5]
[bits]
"""
    with pytest.raises(ValueError):
        Params.from_toml(text)
