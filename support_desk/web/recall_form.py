"""Orders as people write them down: numbers with signs, days in any of the usual forms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from support_desk.core.errors import Problem, Unprocessable
from support_desk.core.japan.text import nfkc

_DAY = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})\D{0,3}")
_AMOUNT = re.compile(
    r"(?:約|およそ)?\s*[¥\\]?\s*(\d[\d,. ]*?)\s*(?:円|yen|JPY)?(?:くらい|ぐらい|ほど|程度)?", re.IGNORECASE
)
_LONGEST = 40  # of a day or an amount, as people write them
_MOST_YEN = 10**9


def read_orders(values: Mapping[str, str], numbers: Sequence[int]) -> list[dict[str, Any]]:
    """The orders of a form whose fields end in `_1`, `_2`…, as the API takes them; empty ones are left out.

    Raises Unprocessable with a pointer to each field that cannot be read, or to the first when all are empty.
    """
    orders, problems = [], []
    for number in numbers:
        order: dict[str, Any] = {}
        for name, read in _READERS.items():
            text = values.get(f"{name}_{number}")
            if text is None:
                continue
            order[name] = read(text)
            if order[name] is None:
                problems.append(Problem(f"/{name}_{number}", "invalid", ""))
        if order:
            orders.append(order)
    if not orders:
        problems.append(Problem(f"/order_number_{numbers[0]}", "no_order", ""))
    if problems:
        raise Unprocessable(errors=problems)
    return orders


def read_day(text: str) -> str | None:
    """A day as ISO writes it, from 2026-03-01, 2026/3/1 or 2026年3月1日."""
    found = _DAY.fullmatch(nfkc(text[:_LONGEST]).strip())
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        return None


def read_yen(text: str) -> int | None:
    """An amount from 2480, 2,480円, ¥2,480 or 約２４８０円."""
    found = _AMOUNT.fullmatch(nfkc(text).strip()) if len(text) <= _LONGEST else None
    digits = re.sub(r"\D", "", found.group(1)) if found else ""
    return int(digits) if digits and int(digits) <= _MOST_YEN else None


def _short(most: int) -> Any:
    return lambda text: text if len(text) <= most else None


_READERS = {"order_number": _short(80), "item": _short(200), "date": read_day, "amount_yen": read_yen}
