"""The demo directory: generated customers in the form of an import file, the same for a seed and a day.

All addresses are reserved domains and all numbers dummy blocks: nothing can be sent to anybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from support_desk.accounts.demo_goods import BUILDINGS, GOODS, PLACES, Good, Place
from support_desk.accounts.import_lines import NumberedLine
from support_desk.accounts.import_schemas import JAPAN
from support_desk.accounts.japanese_names import GIVEN_NAMES, SURNAMES, romaji_spellings

SEED = 20260401
CUSTOMERS_COUNT = 300
Line = dict[str, Any]

# The customers of the README's tour. Each order is (title, how many days ago, yen).
HANAKO_EMAIL = "hanako.yamada@example.jp"
ICHIRO_EMAIL = "ichiro.suzuki@example.com"
YOKO_EMAIL = "yoko.sato@example.org"
KENICHI_EMAIL = "kenichi.takahashi@example.net"
MAKOTO_EMAIL = "makoto.tanaka@example.jp"
KEIKO_EMAIL = "keiko.tanaka@example.jp"
EMILY_EMAIL = "emily.carter@example.com"
_HANAKO_ORDERS = (
    ("ステンレス水筒 500ml 青", 34, 2480),
    ("静岡の深蒸し茶 100g 3袋", 71, 2160),
    ("ジグソーパズル 1000ピース 富士山", 118, 2750),
    ("今治タオル バスタオル 2枚", 190, 3960),
    ("はじめての家庭菜園", 251, 1650),
    ("じょうろ 4L ブリキ", 260, 2780),
    ("ヨガマット 8mm", 402, 2980),
    ("電気ケトル 0.8L", 533, 3980),
    ("Ceramic pour-over coffee dripper", 610, 1880),
    ("Assorted herbal tea 40 bags", 640, 1480),
)
_KENICHI_ORDERS = (
    ("登山用リュック 30L", 45, 9800),
    ("Trekking poles pair", 45, 6200),
    ("羽毛布団 シングル", 160, 24800),
    ("Mechanical keyboard compact", 233, 12800),
    ("External SSD 1 TB", 301, 13800),
    ("鉄のフライパン 26cm", 415, 4980),
    ("将棋盤セット 折りたたみ", 520, 4200),
)
_SECOND_MAIL_SHARE = 0.08
_NO_PHONE_SHARE = 0.15
_MOVED_SHARE = 0.2
_LONGEST_AGO_DAYS = 1080  # within the 36 months in which an order may be asked about


def demo_lines(on: date, *, seed: int = SEED, count: int = CUSTOMERS_COUNT) -> Iterator[NumberedLine]:
    """The demo directory as lines of an import file, dated back from a day."""
    for number, customer in enumerate(demo_customers(on, seed=seed, count=count), 1):
        yield NumberedLine(number, json.dumps(customer, ensure_ascii=False).encode(), number)


def demo_customers(on: date, *, seed: int = SEED, count: int = CUSTOMERS_COUNT) -> list[Line]:
    """The demo customers: the well-known ones first, then generated ones."""
    maker = _Maker(on, Random(seed))  # noqa: S311 - repeatable data, no secret
    customers = maker.well_known()
    return customers + [maker.customer(number) for number in range(len(customers), count)]


class _Maker:
    """Makes customers one after the other from one stream of chance."""

    def __init__(self, on: date, chance: Random) -> None:
        self._on = on
        self._chance = chance
        self._previous: Line | None = None

    def well_known(self) -> list[Line]:
        """The customers of the README's tour."""
        tokyo, yokohama, kyoto, osaka, sendai = (PLACES[index] for index in (0, 5, 17, 18, 11))
        goods = {good.title: good for good in GOODS}

        def orders(*wanted: tuple[str, int, int]) -> list[Line]:
            return [self._order(goods[title], ago, amount_yen=amount) for title, ago, amount in wanted]

        return [
            self._line(
                1, "山田 花子", "ヤマダ ハナコ", tokyo, "1-2-3", [HANAKO_EMAIL], "+819056780001",
                orders=orders(*_HANAKO_ORDERS), gift=12000, points=850, prime=("active", "annual", 203),
            ),
            self._line(
                2, "鈴木 一郎", "スズキ イチロウ", yokohama, "4-5-6", [ICHIRO_EMAIL], "+819056780002",
                orders=orders(("加湿器 4L 白", 52, 8980)), gift=3000, points=89,
            ),
            self._line(
                3, "佐藤 陽子", "サトウ ヨウコ", sendai, "2-8", [YOKO_EMAIL, "old.yoko@example.org"], None,
                orders=orders(("猫の爪とぎ ダンボール 3個", 90, 1580), ("やさしい編み物入門", 400, 1540)),
                points=31,
            ),
            self._line(
                4, "高橋 健一", "タカハシ ケンイチ", osaka, "3-1-1 港マンション1201号室", [KENICHI_EMAIL],
                "+819056780004",
                orders=orders(*_KENICHI_ORDERS), gift=80000, points=4200, prime=("active", "monthly", 17),
            ),
            self._line(
                5, "田中 誠", "タナカ マコト", kyoto, "7-7", [MAKOTO_EMAIL], "+819056780005",
                orders=orders(("万年筆 細字 紺", 77, 3300), ("だしの基本 料理の本", 150, 1870)), gift=1500,
            ),
            self._line(
                6, "田中 恵子", "タナカ ケイコ", kyoto, "7-7", [KEIKO_EMAIL], "+819056780006",
                orders=orders(("毛布 ダブル ベージュ", 66, 5980)), points=59, prime=("trial", "trial", 21),
                household_of="DEMO0005",
            ),
            self._line(
                7, "Carter Emily", "カーター エミリー", yokohama, "1-9-4", [EMILY_EMAIL], "+819056780007",
                orders=orders(("The patient baker", 40, 2950), ("Cast iron skillet 10 inch", 222, 5980)), gift=500,
            ),
        ]  # fmt: skip

    def customer(self, number: int) -> Line:
        """One generated customer; some share the address and family name of the one before."""
        chance = self._chance
        surname, surname_kana = chance.choice(SURNAMES)
        given, given_kana = chance.choice(GIVEN_NAMES)
        place = chance.choice(PLACES)
        street = (
            f"{chance.randint(1, 9)}-{chance.randint(1, 25)}-{chance.randint(1, 20)}{chance.choice(BUILDINGS)}"
        )
        household = None
        if number % 12 == 0 and self._previous is not None:
            before = self._previous
            surname, surname_kana = before["name"].split()[0], before["name_kana"].split()[0]
            place = next(known for known in PLACES if known.postal_code == before["postal_code"])
            street, household = before["address"]["street"], before["account_id"]
        local_part = f"{min(romaji_spellings(given_kana))}.{min(romaji_spellings(surname_kana))}{number}"
        domain = chance.choice(("demo.example.com", "demo.example.jp", "demo.example.org", "demo.example.net"))
        emails = [f"{local_part}@{domain}"]
        if chance.random() < _SECOND_MAIL_SHARE:
            emails.append(f"old.{local_part}@demo.example.com")
        phone = f"+81{chance.choice(('80', '90'))}5678{number + 1000}"
        line = self._line(
            number + 1,
            f"{surname} {given}",
            f"{surname_kana} {given_kana}",
            place,
            street,
            emails,
            None if chance.random() < _NO_PHONE_SHARE else phone,
            orders=self._orders(number),
            gift=self._gift_yen(number),
            points=chance.choice((0, 0, 12, 45, 180, 420)),
            prime=self._prime(),
            household_of=household,
        )
        if chance.random() < _MOVED_SHARE:
            line["previous_postal_codes"] = [chance.choice(PLACES).postal_code]
        self._previous = line
        return line

    def _line(
        self,
        number: int,
        name: str,
        kana: str,
        place: Place,
        street: str,
        emails: list[str],
        phone: str | None,
        *,
        orders: list[Line],
        gift: int = 0,
        points: int = 0,
        prime: tuple[str, str | None, int | None] = ("none", None, None),
        household_of: str | None = None,
    ) -> Line:
        status, plan, days_left = prime
        registered_on = self._on - timedelta(days=_LONGEST_AGO_DAYS + 120 + 7 * (number % 60))
        return {
            "account_id": f"DEMO{number:04d}",
            "emails": emails,
            "name": name,
            "name_kana": kana,
            "phone_e164": phone,
            "postal_code": place.postal_code,
            "address": {
                "prefecture": place.prefecture,
                "city": place.city,
                "town": place.town,
                "street": street,
                "prefecture_kana": place.prefecture_kana,
                "city_kana": place.city_kana,
                "town_kana": place.town_kana,
            },
            "previous_postal_codes": [],
            "registered_at": _moment(registered_on, 10, number % 60),
            "has_payment_method": any("credit_card" in order["payment_methods"] for order in orders),
            "orders": sorted(orders, key=lambda order: str(order["placed_at"])),
            "gift_balance_yen": gift,
            "points": points,
            "prime": {
                "status": status,
                "plan": plan,
                "renews_at": None if days_left is None else str(self._on + timedelta(days=days_left)),
            },
            "household_of": household_of,
        }

    def _orders(self, number: int) -> list[Line]:
        chance = self._chance
        wanted = (1, 1, 8, 3, 1, 2, 5, 1, 12, 4)[number % 10]
        goods = chance.sample(GOODS, wanted)
        # Those who buy much have only settled orders, so that a quiz can be made of them.
        youngest = 20 if wanted >= 8 else 1
        return [
            self._order(good, chance.randint(youngest, _LONGEST_AGO_DAYS), settled=wanted >= 8) for good in goods
        ]

    def _order(self, good: Good, ago: int, *, amount_yen: int | None = None, settled: bool = True) -> Line:
        chance = self._chance
        quantity = 1 if amount_yen else chance.choice((1, 1, 1, 2))
        status = "delivered"
        if not settled:
            status = "shipped" if ago < 5 else chance.choice(("delivered",) * 10 + ("returned", "cancelled"))
        titled = settled or chance.random() > 0.1
        placed_on = self._on - timedelta(days=ago)
        series, middle, last = chance.choice((249, 250, 503)), chance.randrange(10**7), chance.randrange(10**7)
        return {
            "order_id": f"{series}-{middle:07d}-{last:07d}",
            "placed_at": _moment(placed_on, chance.randint(7, 22), chance.randint(0, 59)),
            "item": good.title if titled else good.category,
            "title": good.title if titled else None,
            "category": good.category,
            "n_items": quantity,
            "amount": amount_yen or good.price_yen * quantity,
            "currency": "JPY",
            "payment_methods": [chance.choice(("credit_card", "credit_card", "convenience_store", "gift_card"))],
            "gift_card_amount": 0,
            "status": status,
        }

    def _gift_yen(self, number: int) -> int:
        """Every tier of value at risk: little, some, much, very much."""
        low, high = ((0, 0), (0, 500), (1_200, 9_000), (0, 0), (11_000, 48_000))[number % 5]
        if number % 25 == 9:
            low, high = 52_000, 150_000
        return self._chance.randrange(low, high + 1, 100)

    def _prime(self) -> tuple[str, str | None, int | None]:
        chance = self._chance
        status = chance.choices(("none", "active", "trial", "cancelled"), (40, 45, 5, 10))[0]
        if status == "active":
            plan, longest = chance.choice((("annual", 364), ("monthly", 30)))
            return status, plan, chance.randint(1, longest)
        return (status, "trial", chance.randint(1, 30)) if status == "trial" else (status, None, None)


def _moment(day: date, hour: int, minute: int) -> str:
    return datetime.combine(day, time(hour, minute), JAPAN).isoformat()
