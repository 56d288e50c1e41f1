"""The grid quiz as rules: how ticks score, which tiles are shown, and chance that can be repeated."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support_desk.verification.draws import Draws
from support_desk.verification.quiz import FEWEST_ITEMS, GRIDS, TILES, compose, deal, in_time
from support_desk.verification.quiz_scoring import CAP, SHRINK, score

TIERS = (4.3, 8.7, 12.2)


@dataclass(frozen=True)
class Thing:
    title: str
    category: str | None = "kitchen"


def things(prefix: str, count: int) -> list[Thing]:
    return [Thing(f"{prefix} {number}") for number in range(count)]


def shelves(items: list[Thing], each: int = 40) -> dict[str, list[Thing]]:
    return {item.title: things("decoy", each) for item in items}


def test_one_tile_weighs_what_the_design_says():
    assert score([(True, True)]) == pytest.approx(0.85 * math.log2(0.82 / 0.30))
    assert score([(True, False)]) == pytest.approx(0.85 * math.log2(0.18 / 0.70))
    assert score([(False, True)]) == pytest.approx(0.85 * math.log2(0.06 / 0.30))
    assert score([(False, False)]) == pytest.approx(0.85 * math.log2(0.94 / 0.70))


def test_an_owner_who_knows_everything_reaches_the_cap():
    assert score([(True, True)] * 6 + [(False, False)] * 30) == CAP == 14.0


@pytest.mark.parametrize("ordered", range(6, 16))
def test_ticking_all_or_none_reaches_no_tier(ordered: int):
    decoys = GRIDS * TILES - ordered
    assert score([(True, True)] * ordered + [(False, True)] * decoys) < 0
    assert score([(True, False)] * ordered + [(False, False)] * decoys) < min(TIERS)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=36), st.tuples(st.booleans()))
def test_the_right_tick_never_scores_less_than_the_wrong_one(tiles: list[tuple[bool, bool]], last: tuple[bool]):
    assert score([*tiles, (last[0], last[0])]) >= score([*tiles, (last[0], not last[0])])


def test_the_score_is_shrunk_before_it_is_capped():
    assert score([(True, True)] * 2) == pytest.approx(SHRINK * 2 * math.log2(0.82 / 0.30))


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(6, 30))
def test_three_grids_of_twelve_with_two_to_five_ordered_and_no_title_twice(key: bytes, count: int):
    items = things("ordered", count)
    grids = compose(items, shelves(items), Draws(key))
    assert grids is not None
    assert [len(grid) for grid in grids] == [TILES] * GRIDS
    assert all(2 <= sum(tile.ordered for tile in grid) <= 5 for grid in grids)
    shown = Counter(tile.title for grid in grids for tile in grid)
    assert max(shown.values()) == 1
    assert all(tile.ordered == tile.title.startswith("ordered") for grid in grids for tile in grid)
    assert sum(tile.ordered for grid in grids for tile in grid) <= max(FEWEST_ITEMS, count - FEWEST_ITEMS)


def test_decoys_come_from_the_categories_of_what_was_ordered():
    items = [Thing(f"ordered {number}", f"category {number}") for number in range(8)]
    alike = {
        item.title: [Thing(f"decoy {item.category} {number}", item.category) for number in range(20)]
        for item in items
    }
    for grid in compose(items, alike, Draws(b"k" * 32)) or []:
        shares = Counter(tile.category for tile in grid)
        assert set(shares) == {tile.category for tile in grid if tile.ordered}
        assert max(shares.values()) - min(shares.values()) <= 1


def test_the_same_key_gives_the_same_grids_and_another_key_others():
    items = things("ordered", 12)
    first, again, other = (compose(items, shelves(items), Draws(key)) for key in (b"a" * 32, b"a" * 32, b"b" * 32))
    assert first == again != other


def test_too_few_items_or_decoys_make_no_quiz():
    items = things("ordered", 5)
    assert compose(items, shelves(items), Draws(b"k" * 32)) is None
    items = things("ordered", 6)
    assert compose(items, shelves(items, each=29), Draws(b"k" * 32)) is None
    assert compose(items, shelves(items, each=30), Draws(b"k" * 32)) is not None


def test_the_ordered_tiles_lie_anywhere():
    places: Counter[int] = Counter()
    for number in range(400):
        items = things("ordered", 6)
        for grid in compose(items, shelves(items), Draws(number.to_bytes(32))) or []:
            places.update(place for place, tile in enumerate(grid) if tile.ordered)
    expected = sum(places.values()) / TILES
    assert all(abs(places[place] - expected) < 5 * math.sqrt(expected) for place in range(TILES))


def test_a_small_catalogue_gives_short_grids_of_nothing_ordered():
    grids = deal(things("any", 7), Draws(b"k" * 32))
    assert [len(grid) for grid in grids] == [3, 2, 2]
    assert not any(tile.ordered for grid in grids for tile in grid)
    assert deal([], Draws(b"k" * 32)) == [[], [], []]


@pytest.mark.parametrize(
    ("placed_on", "asked"),
    [
        (date(2026, 11, 12), False),
        (date(2026, 11, 11), True),
        (date(2023, 11, 25), True),
        (date(2023, 11, 24), False),
    ],
)
def test_orders_of_a_fortnight_to_three_years_ago_are_asked_about(placed_on: date, asked: bool):
    assert in_time(placed_on, date(2026, 11, 25)) is asked
