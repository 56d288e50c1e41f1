"""Quizzes by the real generator, as the simulation's long way needs them."""

from random import Random

from support_desk.verification.simulation.quiz_formula import quiz_bits
from support_desk.verification.simulation.quiz_table import true_counts


def compose_grids(items: int, draw: Random) -> list[list[bool]] | None:
    counts = true_counts(items)
    if not counts:
        return None
    true = draw.choices(list(counts), list(counts.values()))[0]
    return [[True] * true + [False] * (36 - true)]


def score_ticks(ticks: list[tuple[bool, bool]]) -> float:
    return quiz_bits(
        sum(ordered for ordered, _ in ticks),
        sum(ordered and ticked for ordered, ticked in ticks),
        sum(ticked and not ordered for ordered, ticked in ticks),
    )
