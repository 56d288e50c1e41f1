"""What the simulation must show, and which assumption stands in the way where it does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from support_desk.verification.policy import Tier
from support_desk.verification.simulation.assumptions import CODES, Actor

VALUE_ACTIONS = {
    "replace_email": tuple(Tier),
    "replace_phone": tuple(Tier),
    "replace_channels": tuple(Tier),
    "two_step_off": tuple(Tier),
    "carry_over": tuple(Tier),
    "lift_change": tuple(Tier),
    "lift_spend": (Tier.V2, Tier.V3),
    "lift_replaced": (Tier.V2, Tier.V3),
}
# The greatest share of a class that may get a value action through.
MOST = {
    "stranger": 3e-6,
    "breach": 1e-4,
    "sim_swapper": 1e-2,
    "mailbox_thief": 2e-2,
    "letterbox_thief": 1e-2,
    "insider": 0.0,
}
VALUE_CELLS = tuple((action, tier) for action, tiers in VALUE_ACTIONS.items() for tier in tiers)


@dataclass(frozen=True)
class Situation:
    """What an owner has left, what he needs then, and the least share that must get it."""

    name: str
    codes: Mapping[str, bool]
    action: str
    least: float | None


SITUATIONS = (
    Situation("e-mail works", {"end": True}, "lift_spend", None),
    Situation("e-mail lost, phone works", {"end": False, "tel": True}, "replace_email", 0.95),
    Situation("both lost", {"end": False, "tel": False}, "replace_channels", 0.65),
)
OVERALL = "overall"
OVERALL_LEAST = 0.88

_LEVERS = ("cancel", "item", *CODES)

# Figures others published, of other methods and other people: no comparison of like with like.
PUBLISHED = (
    "Bonneau et al. 2015: two secret questions let under 1e-2 of guessers in, at 59 % of owners.",
    "Amft et al. 2023: 52 % of test accounts were regained on 71 sites (37), mostly by reading the e-mail.",
)


@dataclass(frozen=True)
class Mend:
    """A value of one assumption that alone would meet a target."""

    key: str
    assumed: float
    needed: float


def mends(actor: Actor, most: float, rate: Callable[[Actor], float]) -> list[Mend]:
    """For each assumption of a class, how far it would have to go for the rate to be at most so much.

    An assumption that cannot do it alone is left out. `rate` is the expected share of an actor.
    """
    found = []
    for key in _LEVERS:
        assumed = float(getattr(actor, key))
        harmless = 1.0 if key == "cancel" else 0.0
        if assumed == harmless or rate(_with(actor, key, harmless)) > most:
            continue
        found.append(Mend(key, assumed, _needed(actor, key, assumed, harmless, most, rate)))
    return found


def _with(actor: Actor, key: str, value: float) -> Actor:
    changes: dict[str, Any] = {key: value}
    return replace(actor, **changes)


def _needed(
    actor: Actor, key: str, assumed: float, harmless: float, most: float, rate: Callable[[Actor], float]
) -> float:
    too_much, enough = assumed, harmless
    for _ in range(12):
        middle = (too_much + enough) / 2
        if rate(_with(actor, key, middle)) > most:
            too_much = middle
        else:
            enough = middle
    return enough


def weightiest(actor: Actor, rate: Callable[[Actor], float]) -> list[tuple[str, float]]:
    """Which assumptions the rate rests on most: the rate with each one halved (cancel: half as many missed)."""
    halved: list[tuple[str, float]] = []
    for key in _LEVERS:
        assumed = float(getattr(actor, key))
        half = (1 + assumed) / 2 if key == "cancel" else assumed / 2
        if half != assumed:
            halved.append((key, rate(_with(actor, key, half))))
    return sorted(halved, key=lambda each: each[1])


def worst(cells: Mapping[tuple[str, Tier], float], among: Sequence[tuple[str, Tier]]) -> tuple[str, Tier]:
    """The cell with the greatest share."""
    return max(among, key=lambda cell: cells[cell])
