"""Quizzes by the real generator and the real score, as the simulation's long way needs them."""

from dataclasses import dataclass
from random import Random

from support_desk.verification import quiz, quiz_scoring

_MOST_ITEMS = 24


@dataclass(frozen=True)
class Thing:
    """Something a shop sells."""

    title: str
    category: str | None = None


_DECOYS = [Thing(f"decoy {number}") for number in range(quiz.GRIDS * quiz.TILES)]


def compose_grids(items: int, draw: Random) -> list[list[bool]] | None:
    """Which tiles of the grids are true, for somebody who ordered so many things; None where there is no quiz."""
    things = [Thing(f"ordered {number}") for number in range(min(items, _MOST_ITEMS))]
    grids = quiz.compose(things, {thing.title: _DECOYS for thing in things}, draw)
    return grids and [[tile.ordered for tile in grid] for grid in grids]


def score_ticks(ticks: list[tuple[bool, bool]]) -> float:
    """The bits of (ordered, ticked) tiles."""
    return quiz_scoring.score(ticks)
