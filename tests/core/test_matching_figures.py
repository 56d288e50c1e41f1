"""How many ways of writing one thing are equal, and how seldom two people's: counted over a whole directory."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from typing import Any

import jaconv
import pytest

from support_desk.accounts.demo import demo_customers
from support_desk.core.japan import name_keys, normalise_email, normalise_phone, normalise_postal_code
from tests.data import shared_data

Json = dict[str, Any]
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
# Hepburn to Kunrei; the longer spellings first.
KUNREI = (
    *(("sha", "sya"), ("shu", "syu"), ("sho", "syo"), ("cha", "tya"), ("chu", "tyu"), ("cho", "tyo")),
    *(("ja", "zya"), ("ju", "zyu"), ("jo", "zyo"), ("shi", "si"), ("chi", "ti"), ("tsu", "tu"), ("ji", "zi")),
    ("fu", "hu"),
)


@pytest.fixture(scope="module")
def people() -> list[Json]:
    data = shared_data()
    if data is None:
        return list(demo_customers(date(2026, 11, 22)))
    with gzip.open(data / "accounts_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, 5_000)]


def _romaji(kana: str) -> Iterator[str]:
    hepburn = jaconv.kana2alphabet(jaconv.kata2hira(kana))
    yield hepburn
    yield hepburn.title()
    yield " ".join(reversed(hepburn.upper().split()))
    yield hepburn.replace("ou", "ō").replace("uu", "ū")
    yield hepburn.replace("ou", "oh")
    yield hepburn.replace("ou", "o").replace("uu", "u")
    kunrei = hepburn
    for from_, to in KUNREI:
        kunrei = kunrei.replace(from_, to)
    yield kunrei
    yield hepburn.translate(WIDE)


def _kana(kana: str) -> Iterator[str]:
    yield jaconv.kata2hira(kana)
    yield jaconv.z2h(kana)
    yield kana.replace(" ", "")
    yield " ".join(reversed(kana.split()))


def _postal_codes(code: str) -> Iterator[str]:
    for hyphen in "-‐–−ー－":
        yield f"{code[:3]}{hyphen}{code[3:]}"
    yield f"〒{code[:3]}-{code[3:]}"
    yield f"〒 {code[:3]} {code[3:]}".translate(WIDE)
    yield code.translate(WIDE)


def _phones(e164: str) -> Iterator[str]:
    national = "0" + e164.removeprefix("+81")
    yield national
    yield national.translate(WIDE)
    yield f"{national[:3]}-{national[3:7]}-{national[7:]}"
    yield f"{national[:3]}−{national[3:7]}ー{national[7:]}".translate(WIDE)
    yield f"({national[:3]}) {national[3:7]} {national[7:]}"
    yield f"+81 {national[1:3]} {national[3:7]} {national[7:]}"
    yield f"+81-(0){national[1:]}"


def _emails(email: str) -> Iterator[str]:
    yield email.upper()
    yield f"  {email} "
    yield email.translate(WIDE)
    local, _, domain = email.partition("@")
    yield f"{local.title()}@{domain.upper()}"
    yield f"<{email}>"


def _equal(pairs: list[bool]) -> float:
    assert len(pairs) >= (2_000 if shared_data() else 500)
    return sum(pairs) / len(pairs)


def _again(values: list[str], spell: Callable[[str], Iterator[str]], normalise: Callable[[str], object]) -> float:
    return _equal([normalise(value) == normalise(text) is not None for value in values for text in spell(value)])


def test_of_romaji_and_kana_spellings_ninety_nine_and_a_half_in_a_hundred_are_the_name(people: list[Json]) -> None:
    chosen = people[:1_500]
    for spell in (_romaji, _kana):
        same = [
            bool(name_keys(person["name"], person["name_kana"]) & name_keys(text))
            for person in chosen
            for text in spell(person["name_kana"])
        ]
        assert _equal(same) >= 0.995, spell.__name__


def test_every_spelling_of_an_identifier_is_that_identifier(people: list[Json]) -> None:
    codes = [person["postal_code"] for person in people][:1_000]
    phones = [person["phone_e164"] for person in people if (person["phone_e164"] or "").startswith("+81")][:1_000]
    mobiles = [phone for phone in phones if phone[3] in "789"]
    emails = [email for person in people for email in person["emails"]][:1_000]
    assert _again(codes, _postal_codes, normalise_postal_code) >= 0.995
    assert _again(mobiles, _phones, normalise_phone) >= 0.995
    assert _again(emails, _emails, normalise_email) >= 0.995


def test_of_a_hundred_thousand_pairs_of_people_at_most_one_in_a_thousand_is_confused(people: list[Json]) -> None:
    draw = random.Random(5)
    known = {}
    for person in people:
        known.setdefault((person["name"], person["name_kana"]), person)
    chosen = list(known.values())
    keys = [
        (
            name_keys(person["name"], person["name_kana"]),
            {normalise_email(email) for email in person["emails"]},
            normalise_phone(person["phone_e164"]) or object(),
        )
        for person in chosen
    ]
    confused = 0
    for _ in range(100_000):
        one, other = draw.sample(range(len(keys)), 2)
        names, emails, phone = keys[one]
        confused += bool(names & keys[other][0] or emails & keys[other][1] or phone == keys[other][2])
    assert confused <= 100


def test_what_differs_in_one_digit_or_letter_stays_different(people: list[Json]) -> None:
    draw = random.Random(6)
    for person in people[:2_000]:
        code = person["postal_code"]
        place = draw.randrange(7)
        other = code[:place] + str((int(code[place]) + 1) % 10) + code[place + 1 :]
        assert normalise_postal_code(other) != normalise_postal_code(code)
        email = person["emails"][0]
        assert normalise_email("x" + email) != normalise_email(email)
