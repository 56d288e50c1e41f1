"""The demo directory."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from support_desk.accounts import demo
from support_desk.accounts.import_lines import parse_line
from support_desk.core.japan import is_jp_mobile

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def customers() -> list[dict[str, Any]]:
    return demo.demo_customers(TODAY)


def ages(customer: dict[str, Any]) -> list[int]:
    return [(TODAY - datetime.fromisoformat(order["placed_at"]).date()).days for order in customer["orders"]]


def test_it_is_the_same_for_a_seed_and_a_day(customers: list[dict[str, Any]]):
    assert demo.demo_customers(TODAY) == customers
    assert demo.demo_customers(TODAY, seed=1) != customers
    later = demo.demo_customers(TODAY + timedelta(days=100))
    assert [customer["account_id"] for customer in later] == [customer["account_id"] for customer in customers]
    assert all(
        datetime.fromisoformat(new["orders"][0]["placed_at"])
        - datetime.fromisoformat(old["orders"][0]["placed_at"])
        == timedelta(days=100)
        for old, new in zip(customers, later, strict=True)
    )


def test_every_line_can_be_imported():
    for line in demo.demo_lines(TODAY):
        assert isinstance(parse_line(line), dict), line


def test_nothing_in_it_reaches_anybody(customers: list[dict[str, Any]]):
    for customer in customers:
        assert all(re.search(r"[@.]example\.(com|jp|org|net)$", email) for email in customer["emails"])
        assert customer["phone_e164"] is None or re.fullmatch(r"\+81[89]05678\d{4}", customer["phone_e164"])
        assert customer["phone_e164"] is None or is_jp_mobile(customer["phone_e164"])


def test_it_has_customers_of_every_kind(customers: list[dict[str, Any]]):
    assert len(customers) == 300
    assert len({email for customer in customers for email in customer["emails"]}) >= 300
    settled = [
        {
            order["title"]
            for order, age in zip(customer["orders"], ages(customer), strict=True)
            if order["title"] and order["status"] == "delivered" and 14 <= age <= 1080
        }
        for customer in customers
    ]
    assert sum(len(titles) >= 6 for titles in settled) >= 20
    assert sum(len(customer["orders"]) == 1 for customer in customers) >= 50
    assert sum(customer["phone_e164"] is None for customer in customers) >= 20
    assert sum(len(customer["emails"]) == 2 for customer in customers) >= 10
    assert sum(customer["household_of"] is not None for customer in customers) >= 15
    value = [customer["gift_balance_yen"] + customer["points"] for customer in customers]
    tiers = Counter(sum(amount >= limit for limit in (1_000, 10_000, 50_000)) for amount in value)
    assert all(tiers[tier] >= 5 for tier in range(4)), tiers
    assert {customer["prime"]["status"] for customer in customers} == {"none", "trial", "active", "cancelled"}
    assert min(age for customer in customers for age in ages(customer)) >= 1


def test_households_share_an_address(customers: list[dict[str, Any]]):
    by_id = {customer["account_id"]: customer for customer in customers}
    for customer in customers:
        if customer["household_of"]:
            assert customer["address"] == by_id[customer["household_of"]]["address"]


def test_the_well_known_customers_are_those_of_the_tour(customers: list[dict[str, Any]]):
    known = {customer["emails"][0]: customer for customer in customers[:7]}
    assert set(known) == {
        demo.HANAKO_EMAIL, demo.ICHIRO_EMAIL, demo.YOKO_EMAIL, demo.KENICHI_EMAIL, demo.MAKOTO_EMAIL,
        demo.KEIKO_EMAIL, demo.EMILY_EMAIL,
    }  # fmt: skip
    assert known[demo.HANAKO_EMAIL]["name"] == "山田 花子"
    assert len(known[demo.ICHIRO_EMAIL]["orders"]) == 1
    assert known[demo.YOKO_EMAIL]["phone_e164"] is None
    assert known[demo.KENICHI_EMAIL]["gift_balance_yen"] >= 50_000
