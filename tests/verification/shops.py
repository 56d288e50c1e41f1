"""A shop that has sold enough for a quiz, and people who buy there."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

from support_desk.accounts import service as accounts
from support_desk.accounts.import_lines import NumberedLine
from support_desk.accounts.import_service import ImportReport, import_batch
from support_desk.accounts.statistics_service import rebuild_order_statistics
from support_desk.core import clock
from tests.verification.owners import Owner

CATEGORIES = ("kitchen", "books", "garden", "toys")
TITLES = [f"{category} thing {number:03d}" for category in CATEGORIES for number in range(70)]
_numbers = itertools.count(1)


def price_of(title: str) -> int:
    """What a thing of the shop costs."""
    return 800 + 37 * (TITLES.index(title) % 70)


def category_of(title: str) -> str:
    """Where a thing of the shop stands."""
    return title.split()[0]


def an_order(title: str, days_ago: int, **override: Any) -> dict[str, Any]:
    """An order of one thing of the shop."""
    placed_on = clock.today() - timedelta(days=days_ago)
    return {
        "order_id": f"503-{next(_numbers):07d}-0000001",
        "placed_at": f"{placed_on}T12:00:00+09:00",
        "item": title,
        "title": title,
        "category": category_of(title) if title in TITLES else None,
        "amount": price_of(title) if title in TITLES else 1000,
        "payment_methods": ["convenience_store"],
        "status": "delivered",
        **override,
    }


def a_line(orders: Sequence[dict[str, Any]], **override: Any) -> dict[str, Any]:
    """A customer of the shop as a line of an import file."""
    number = next(_numbers)
    return {
        "account_id": f"Q{number:08d}",
        "emails": [f"regular{number}@example.jp"],
        "name": "森 あおい",
        "name_kana": "モリ アオイ",
        "phone_e164": f"+81901234{number % 10_000:04d}",
        "postal_code": f"{2_000_000 + number:07d}",
        "address": {"prefecture": "東京都", "city": "千代田区", "town": "千代田", "street": f"3-{number}"},
        "registered_at": "2023-01-01T10:00:00+09:00",
        "orders": list(orders),
        **override,
    }


def take_in(lines: Sequence[dict[str, Any]]) -> None:
    """Import these customers and count their orders; nothing is committed."""
    report = ImportReport()
    numbered = [
        NumberedLine(n, json.dumps(line, ensure_ascii=False).encode(), n) for n, line in enumerate(lines, 1)
    ]
    import_batch(numbered, report)
    assert report.bad == []
    rebuild_order_statistics()


def a_shop(buyers: int = 60, each: int = 16) -> None:
    """Buyers of everything the shop sells, over three years."""
    chance = Random(7)
    take_in(
        [
            a_line([an_order(title, chance.randint(1, 1080)) for title in chance.sample(TITLES, each)])
            for _ in range(buyers)
        ]
    )


def a_regular(titles: int | Sequence[str] = 8, *, days_ago: int = 60, **override: Any) -> Owner:
    """Somebody who ordered these titles (a number: so many, of all categories), one each ten days."""
    if isinstance(titles, int):
        titles = [TITLES[(number % 4) * 70 + 5 + number // 4] for number in range(titles)]
    orders = [an_order(title, days_ago + 10 * number) for number, title in enumerate(titles)]
    line = a_line(orders, **override)
    take_in([line])
    account = accounts.find_account_by_public_id(line["account_id"])
    assert account is not None
    return Owner(account.id, line["emails"][0], line["phone_e164"], line["postal_code"], line["orders"])


def titles_of(owner: Owner) -> set[str]:
    """What the owner ordered."""
    return {order["title"] for order in owner.orders}
