"""The grid quiz: which tiles are shown. Three grids of twelve: two to five ordered, the others like them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Protocol

GRIDS = 3
TILES = 12
FEWEST_ORDERED = 2
MOST_ORDERED = 5
# With fewer there is no quiz: two in each grid.
FEWEST_ITEMS = GRIDS * FEWEST_ORDERED
YOUNGEST = timedelta(days=14)
OLDEST_MONTHS = 36
_TRIES = 60

PROMPTS = {
    "ja": "次の{count}点のうち、過去にご注文されたものをすべて選んでください(0個の場合もあります)",
    "en": "Which of these {count} have you ordered before? Choose all of them (there may be none).",
}


class Titled(Protocol):
    """Something with a title and perhaps a category."""

    @property
    def title(self) -> str: ...

    @property
    def category(self) -> str | None: ...


@dataclass(frozen=True)
class Tile:
    """One tile; `ordered` is known to the score alone."""

    title: str
    category: str | None
    ordered: bool


def asked_about(today: date) -> tuple[date, date]:
    """The first and the last day of orders that are settled, and young enough to be remembered."""
    months = today.year * 12 + today.month - 1 - OLDEST_MONTHS
    return date(months // 12, months % 12 + 1, min(today.day, 28)), today - YOUNGEST


def in_time(placed_on: date, today: date) -> bool:
    """Whether an order of that day may be asked about."""
    first, last = asked_about(today)
    return first <= placed_on <= last


def compose(
    items: Sequence[Titled], alike: Mapping[str, Sequence[Titled]], draws: Random, *, ordered: bool = True
) -> list[list[Tile]] | None:
    """Grids that ask about some of these items among decoys; None when the decoys do not suffice.

    `alike`: for each item's title the decoys for it, the best first. No title comes twice. Where there are many
    items, as many are kept back as another attempt needs.
    """
    if len(items) < FEWEST_ITEMS:
        return None
    for _ in range(_TRIES):
        counts = _counts(len(items), draws)
        chosen = draws.sample(list(items), sum(counts))
        taken = {item.title for item in chosen}
        grids = []
        for count in counts:
            asked, chosen = chosen[:count], chosen[count:]
            decoys = _decoys(asked, alike, taken, draws)
            if len(decoys) < TILES - count:
                break
            tiles = [Tile(item.title, item.category, ordered) for item in asked]
            tiles += [Tile(decoy.title, decoy.category, False) for decoy in decoys]
            draws.shuffle(tiles)
            grids.append(tiles)
        else:
            return grids
    return None


def deal(titles: Sequence[Titled], draws: Random) -> list[list[Tile]]:
    """Grids of any titles, where the catalogue is too small for better: perhaps short ones."""
    tiles = [Tile(each.title, each.category, False) for each in titles[: GRIDS * TILES]]
    draws.shuffle(tiles)
    return [tiles[number::GRIDS] for number in range(GRIDS)]


def _counts(available: int, draws: Random) -> list[int]:
    """How many of each grid were ordered."""
    counts = [FEWEST_ORDERED] * GRIDS
    most = max(0, available - 2 * FEWEST_ITEMS)
    for _ in range(draws.randint(0, min(most, GRIDS * (MOST_ORDERED - FEWEST_ORDERED)))):
        counts[draws.choice([number for number in range(GRIDS) if counts[number] < MOST_ORDERED])] += 1
    return counts


def _decoys(
    asked: Sequence[Titled], alike: Mapping[str, Sequence[Titled]], taken: set[str], draws: Random
) -> list[Titled]:
    """The decoys a grid lacks, in turn for each item asked about; their titles are added to `taken`."""
    queues = [list(alike.get(item.title, ())) for item in asked]
    draws.shuffle(queues)
    found: list[Titled] = []
    while len(found) < TILES - len(asked) and any(queues):
        for queue in queues:
            fresh = _next(queue, taken)
            if fresh is not None and len(found) < TILES - len(asked):
                taken.add(fresh.title)
                found.append(fresh)
    return found


def _next(queue: list[Titled], taken: Collection[str]) -> Titled | None:
    while queue:
        candidate = queue.pop(0)
        if candidate.title not in taken:
            return candidate
    return None
