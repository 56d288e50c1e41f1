"""Whether the time of an answer tells known from unknown: the AUC of latency, path by path, on a real desk.

    python -m benchmarks.latency [--requests 5000] [--path NAME …]

Starts throwaway engines, a web server and a worker, asks each public path this many times about accounts that
exist and as often about accounts that do not, in random order over one connection, and prints the probability
that an answer about a known account took longer than one about an unknown account. 0.5 tells nothing. Exits 1
when a path lies outside [.48, .52] by more than the number of requests leaves open.
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tqdm import tqdm

from support_desk.accounts import passwords_service
from support_desk.accounts import service as accounts
from support_desk.app import create_app
from support_desk.cli.migrations import migrate_database
from support_desk.cli.programs import WORKER, web_command
from support_desk.config import Settings, environ_with
from support_desk.core.db import db, transaction
from support_desk.embedded import start_engines
from tests.accounts.factories import an_account, an_order
from tests.callbacks.bookings import a_colleague
from tests.journeys.desk import free_port

BAND = 0.02
# Of so many standard errors a mere chance is once in a hundred paths.
CHANCE = 2.58
POOL = 60
WARM_UP = 40
SECRET = "a-secret-for-measuring-that-is-long-enough"
KNOWN, UNKNOWN = "known", "unknown"
Json = dict[str, Any]


@dataclass
class Subject:
    """Somebody who is asked about, and the case and reset that name them."""

    email: str
    phone: str
    postal_code: str
    case: str = ""
    token: str = ""
    reset: str = ""
    challenges: dict[str, str] = field(default_factory=dict)


@dataclass
class Web:
    """One connection to the desk; every request comes from another network."""

    port: int
    networks: Iterator[int] = field(default_factory=lambda: count(1))
    _connection: http.client.HTTPConnection | None = None

    def call(self, method: str, path: str, body: Json | None = None, token: str = "") -> tuple[float, int, Any]:
        """Seconds until the last byte, status, and the document."""
        number = next(self.networks)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"latency-{number}",
            "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        sent = None if body is None else json.dumps(body).encode()
        connection = self._connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self._connection = connection
        try:
            begun = time.perf_counter()
            connection.request(method, f"/api/v1{path}", sent, headers)
            answer = connection.getresponse()
            text = answer.read()
            seconds = time.perf_counter() - begun
        except (http.client.HTTPException, ConnectionError):
            # The server closed an idle connection: open another and ask anew.
            connection.close()
            self._connection = None
            return self.call(method, path, body, token)
        return seconds, answer.status, json.loads(text) if text else None


Ask = Callable[[Web, Subject], float]


def _open_ticket(web: Web, who: Subject) -> float:
    return web.call("POST", "/tickets", _form(who))[0]


def _form(who: Subject) -> Json:
    return {
        "issue": "email_unreachable",
        "language": "ja",
        "contact": {"name": "小野寺 実", "email": f"reach{next(_contacts)}@example.net"},
        "claimed": {"email": who.email, "phone": who.phone, "postal_code": who.postal_code},
        "description": "サインインできません。",
    }


_contacts = count(1)


def _of_case(method: str, path: str, body: Json | None = None) -> Ask:
    def ask(web: Web, who: Subject) -> float:
        return web.call(method, f"/tickets/{who.case}{path}", body, who.token)[0]

    return ask


def _wrong_answer(kind: str, body: Json) -> Ask:
    def ask(web: Web, who: Subject) -> float:
        path = f"/tickets/{who.case}/challenges/{who.challenges[kind]}/answer"
        return web.call("POST", path, body, who.token)[0]

    return ask


def _book_callback(web: Web, who: Subject) -> float:
    wish = {"asap": True, "number": {"kind": "on_file"}, "consent": True}
    seconds, status, booked = web.call("POST", f"/tickets/{who.case}/callbacks", wish, who.token)
    assert status == 201, booked
    web.call("DELETE", f"/tickets/{who.case}/callbacks/{booked['id']}", None, who.token)
    return seconds


def _of_reset(step: str, body: Callable[[Subject], Json]) -> Ask:
    return lambda web, who: web.call("POST", f"/password-resets/{who.reset}/{step}", body(who))[0]


PATHS: dict[str, Ask] = {
    "open a ticket": _open_ticket,
    "look at the case": _of_case("GET", ""),
    "look at the verification": _of_case("GET", "/verification"),
    "look at the restoration": _of_case("GET", "/restoration"),
    "ask for an e-mail code": _of_case("POST", "/challenges", {"kind": "email_code"}),
    "ask for an SMS code": _of_case("POST", "/challenges", {"kind": "sms_code"}),
    "answer an e-mail code": _wrong_answer("email_code", {"code": "ABCD-2345"}),
    "answer an SMS code": _wrong_answer("sms_code", {"code": "1234-5678"}),
    "answer order recall": _wrong_answer("order_recall", {"orders": [{"item": "青い水筒"}]}),
    "ask for a new password": _of_case(
        "POST", "/restoration/actions/set_password", {"new_password": "静かな夜に遠くの汽笛を聞く"}
    ),
    "confirm a new e-mail": _of_case(
        "POST", "/restoration/actions/replace_email/confirmation", {"code": "ABCD-2345"}
    ),
    "book a callback on file": _book_callback,
    "start a reset": lambda web, who: web.call("POST", "/password-resets", {"identifier": who.email})[0],
    "reset: postal code": _of_reset("postal-code", lambda who: {"postal_code": who.postal_code}),
    "reset: wrong code": _of_reset("code", lambda _: {"code": "ABCD-2345"}),
    "sign in": lambda web, who: web.call(
        "POST", "/account/sessions", {"identifier": who.email, "password": "八つの海を渡る青い船"}
    )[0],
    "ask for the case's link": lambda web, who: web.call(
        "POST", "/case-links", {"reference": who.case, "contact": who.email}
    )[0],
}


@dataclass(frozen=True)
class Result:
    """The AUC of one path."""

    auc: float
    error: float
    median_ms: dict[str, float]

    @property
    def holds(self) -> bool:
        return abs(self.auc - 0.5) <= max(BAND, CHANCE * self.error)


def auc(known: list[float], unknown: list[float]) -> tuple[float, float]:
    """The probability that one of `known` is larger than one of `unknown`, and its standard error by chance."""
    ranked = sorted([(value, True) for value in known] + [(value, False) for value in unknown])
    ranks, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        ranks += (start + 1 + end) / 2 * sum(is_known for _, is_known in ranked[start:end])
        start = end
    a, b = len(known), len(unknown)
    return (ranks - a * (a + 1) / 2) / (a * b), math.sqrt((a + b + 1) / (12 * a * b))


def measure(name: str, web: Web, pools: dict[str, list[Subject]], requests: int, chance: random.Random) -> Result:
    """Ask one path about known and unknown ones in random order."""
    for number in range(WARM_UP):
        PATHS[name](web, pools[(KNOWN, UNKNOWN)[number % 2]][number % POOL])
    order = [KNOWN, UNKNOWN] * requests
    chance.shuffle(order)
    turns = {kind: count() for kind in pools}
    seconds: dict[str, list[float]] = {kind: [] for kind in pools}
    for kind in tqdm(order, desc=name, leave=False, disable=not sys.stderr.isatty()):
        seconds[kind].append(PATHS[name](web, pools[kind][next(turns[kind]) % POOL]))
    found, error = auc(seconds[KNOWN], seconds[UNKNOWN])
    medians = {kind: sorted(values)[len(values) // 2] * 1000 for kind, values in seconds.items()}
    return Result(found, error, medians)


def _people() -> dict[str, list[Subject]]:
    """As many who have an account as have none, alike in everything that is sent."""
    with transaction():
        a_colleague()
        known = []
        for number in range(POOL):
            who = Subject(
                f"person{2 * number:05d}@example.jp", f"+8180{20_000_000 + number}", f"{1_500_000 + number}"
            )
            orders = [an_order(each) for each in (1, 2, 3)]
            line = {"emails": [who.email], "phone_e164": who.phone, "postal_code": who.postal_code}
            account = an_account(gift_balance_yen=12_000, orders=orders, **line)
            hashed = passwords_service.hash_password("七つの海を渡る青い船")
            accounts.set_password(account, hashed, key=f"latency:{number}")
            known.append(who)
    unknown = [
        Subject(f"person{2 * number + 1:05d}@example.jp", f"+8180{30_000_000 + number}", f"{1_600_000 + number}")
        for number in range(POOL)
    ]
    return {KNOWN: known, UNKNOWN: unknown}


def _open_cases(web: Web, pools: dict[str, list[Subject]]) -> None:
    """A case, its challenges and a reset of everybody, and time for the worker to resolve and prepare them."""
    everybody = [who for pair in zip(*pools.values(), strict=True) for who in pair]
    for who in everybody:
        opened = web.call("POST", "/tickets", _form(who))[2]
        who.case, who.token = opened["reference"], opened["access_token"]
        for kind in ("email_code", "sms_code", "order_recall"):
            asked = web.call("POST", f"/tickets/{who.case}/challenges", {"kind": kind}, who.token)[2]
            who.challenges[kind] = asked["id"]
        who.reset = web.call("POST", "/password-resets", {"identifier": who.email})[2]["id"]
    ends = time.monotonic() + 120
    for who in everybody:
        place = f"/tickets/{who.case}/challenges/{who.challenges['order_recall']}"
        while web.call("GET", place, None, who.token)[2]["state"] == "preparing":
            assert time.monotonic() < ends, "the worker did not prepare the challenges"
            time.sleep(0.2)


@contextmanager
def a_desk(folder: Path) -> Iterator[int]:
    """Engines, web and worker, empty but migrated; yields the port, inside an application context."""
    with start_engines(folder, throwaway=True) as engines:
        settings = Settings.from_environ(
            {},
            database_url=engines.database_url,
            redis_url=engines.redis_url,
            secret_key=SECRET,
            var=folder / "var",
            port=free_port(),
            trusted_proxies=1,
            log_level="ERROR",
        )
        app = create_app(settings)
        environ = environ_with(
            SUPPORT_DESK_DATABASE_URL=settings.database_url,
            SUPPORT_DESK_REDIS_URL=settings.redis_url,
            SUPPORT_DESK_SECRET_KEY=SECRET,
            SUPPORT_DESK_VAR=str(settings.var),
            SUPPORT_DESK_TRUSTED_PROXIES="1",
            SUPPORT_DESK_LOG_LEVEL="ERROR",
        )
        with app.app_context():
            migrate_database(app, lambda _: None)
            commands = [web_command(settings, processes=1), [sys.executable, str(WORKER), "--processes", "2"]]
            running = [subprocess.Popen(command, env=environ, start_new_session=True) for command in commands]
            try:
                _wait_for_web(settings.port)
                yield settings.port
            finally:
                for process in running:
                    process.terminate()
                for process in running:
                    process.wait(timeout=20)
                db.session.remove()
                db.engine.dispose()


def _wait_for_web(port: int) -> None:
    for _ in range(150):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the web does not answer")


def main() -> None:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=5000, help="requests of each kind a path (default 5000)")
    parser.add_argument("--path", action="append", choices=PATHS, help="only this path; may be repeated")
    parser.add_argument("--seed", type=int, default=20261122)
    given = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder, a_desk(Path(folder)) as port:
        web, pools = Web(port), _people()
        _open_cases(web, pools)
        print(f"{given.requests} + {given.requests} requests a path; 95 % interval of a path that tells nothing")
        print(f"{'path':28} {'AUC':>6}  {'interval':>15}  {'known ms':>9} {'unknown ms':>10}")
        for name in given.path or PATHS:
            result = measure(name, web, pools, given.requests, random.Random(given.seed))
            low, high = result.auc - 1.96 * result.error, result.auc + 1.96 * result.error
            failed += [] if result.holds else [name]
            print(
                f"{name:28} {result.auc:6.3f}  [{low:.3f}, {high:.3f}]  {result.median_ms[KNOWN]:9.2f} "
                f"{result.median_ms[UNKNOWN]:10.2f}{'' if result.holds else '  TELLS'}",
                flush=True,
            )
    if failed:
        sys.exit(f"the time of the answer tells known from unknown: {', '.join(failed)}")


if __name__ == "__main__":
    main()
