"""Whether the tiles of the order quiz betray which of them were ordered; through the real code.

    python -m benchmarks.quiz [accounts.jsonl.gz] [--grids 10000]

Imports the accounts (without a file: a generated shop) into throwaway engines, makes grids for those who can be
asked, and teaches a logistic regression to tell ordered tiles from decoys: once by everything a viewer sees, once
by all that the shop's whole catalogue tells as well. Trained on one half of the accounts, measured on the other. A
third one tells the grids of accounts from the synthetic ones. Exits 1 when what is seen separates ordered tiles
better than AUC .55.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from tqdm import tqdm

from support_desk.accounts import service as accounts
from support_desk.accounts.import_lines import NumberedLine, read_lines
from support_desk.accounts.import_service import ImportReport, batches, finish_import, import_batch
from support_desk.accounts.models import Customer
from support_desk.accounts.views import CatalogueEntry
from support_desk.app import create_app
from support_desk.cli.migrations import migrate_database
from support_desk.config import Settings
from support_desk.core import clock
from support_desk.core.db import db, transaction
from support_desk.core.secrets import mac
from support_desk.embedded import start_engines
from support_desk.verification.quiz_attempts_service import real_grids, sealed_tiles, synthetic_grids

TARGET = 0.55
SYNTHETIC = 600
Tile = Mapping[str, Any]
Row = tuple[list[float], int]


def main() -> int:
    """Measure, print, and say by the exit status whether the target is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("accounts", nargs="?", type=Path)
    parser.add_argument("--grids", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        engines = start_engines(Path(folder), throwaway=True)
        try:
            settings = Settings.from_environ(
                {},
                database_url=engines.database_url,
                redis_url=engines.redis_url,
                secret_key="a-secret-of-the-measurement-that-is-long-enough",
                var=Path(folder),
                log_level="ERROR",
            )
            app = create_app(settings)
            migrate_database(app, lambda _: None)
            with app.app_context():
                found = _measure(arguments.accounts, arguments.grids)
                db.engine.dispose()
        finally:
            engines.stop()
    found["seconds"] = round(time.monotonic() - began, 1)
    print(
        json.dumps(found) if arguments.json else "\n".join(f"{name:34} {value}" for name, value in found.items())
    )
    return 0 if found["auc_by_what_is_seen"] <= TARGET else 1


def _measure(file: Path | None, wanted: int) -> dict[str, Any]:
    lines = read_lines(file) if file else generated_lines()
    report = ImportReport()
    for batch in batches(lines):
        with transaction():
            import_batch(batch, report)
    with transaction():
        finish_import(report)
    with transaction(keep=False):
        return _tell(wanted)


def _tell(wanted: int) -> dict[str, Any]:
    attempts = list(tqdm(_attempts(wanted), total=wanted // 3, unit=" attempts", desc="grids"))
    synthetic = [
        _tiles(synthetic_grids((), mac("benchmark", "synthetic", number)))
        for number in range(min(len(attempts), SYNTHETIC))
    ]
    known = _catalogue(
        [grid for _, grids in attempts for grid in grids] + [g for grids in synthetic for g in grids]
    )
    accounts_count = len({account for account, _ in attempts})
    ordered = [sum(tile["ordered"] for tile in grid) for _, grids in attempts for grid in grids]
    return {
        "accounts": accounts_count,
        "grids": len(ordered),
        "ordered_per_grid": dict(sorted(Counter(ordered).items())),
        "auc_by_what_is_seen": _auc_of_tiles(attempts, lambda tile, place, grid: _seen(tile, place, grid)),
        "auc_by_the_whole_catalogue": _auc_of_tiles(
            attempts, lambda tile, place, grid: _seen(tile, place, grid) + _known(tile, grid, known)
        ),
        "auc_real_from_synthetic_seen": _auc_of_attempts(attempts, synthetic, lambda grids: _shape(grids)),
        "auc_real_from_synthetic_catalogue": _auc_of_attempts(
            attempts, synthetic, lambda grids: _shape(grids) + _prices(grids, known)
        ),
    }


def _attempts(wanted: int) -> Iterator[tuple[UUID, list[list[Tile]]]]:
    """Attempts of all who can be asked, in turn, each with chance of its own."""
    ids = list(db.session.scalars(sa.select(Customer.id).order_by(Customer.public_id)))
    count = 0
    turn = 0
    while count < wanted:
        able = []
        for account_id in ids:
            grids = real_grids(account_id, (), mac("benchmark", account_id, turn))
            if grids is not None:
                able.append(account_id)
                count += len(grids)
                yield account_id, _tiles(grids)
                if count >= wanted:
                    return
        ids, turn = able, turn + 1
        if not ids:
            raise SystemExit("nobody has orders enough for a quiz")


def _tiles(grids: Any) -> list[list[Tile]]:
    return sealed_tiles(UUID(int=Random(str(grids[0][0].title)).getrandbits(128)), grids)


def _catalogue(grids: Iterable[Sequence[Tile]]) -> dict[str, CatalogueEntry]:
    return accounts.catalogue_entries({tile["title"] for grid in grids for tile in grid})


# What a viewer sees of a tile: its words, its category, its id and its place, by themselves and beside the others.
def _seen(tile: Tile, place: int, grid: Sequence[Tile]) -> list[float]:
    lengths = [len(other["title"]) for other in grid]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    cluster = sum(other["category"] == tile["category"] for other in grid)
    firsts = Counter(other["title"].split()[0] for other in grid)
    title = tile["title"]
    return [
        len(title) / 40,
        (len(title) - statistics.fmean(lengths)) / 20,
        abs(len(title) - statistics.fmean(lengths)) / 20,
        sorted(lengths).index(len(title)) / len(grid),
        len(title.split()) / 8,
        sum(letter.isdigit() for letter in title) / 8,
        float(title.isascii()),
        sum(map(ord, title)) % 97 / 97,
        cluster / len(grid),
        float(firsts[title.split()[0]] > 1),
        hash_of(tile["category"] or ""),
        *(alphabet.index(letter) / 64 for letter in tile["id"][:4]),
        float(sorted(other["id"] for other in grid).index(tile["id"])) / len(grid),
        float(sorted(other["title"] for other in grid).index(title)) / len(grid),
        *(float(place == each) for each in range(len(grid))),
    ]


def hash_of(text: str) -> float:
    """A number for a word."""
    return sum(map(ord, text)) % 31 / 31


# What somebody knows besides who has the shop's whole sales at hand.
def _known(tile: Tile, grid: Sequence[Tile], known: Mapping[str, CatalogueEntry]) -> list[float]:
    entry = known[tile["title"]]
    alike = [known[other["title"]] for other in grid if other["category"] == tile["category"]]
    price = [math.log2(max(other.price_yen, 1)) for other in alike]
    buyers = [math.log2(other.buyers_count) for other in alike]
    mine = (math.log2(max(entry.price_yen, 1)), math.log2(entry.buyers_count))
    return [
        mine[0] / 10,
        mine[1] / 10,
        mine[0] - statistics.median(price),
        mine[1] - statistics.median(buyers),
        abs(mine[0] - statistics.median(price)),
        abs(mine[1] - statistics.median(buyers)),
        sorted(price).index(mine[0]) / len(alike),
        sorted(buyers).index(mine[1]) / len(alike),
        (entry.last_sold_on - entry.first_sold_on).days / 1000,
        (clock.today() - entry.last_sold_on).days / 1000,
        (clock.today() - entry.first_sold_on).days / 1000,
    ]


def _shape(grids: Sequence[Sequence[Tile]]) -> list[float]:
    tiles = [tile for grid in grids for tile in grid]
    lengths = [len(tile["title"]) for tile in tiles]
    categories = [len({tile["category"] for tile in grid}) for grid in grids]
    largest = [max(Counter(tile["category"] for tile in grid).values()) for grid in grids]
    return [
        statistics.fmean(lengths) / 40,
        statistics.pstdev(lengths) / 20,
        statistics.fmean(categories) / 5,
        max(categories) / 5,
        min(categories) / 5,
        statistics.fmean(largest) / 12,
        max(largest) / 12,
        len({tile["category"] for tile in tiles}) / 12,
        max(Counter(tile["category"] for tile in tiles).values()) / 36,
    ]


def _prices(grids: Sequence[Sequence[Tile]], known: Mapping[str, CatalogueEntry]) -> list[float]:
    entries = [known[tile["title"]] for grid in grids for tile in grid]
    price = [math.log2(max(entry.price_yen, 1)) for entry in entries]
    buyers = [math.log2(entry.buyers_count) for entry in entries]
    return [
        statistics.fmean(price) / 10,
        statistics.pstdev(price),
        statistics.fmean(buyers) / 10,
        statistics.pstdev(buyers),
        max(buyers) / 10,
    ]


def _auc_of_tiles(
    attempts: Sequence[tuple[UUID, list[list[Tile]]]], look: Callable[[Tile, int, Sequence[Tile]], list[float]]
) -> float:
    halves: tuple[list[Row], list[Row]] = ([], [])
    order = {account: number for number, account in enumerate(dict.fromkeys(account for account, _ in attempts))}
    for account, grids in attempts:
        for grid in grids:
            for place, tile in enumerate(grid):
                halves[order[account] % 2].append((look(tile, place, grid), int(tile["ordered"])))
    return _learn(*halves)


def _auc_of_attempts(
    attempts: Sequence[tuple[UUID, list[list[Tile]]]],
    synthetic: Sequence[list[list[Tile]]],
    look: Callable[[Sequence[Sequence[Tile]]], list[float]],
) -> float:
    halves: tuple[list[Row], list[Row]] = ([], [])
    order = {account: number for number, account in enumerate(dict.fromkeys(account for account, _ in attempts))}
    for account, grids in attempts:
        halves[order[account] % 2].append((look(grids), 1))
    for number, grids in enumerate(synthetic):
        halves[number % 2].append((look(grids), 0))
    return _learn(*halves)


def _learn(train: list[Row], test: list[Row]) -> float:
    """The AUC on `test` of a logistic regression fitted to `train` by stochastic gradient descent."""
    width = len(train[0][0])
    means = [statistics.fmean(row[0][column] for row in train) for column in range(width)]
    spreads = [statistics.pstdev([row[0][column] for row in train]) or 1.0 for column in range(width)]

    def scaled(rows: list[Row]) -> list[Row]:
        return [
            ([(x - mean) / spread for x, mean, spread in zip(row, means, spreads, strict=True)], label)
            for row, label in rows
        ]

    rows, chance = scaled(train), Random(1)
    weights = [0.0] * width
    bias = math.log((sum(label for _, label in rows) + 1) / (sum(1 - label for _, label in rows) + 1))
    for epoch in range(6):
        rate = 0.02 / (1 + epoch)
        chance.shuffle(rows)
        for row, label in rows:
            guess = bias + sum(map(float.__mul__, weights, row))
            error = label - 1 / (1 + math.exp(-max(-30.0, min(30.0, guess))))
            step = rate * error
            bias += step
            weights = [weight + step * x for weight, x in zip(weights, row, strict=True)]
    return round(_auc([(sum(map(float.__mul__, weights, row)), label) for row, label in scaled(test)]), 4)


def _auc(scored: list[tuple[float, int]]) -> float:
    """How often an ordered one scores higher than another (Mann and Whitney); ties count half."""
    scored.sort()
    ranks = 0.0
    begin = 0
    while begin < len(scored):
        end = begin
        while end < len(scored) and scored[end][0] == scored[begin][0]:
            end += 1
        ranks += (begin + 1 + end) / 2 * sum(label for _, label in scored[begin:end])
        begin = end
    ones = sum(label for _, label in scored)
    return (ranks - ones * (ones + 1) / 2) / (ones * (len(scored) - ones))


def generated_lines(*, titles: int = 4000, customers: int = 2500) -> Iterator[NumberedLine]:
    """A shop with a few things that everybody buys and many that few do; the popular ones have shorter names."""
    chance = Random(20261122)
    categories = [f"category {number}" for number in range(14)]
    words = [
        "red",
        "blue",
        "large",
        "small",
        "wooden",
        "steel",
        "classic",
        "set of 3",
        "box",
        "lamp",
        "cup",
        "shelf",
    ]
    goods: dict[str, list[tuple[str, int, float, int]]] = {category: [] for category in categories}
    for number in range(titles):
        weight = 1 / (number + 5) ** 0.9
        length = 1 + min(6, int(math.log2(number + 1) / 2)) + chance.randint(0, 2)
        title = " ".join(chance.choice(words) for _ in range(length)) + f" {number:04d}"
        price = int(500 * math.exp(chance.gauss(1.3, 0.8)))
        goods[chance.choice(categories)].append((title, price, weight, chance.choice((0, 0, 0, 200, 500))))
    weights = {category: [good[2] for good in goods[category]] for category in categories}
    today: date = datetime.now(UTC).date()
    for number in range(customers):
        taste = chance.sample(categories, chance.randint(1, 5))
        orders = []
        for index in range(chance.choice((1, 2, 4, 7, 9, 12, 16, 25))):
            category = chance.choice(taste)
            title, price, _, youngest = chance.choices(goods[category], weights[category])[0]
            ago = chance.randint(youngest + 15, 1090)
            orders.append(
                {
                    "order_id": f"503-{number:07d}-{index:07d}",
                    "placed_at": f"{today - timedelta(days=ago)}T12:00:00+09:00",
                    "title": title,
                    "category": category,
                    "amount": price,
                    "status": "delivered",
                }
            )
        line = {
            "account_id": f"B{number:08d}",
            "emails": [f"shopper{number}@example.com"],
            "name": "森 あおい",
            "postal_code": "1000001",
            "address": {"prefecture": "東京都", "city": "千代田区", "street": f"1-{number}"},
            "registered_at": "2020-01-01T00:00:00Z",
            "orders": orders,
        }
        yield NumberedLine(number + 1, json.dumps(line, ensure_ascii=False).encode(), 0)


if __name__ == "__main__":
    sys.exit(main())
