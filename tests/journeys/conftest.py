"""The desk the journeys run on: accounts of the shared data if it is there, else the demo directory."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support_desk.accounts.demo import demo_customers
from support_desk.core import clock
from support_desk.embedded import start_engines
from tests.conftest import SECRET
from tests.data import shared_data
from tests.journeys.desk import Desk

LINES = 1500


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The accounts file that is imported."""
    path = tmp_path_factory.mktemp("directory") / "accounts.jsonl"
    data = shared_data()
    if data is not None:
        with gzip.open(data / "accounts_dev.jsonl.gz", "rt", encoding="utf-8") as source:
            path.write_text("".join(line for line, _ in zip(source, range(LINES), strict=False)), "utf-8")
    else:
        lines = (json.dumps(line, ensure_ascii=False) for line in demo_customers(clock.today()))
        path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, directory: Path) -> Iterator[Desk]:
    """Web, worker and engines of this test run alone, with accounts imported."""
    var = tmp_path_factory.mktemp("journey")
    engines = start_engines(var, throwaway=True)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "SUPPORT_DESK_DATABASE_URL": engines.database_url,
        "SUPPORT_DESK_REDIS_URL": engines.redis_url,
        "SUPPORT_DESK_SECRET_KEY": SECRET,
    }
    desk = Desk(environment, var)
    try:
        desk.run("migrate")
        desk.run("accounts", "import", str(directory))
        desk.start()
        yield desk
    finally:
        desk.stop()
        engines.stop()


class Customers:
    """The customers of the imported file, each handed out once."""

    def __init__(self, path: Path) -> None:
        self._lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        self._taken: set[str] = set()

    def one(self, **wanted: Any) -> dict[str, Any]:
        """A customer nobody had yet: with a mobile phone, known for long, and as asked."""
        for line in self._lines:
            if line["account_id"] not in self._taken and _is_plain(line) and _fits(line, **wanted):
                self._taken.add(line["account_id"])
                return dict(line)
        raise AssertionError(f"no customer with {wanted}")


def _is_plain(line: dict[str, Any]) -> bool:
    known_for = datetime.now().astimezone() - datetime.fromisoformat(line["registered_at"])
    return (
        len(line["emails"]) == 1
        and (line["phone_e164"] or "").startswith(("+8170", "+8180", "+8190"))
        and known_for > timedelta(days=120)
        and not line.get("household_of")
        and not line.get("second_account_of")
    )


def _fits(
    line: dict[str, Any],
    *,
    at_least: int = 0,
    below: int,
    orders: int | None = None,
    recognisable: int = 0,
    prime: bool = False,
) -> bool:
    value = line["gift_balance_yen"] + line["points"]
    newest = max((date.fromisoformat(order["placed_at"][:10]) for order in line["orders"]), default=None)
    return (
        at_least <= value < below
        and (orders is None or len(line["orders"]) == orders)
        and len(_recognisable(line)) >= recognisable
        and (not prime or line["prime"]["status"] == "active")
        and newest is not None
    )


def _recognisable(line: dict[str, Any]) -> set[str]:
    """The titles that a quiz may ask about."""
    today = clock.today()
    return {
        order["title"]
        for order in line["orders"]
        if order["title"]
        and order["status"] == "delivered"
        and timedelta(days=15) < today - date.fromisoformat(order["placed_at"][:10]) < timedelta(days=1080)
    }


@pytest.fixture(scope="session")
def customers(directory: Path) -> Customers:
    """Who can be played."""
    return Customers(directory)
