"""Customers for tests, as lines of an import file."""

from __future__ import annotations

import itertools
import json
from typing import Any
from uuid import UUID

from support_desk.accounts import passwords_service, service
from support_desk.accounts.import_lines import NumberedLine
from support_desk.accounts.import_service import ImportReport, import_batch

_numbers = itertools.count(1)


def a_line(**override: Any) -> dict[str, Any]:
    """One line of an import file; every call is another customer."""
    number = next(_numbers)
    line: dict[str, Any] = {
        "account_id": f"T{number:08d}",
        "emails": [f"customer{number}@example.jp"],
        "name": "山田 花子",
        "name_kana": "ヤマダ ハナコ",
        "phone_e164": f"+81801234{number % 10_000:04d}",
        "postal_code": "1000001",
        "address": {"prefecture": "東京都", "city": "千代田区", "town": "千代田", "street": f"1-{number}"},
        "previous_postal_codes": [],
        "registered_at": "2024-05-01T10:00:00+09:00",
        "orders": [],
        "gift_balance_yen": 0,
        "points": 0,
        "prime": {"status": "none", "plan": None, "renews_at": None},
    }
    return {**line, **override}


def an_order(number: int = 1, **override: Any) -> dict[str, Any]:
    """One order of a line."""
    order = {
        "order_id": f"250-{next(_numbers):07d}-{number:07d}",
        "placed_at": "2026-03-01T12:00:00+09:00",
        "item": "青い水筒",
        "title": "青い水筒",
        "category": "kitchen",
        "n_items": 1,
        "amount": 1980,
        "currency": "JPY",
        "payment_methods": ["credit_card"],
        "gift_card_amount": 0,
        "status": "delivered",
    }
    return {**order, **override}


def numbered(*lines: dict[str, Any] | bytes) -> list[NumberedLine]:
    """Lines as a file would give them."""
    texts = [line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines]
    return [NumberedLine(number, text, 0) for number, text in enumerate(texts, 1)]


def load(*lines: dict[str, Any] | bytes) -> ImportReport:
    """Import these lines in the running transaction."""
    report = ImportReport()
    import_batch(numbered(*lines), report)
    return report


def an_account(*, password: str | None = None, **override: Any) -> UUID:
    """A customer in the directory."""
    line = a_line(**override)
    assert load(line).bad == []
    account = service.find_account_by_public_id(line["account_id"])
    assert account is not None
    if password is not None:
        hashed = passwords_service.hash_password(password)
        service.set_password(account.id, hashed, key=f"test:{account.id}")
    return account.id
