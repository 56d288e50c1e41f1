"""Order recall: how many bits of evidence remembered orders give.

Each fact is compared with each order of the account. Its bits are log2(m / u): m, the probability that an owner
remembers at least so exactly; u, the probability that somebody else's order would fit so well by chance,
u = 1 - (1 - p)^n over the account's n orders, p the product of the shares of all orders in the directory that
fit the date, the amount and the words as closely.
"""

import itertools
import math
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources

from support_desk.verification.shares import Shares

MOST_FACTS = 3


@dataclass(frozen=True)
class Fact:
    """One remembered order; what was left open is None or empty. ``order_number`` is normalised."""

    placed_on: date | None = None
    amount_yen: int | None = None
    words: frozenset[str] = frozenset()
    order_number: str | None = None


@dataclass(frozen=True)
class PlacedOrder:
    """One order of the account, as far as it can be remembered."""

    placed_on: date
    amount_yen: int
    words: frozenset[str]
    order_number: str | None = None


@dataclass(frozen=True)
class Part:
    """The steps of one part of a fact, nearest first, with the owner's probability to fit at least so well."""

    steps: tuple[float, ...]
    m: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.steps) != len(self.m) or list(self.m) != sorted(self.m) or not 0 < self.m[0] <= self.m[-1] < 1:
            raise ValueError("every step needs a probability between 0 and 1, and they must not fall")


def _part(table: Mapping[str, Sequence[float]]) -> Part:
    return Part(tuple(table["steps"]), tuple(table["m"]))


@dataclass(frozen=True)
class Params:
    """The numbers of the score: bits unless said otherwise."""

    date: Part  # days
    amount: Part  # share of the remembered amount
    words: Part  # share of the remembered words, most first
    rounding_yen: int  # what the widest step of the amount reaches at least
    shrink: float
    order_number: float
    cap: float
    incomplete: float
    incomplete_together: float
    wrong: float
    wrong_order_number: float

    @classmethod
    def from_toml(cls, text: str) -> "Params":
        """Params from a file like ``recall_m.toml``; raises ValueError or KeyError when it does not make sense."""
        data = tomllib.loads(text)
        bits: dict[str, float] = data["bits"]
        return cls(
            date=_part(data["date"]),
            amount=_part(data["amount"]),
            words=_part(data["words"]),
            rounding_yen=data["amount"]["rounding_yen"],
            **bits,
        )

    @classmethod
    def packaged(cls) -> "Params":
        """The params that come with the package."""
        return cls.from_toml(resources.files(__package__).joinpath("recall_m.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Score:
    """The bits of a claim, capped; ``complete_bits`` come from facts with date and amount, or an order number."""

    bits: float
    complete_bits: float
    incomplete_bits: float


_NO_EVIDENCE = Score(0.0, 0.0, 0.0)


def score(facts: Sequence[Fact], orders: Sequence[PlacedOrder], shares: Shares, params: Params) -> Score:
    """The evidence of at most three facts that their teller owns the account of these orders."""
    told = [fact for fact in facts if fact != Fact()][:MOST_FACTS]
    if not told:
        return _NO_EVIDENCE
    candidates = [_best_orders(fact, orders, shares, params, len(told)) for fact in told]
    best: Score | None = None
    for choice in itertools.product(*candidates):
        taken = [index for index, _, _ in choice if index is not None]
        if len(taken) != len(set(taken)):
            continue
        scored = _together(choice, params)
        if best is None or scored.bits > best.bits:
            best = scored
    return best or _NO_EVIDENCE


def recall_tier(bits: float, thresholds: Sequence[float]) -> int:
    """How many of the rising thresholds the bits reach: 0 for none."""
    return bisect_right(thresholds, bits)


_Candidate = tuple[int | None, float, bool]  # index of the order, bits, complete


def _together(choice: Sequence[_Candidate], params: Params) -> Score:
    complete = sum(bits for _, bits, whole in choice if whole)
    loose = min(sum(bits for _, bits, whole in choice if not whole), params.incomplete_together)
    return Score(min(complete + loose, params.cap), complete, loose)


def _best_orders(
    fact: Fact, orders: Sequence[PlacedOrder], shares: Shares, params: Params, keep: int
) -> list[_Candidate]:
    scale = _Scale(fact, shares, params, len(orders))
    fitting = [(index, *scale.bits(order)) for index, order in enumerate(orders)]
    # Complete and incomplete fits are capped apart, so the best of both kinds stay in the choice.
    fitting.sort(key=lambda candidate: candidate[1], reverse=True)
    whole = [candidate for candidate in fitting if candidate[2]][:keep]
    loose = [candidate for candidate in fitting if not candidate[2]][:keep]
    return [(None, params.wrong, False), *whole, *loose]


class _Scale:
    """One fact's evidence per step, worked out once for all orders of the account."""

    def __init__(self, fact: Fact, shares: Shares, params: Params, order_count: int) -> None:
        self._fact = fact
        self._shares = shares
        self._params = params
        self._order_count = order_count
        self._day = None if fact.placed_on is None else fact.placed_on.toordinal()
        self._amount = fact.amount_yen
        if self._day is not None:
            day = self._day
            self._day_steps = _steps(
                params.date, [shares.of_days(day - int(d), day + int(d)) for d in params.date.steps]
            )
        if self._amount is not None:
            amount = self._amount
            self._apart_yen = [amount * step for step in params.amount.steps]
            self._apart_yen[-1] = max(self._apart_yen[-1], params.rounding_yen)
            within = [shares.of_amounts(amount - apart, amount + apart) for apart in self._apart_yen]
            self._amount_steps = _steps(params.amount, within)
        self._word_steps: dict[int, tuple[float, float]] = {}

    def bits(self, order: PlacedOrder) -> tuple[float, bool]:
        """The bits for this order, and whether the fact is complete."""
        fact, params = self._fact, self._params
        m = p = 1.0
        date_fits = amount_fits = False
        if self._day is not None:
            apart = abs(order.placed_on.toordinal() - self._day)
            date_fits, part_m, part_p = _at(self._day_steps, params.date.steps, apart)
            m, p = m * part_m, p * part_p
        if self._amount is not None:
            apart_yen = abs(order.amount_yen - self._amount)
            amount_fits, part_m, part_p = _at(self._amount_steps, self._apart_yen, apart_yen)
            m, p = m * part_m, p * part_p
        if fact.words:
            part_m, part_p = self._words(len(fact.words & order.words))
            m, p = m * part_m, p * part_p
        u = -math.expm1(self._order_count * math.log1p(-p)) if p < 1 else 1.0
        bits = math.log2(m / u) * params.shrink
        if fact.order_number is not None:
            if fact.order_number == order.order_number:
                return max(params.order_number, bits), True
            bits += params.wrong_order_number
        complete = date_fits and amount_fits
        return (bits if complete else min(bits, params.incomplete)), complete

    def _words(self, fitting: int) -> tuple[float, float]:
        known = self._word_steps.get(fitting)
        if known is None:
            known = self._word_steps[fitting] = self._weigh_words(fitting)
        return known

    def _weigh_words(self, fitting: int) -> tuple[float, float]:
        words, part = self._fact.words, self._params.words
        best: tuple[float, float] | None = None
        for step, m in zip(part.steps, part.m, strict=True):
            needed = max(1, math.ceil(step * len(words)))
            p = self._shares.of_words(words, needed)
            if fitting >= needed and (best is None or m / p > best[0] / best[1]):
                best = m, p
        if best is not None:
            return best
        any_word = self._shares.of_words(words, 1)
        return _missed(part.m[-1], any_word)


_Weights = tuple[tuple[tuple[float, float], ...], tuple[float, float]]  # per step (m, p), and of a miss


def _steps(part: Part, shares: Sequence[float]) -> _Weights:
    # Fitting a near step is fitting every farther one: the one that tells most counts.
    weights: list[tuple[float, float]] = []
    best: tuple[float, float] | None = None
    for m, p in zip(reversed(part.m), reversed(shares), strict=True):
        if best is None or m / p > best[0] / best[1]:
            best = m, p
        weights.append(best)
    return tuple(reversed(weights)), _missed(part.m[-1], shares[-1])


def _missed(m: float, p: float) -> tuple[float, float]:
    return 1 - m, max(1 - p, 0.05)


def _at(weights: _Weights, steps: Sequence[float], apart: float) -> tuple[bool, float, float]:
    index = bisect_left(steps, apart)
    return (True, *weights[0][index]) if index < len(steps) else (False, *weights[1])
