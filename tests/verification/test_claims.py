"""Real-looking claims: owners are found and believed, impostors are not (the pure path, no database)."""

import gzip
import itertools
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from support_desk.core.japan import (
    fold_kana,
    fold_name,
    item_words,
    name_keys,
    normalise_email,
    normalise_order_number,
    normalise_phone,
    normalise_postal_code,
)
from support_desk.verification.recall import Fact, Params, PlacedOrder, score
from support_desk.verification.resolving import Holder, leading, resolve
from support_desk.verification.shares import Shares
from tests.data import shared_data

Json = dict[str, Any]
SMALL_ACCOUNTS: list[Json] = [
    {
        "account_id": f"G{number}",
        "emails": [f"taro{number}@example.com"],
        "name": f"山田 {given}",
        "name_kana": f"ヤマダ {kana}",
        "phone_e164": f"+8180123400{number:02}",
        "postal_code": f"15000{number:02}",
        "previous_postal_codes": [],
        "address": {"prefecture": "東京都", "city": "渋谷区", "town": "神南", "street": str(number)},
        "orders": [
            {
                "order_id": f"250-{number}-{turn}",
                "placed_at": f"2026-{turn + 1:02}-{number + 3:02}T10:00:00+09:00",
                "item": f"thing number {turn * 20 + number}",
                "title": None,
                "category": "things",
                "amount": 1_000 + 137 * number + 1_111 * turn,
            }
            for turn in range(4)
        ],
    }
    for number, (given, kana) in enumerate(
        [("太郎", "タロウ"), ("次郎", "ジロウ"), ("花子", "ハナコ"), ("優", "ユウ"), ("茂", "シゲル")] * 4
    )
]


def _lines(path: Path) -> Iterator[Json]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _small_claims() -> Iterator[Json]:
    for number, account in enumerate(SMALL_ACCOUNTS):
        order = account["orders"][1]
        claim = {
            "name": account["name"].replace(" ", ""),
            "name_kana": None,
            "email": f"new{number}@example.org",
            "callback_phone": account["phone_e164"],
            "postal_code": account["postal_code"],
            "order_facts": [{"item": order["item"], "date": order["placed_at"][:10], "amount": order["amount"]}],
        }
        owned = {"target_account": account["account_id"], "is_owner": True, "owns": [account["account_id"]]}
        yield {"kind": "owner_exact", "claim": claim, "truth": owned}
        guess = {**claim, "order_facts": [{"item": "thing", "date": "2026-09-09", "amount": 7_777}]}
        yield {"kind": "impostor_guessing", "claim": guess, "truth": {**owned, "is_owner": False, "owns": []}}


@pytest.fixture(scope="module")
def accounts() -> list[Json]:
    data = shared_data()
    return list(_lines(data / "accounts_dev.jsonl.gz")) if data else SMALL_ACCOUNTS


@pytest.fixture(scope="module")
def claims() -> list[Json]:
    data = shared_data()
    return list(_lines(data / "claims_dev.jsonl.gz") if data else _small_claims())


@pytest.fixture(scope="module")
def history(accounts: list[Json]) -> dict[str, list[PlacedOrder]]:
    return {account["account_id"]: [_order(order) for order in account["orders"]] for account in accounts}


def _order(order: Json) -> PlacedOrder:
    words = item_words(order["title"] or order["item"]) | item_words((order["category"] or "").replace("_", " "))
    placed_on = date.fromisoformat(order["placed_at"][:10])
    return PlacedOrder(placed_on, order["amount"], words, normalise_order_number(order["order_id"]))


def _fact(fact: Json) -> Fact:
    placed_on = date.fromisoformat(fact["date"]) if fact["date"] else None
    return Fact(placed_on, fact["amount"], item_words(fact["item"]), normalise_order_number(fact.get("order_id")))


class Directory:
    """What the account directory answers, without a database."""

    def __init__(self, accounts: list[Json]) -> None:
        self._named: defaultdict[tuple[str, str | None], set[UUID]] = defaultdict(set)
        self.public: dict[UUID, str] = {}
        self.holders: dict[UUID, Holder] = {}
        for number, account in enumerate(accounts):
            account_id = UUID(int=number)
            self.public[account_id] = account["account_id"]
            self.holders[account_id] = _holder(account_id, account)
            for kind, value in _identifiers(account, account["emails"], account["phone_e164"]):
                self._named[kind, value].add(account_id)
            for code in account["previous_postal_codes"]:
                self._named["postal_code", normalise_postal_code(code)].add(account_id)

    def resolve(self, claim: Json) -> str | None:
        wanted = _identifiers(claim, [claim["email"]], claim["callback_phone"])
        matches = [
            (account_id, kind) for kind, value in wanted for account_id in self._named.get((kind, value), ())
        ]
        found = resolve([self.holders[account_id] for account_id in leading(matches)])
        return self.public[found.account_id] if found.account_id else None


def _identifiers(person: Json, emails: list[str], phone: str | None) -> Iterator[tuple[str, str | None]]:
    yield from (("email", normalise_email(email)) for email in emails)
    yield from (("name", key) for key in name_keys(person["name"], person["name_kana"]))
    yield "phone", normalise_phone(phone)
    yield "postal_code", normalise_postal_code(person["postal_code"])


def _holder(account_id: UUID, account: Json) -> Holder:
    address = account["address"]
    lines = "".join((account["postal_code"], address["city"], address["town"], address["street"]))
    newest = max((date.fromisoformat(order["placed_at"][:10]) for order in account["orders"]), default=None)
    names = fold_name(account["name"]), fold_kana("".join(account["name_kana"].split()))
    return Holder(account_id, *names, frozenset([lines]), newest)


def test_claims_resolve_to_the_account_of_the_owner(accounts: list[Json], claims: list[Json]) -> None:
    directory = Directory(accounts)
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for claim in claims:
        kind, truth = claim["kind"], claim["truth"]
        found = directory.resolve(claim["claim"])
        asked[kind] += 1
        if truth["is_owner"]:
            assert found is None or found in truth["owns"], "an owner's claim named somebody else's account"
        own = truth["owns"] if kind == "owner_of_two_accounts" else [truth["target_account"]]
        right[kind] += found in own
    for kind, least in {"owner_exact": 0.99, "owner_noisy": 0.99, "owner_of_two_accounts": 0.95}.items():
        assert right[kind] >= least * asked[kind], kind


def test_owners_are_believed_and_impostors_are_not(
    accounts: list[Json], claims: list[Json], history: dict[str, list[PlacedOrder]]
) -> None:
    orders = itertools.chain.from_iterable(history.values())
    shares = Shares.from_orders((order.placed_on, order.amount_yen, order.words) for order in orders)
    params = Params.packaged()
    believed: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for claim in claims:
        facts = [_fact(fact) for fact in claim["claim"]["order_facts"]]
        if facts:
            bits = score(facts, history[claim["truth"]["target_account"]], shares, params).bits
            believed[claim["kind"]] += bits >= 8.7
            asked[claim["kind"]] += 1
    for kind, count in asked.items():
        if kind.startswith("owner"):
            assert believed[kind] >= 0.9 * count, kind
        else:
            assert believed[kind] <= 0.01 * count, kind


def test_different_people_rarely_share_a_name(accounts: list[Json]) -> None:
    draw = random.Random(3)
    people = list({(account["name"], account["name_kana"]) for account in accounts})
    keys = [name_keys(*person) for person in people]
    pairs = [draw.sample(range(len(people)), 2) for _ in range(100_000)]
    assert sum(bool(keys[one] & keys[other]) for one, other in pairs) <= 100


HIRAGANA = {chr(code): chr(code - 0x60) for code in range(ord("ァ"), ord("ヶ") + 1)}
VARIANTS = str.maketrans("高崎辺浜斎島沢広桜真恵吉", "髙﨑邊濵齋嶋澤廣櫻眞惠𠮷")


def _spellings(name: str, kana: str) -> Iterator[tuple[str | None, str | None]]:
    hiragana = "".join(HIRAGANA.get(character, character) for character in kana)
    yield name.replace(" ", ""), None
    yield " ".join(reversed(name.split())), None
    yield name.replace(" ", "　").translate(VARIANTS), None
    yield name.replace(" ", "").translate(VARIANTS) + "\U000e0100", None
    yield None, hiragana
    yield hiragana.replace(" ", ""), None
    yield "", " ".join(reversed(kana.split()))
    yield None, kana.translate(str.maketrans("ヂヅャュョッ", "ジズヤユヨツ"))


def test_spellings_of_one_name_are_equal(accounts: list[Json]) -> None:
    same = asked = 0
    for account in accounts[:2_000]:
        keys = name_keys(account["name"], account["name_kana"])
        for spelling in _spellings(account["name"], account["name_kana"]):
            asked += 1
            same += bool(keys & name_keys(*spelling))
    assert same >= 0.995 * asked
