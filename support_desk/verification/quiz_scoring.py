"""The grid quiz: how many bits of evidence ticked tiles give.

Each tile weighs log2 of how likely an owner does with it what was done, against somebody who ticks by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

HIT = 0.82  # an owner ticks what was ordered
FALSE_ALARM = 0.06  # an owner ticks what was not
CHANCE = 0.30  # somebody who knows nothing ticks a tile
SHRINK = 0.85  # answers of one person depend on one another
CAP = 14.0


def score(tiles: Iterable[tuple[bool, bool]]) -> float:
    """The bits of an attempt, capped; each tile is (ordered, ticked). Below 0: it speaks against the claimant."""
    return min(CAP, SHRINK * sum(_weight(ordered, ticked) for ordered, ticked in tiles))


def _weight(ordered: bool, ticked: bool) -> float:
    owner = HIT if ordered else FALSE_ALARM
    return math.log2(owner / CHANCE) if ticked else math.log2((1 - owner) / (1 - CHANCE))
