"""The score of a quiz by its counts. The one place where the simulation meets the quiz."""

import math

GRIDS = 3
TILES = 12
FEWEST_ORDERED, MOST_ORDERED = 2, 5
FEWEST_ITEMS = 6
_HIT, _FALSE_TICK, _STRANGER, _SHRINK, _CAP = 0.82, 0.06, 0.30, 0.85, 14.0


def quiz_bits(true_count: int, hits: int, false_ticks: int) -> float:
    """The bits of so many true tiles ticked and so many decoys ticked, over all grids."""
    decoy_count = GRIDS * TILES - true_count
    bits = (
        hits * math.log2(_HIT / _STRANGER)
        + (true_count - hits) * math.log2((1 - _HIT) / (1 - _STRANGER))
        + false_ticks * math.log2(_FALSE_TICK / _STRANGER)
        + (decoy_count - false_ticks) * math.log2((1 - _FALSE_TICK) / (1 - _STRANGER))
    )
    return min(bits * _SHRINK, _CAP)
