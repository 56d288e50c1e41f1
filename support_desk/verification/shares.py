"""How common what people remember of orders is among all orders of the directory."""

import itertools
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property


@dataclass(frozen=True)
class Shares:
    """How common dates, amounts and words are among all orders of the directory.

    How many orders were placed on a day, came to an amount of yen, have a word.
    """

    total: int
    days: Mapping[date, int]
    amounts: Mapping[int, int]
    words: Mapping[str, int]

    @classmethod
    def from_orders(cls, orders: Iterable[tuple[date, int, Iterable[str]]]) -> "Shares":
        """Shares counted from (placed_on, amount_yen, words) of every order."""
        days: Counter[date] = Counter()
        amounts: Counter[int] = Counter()
        words: Counter[str] = Counter()
        total = 0
        for placed_on, amount_yen, order_words in orders:
            total += 1
            days[placed_on] += 1
            amounts[amount_yen] += 1
            words.update(set(order_words))
        return cls(total, days, amounts, words)

    @cached_property
    def _day_sums(self) -> "_Sums":
        return _Sums({day.toordinal(): count for day, count in self.days.items()})

    @cached_property
    def _amount_sums(self) -> "_Sums":
        return _Sums(self.amounts)

    def of_days(self, first: int, last: int) -> float:
        """Share of orders placed from one ordinal day to another."""
        return self._share(self._day_sums.between(first, last))

    def of_amounts(self, least: float, most: float) -> float:
        """Share of orders with an amount in yen between two, both included."""
        return self._share(self._amount_sums.between(least, most))

    def of_words(self, words: Iterable[str], fitting: int) -> float:
        """An upper bound of the share of orders with at least ``fitting`` of these words.

        Every such order has one of the ``len(words) - fitting + 1`` rarest.
        """
        rarest = sorted(self.words.get(word, 0) for word in words)
        return self._share(sum(rarest[: len(rarest) - fitting + 1]))

    def _share(self, count: int) -> float:
        # One more than counted: nothing is impossible in a small directory.
        return min(1.0, (count + 1) / (self.total + 1))


class _Sums:
    def __init__(self, counts: Mapping[int, int]) -> None:
        self._keys = array("q", sorted(counts))
        self._before = array("q", itertools.accumulate((counts[key] for key in self._keys), initial=0))

    def between(self, least: float, most: float) -> int:
        keys = self._keys
        return self._before[bisect_right(keys, most)] - self._before[bisect_left(keys, least)]
