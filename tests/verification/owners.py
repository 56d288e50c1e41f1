"""Owners of accounts and cases that name them, for tests of verification."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support_desk.accounts import service as accounts
from support_desk.accounts.import_lines import NumberedLine
from support_desk.accounts.import_service import ImportReport, import_batch
from support_desk.accounts.statistics_service import rebuild_order_statistics
from support_desk.core.db import db
from support_desk.outbox.service import promise
from tests.tickets.cases import Case, a_case

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Owner:
    """An account of the directory and what its owner knows."""

    id: UUID
    email: str
    phone: str | None
    postal_code: str
    orders: list[dict[str, Any]] = field(default_factory=list)

    def recalled(self, *indexes: int) -> list[dict[str, Any]]:
        """These orders as their owner remembers them."""
        return [
            {
                "order_number": order["order_id"],
                "item": order["item"],
                "date": order["placed_at"][:10],
                "amount_yen": order["amount"],
            }
            for order in (self.orders[index] for index in indexes or range(len(self.orders)))
        ]


def an_owner(*, phone: str | None = "", orders: int = 2, **override: Any) -> Owner:
    """A customer of the directory, not committed; `phone=None` has none."""
    number = next(_numbers)
    e164 = f"+81801234{number % 10_000:04d}" if phone == "" else phone
    placed = [
        {
            "order_id": f"250-{number:07d}-{index:07d}",
            "placed_at": f"2026-0{3 + index}-11T12:00:00+09:00",
            "item": ("青い水筒", "竹の箸", "赤い傘")[index % 3],
            "title": ("青い水筒", "竹の箸", "赤い傘")[index % 3],
            "category": "kitchen",
            "amount": 1980 + 777 * index + number,
            "payment_methods": ["convenience_store"],
            "status": "delivered",
        }
        for index in range(orders)
    ]
    line: dict[str, Any] = {
        "account_id": f"V{number:08d}",
        "emails": [f"owner{number}@example.jp"],
        "name": "森 あおい",
        "name_kana": "モリ アオイ",
        "phone_e164": e164,
        "postal_code": f"{1_000_000 + number:07d}",
        "address": {"prefecture": "東京都", "city": "千代田区", "town": "千代田", "street": f"2-{number}"},
        "registered_at": "2024-05-01T10:00:00+09:00",
        "orders": placed,
        **override,
    }
    report = ImportReport()
    import_batch([NumberedLine(1, json.dumps(line, ensure_ascii=False).encode(), 0)], report)
    assert report.bad == []
    rebuild_order_statistics()
    account = accounts.find_account_by_public_id(line["account_id"])
    assert account is not None
    return Owner(account.id, line["emails"][0], e164, line["postal_code"], placed)


def a_case_naming(owner: Owner | None, **more: Any) -> Case:
    """A committed case that names the owner's account (None: nobody's), whose resolving is promised."""
    email = owner.email if owner else "nobody@example.com"
    postal_code = owner.postal_code if owner else "9999999"
    case = a_case(
        contact={"name": "森 あおい", "name_kana": "モリ アオイ", "email": "new@example.net"},
        claimed={"email": email, "postal_code": postal_code},
        **more,
    )
    promise("verification.resolve", dedupe=f"verification.resolve:{case.id}:test", ticket_id=case.id)
    db.session.commit()
    return case


class Claimant:
    """What a claimant does over HTTP."""

    def __init__(self, client: FlaskClient, case: Case) -> None:
        self.client, self.case = client, case
        self.base = f"/api/v1/tickets/{case.reference}"

    def see(self) -> TestResponse:
        """Look at the verification."""
        return self.client.get(f"{self.base}/verification", headers=self.case.headers)

    def ask(self, kind: str) -> TestResponse:
        """Ask for a challenge."""
        return self.client.post(f"{self.base}/challenges", json={"kind": kind}, headers=self.case.headers)

    def look(self, challenge_id: str) -> TestResponse:
        """Look at a challenge."""
        return self.client.get(f"{self.base}/challenges/{challenge_id}", headers=self.case.headers)

    def answer(self, challenge_id: str, **body: Any) -> TestResponse:
        """Answer a challenge."""
        path = f"{self.base}/challenges/{challenge_id}/answer"
        return self.client.post(path, json=body, headers=self.case.headers)
