"""How many claims of a file reach their account, and whose remembered orders are believed; through the real code.

    python -m benchmarks.claims [accounts.jsonl.gz claims.jsonl.gz]

Imports the accounts into throwaway engines, opens every claim as a ticket, resolves it by its job, scores the
remembered orders, and prints a table per kind of claim. Exits 1 when a target is missed.
"""

import argparse
import gzip
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from tqdm import tqdm

from support_desk.accounts import service as accounts
from support_desk.accounts.import_lines import read_lines
from support_desk.accounts.import_service import ImportReport, batches, import_batch
from support_desk.accounts.statistics_service import rebuild_order_statistics
from support_desk.app import create_app
from support_desk.cli.migrations import migrate_database
from support_desk.config import Settings
from support_desk.core.clock import set_shift
from support_desk.core.db import db, transaction
from support_desk.embedded import start_engines
from support_desk.outbox.runner import run_due
from support_desk.outbox.service import promise
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification import recall_service
from support_desk.verification.policy_file import load_policy
from support_desk.verification.recall import Fact, recall_tier
from tests.data import shared_data

CLAIMS_PER_TRANSACTION = 100
Json = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """What a kind of claim has to reach, as parts of one."""

    right_least: float = 0.0
    believed_least: float = 0.0
    believed_most: float = 1.0


OWNER = Target(believed_least=0.9)
IMPOSTOR = Target(believed_most=0.01)
TARGETS = {
    "owner_exact": Target(right_least=0.99, believed_least=0.9),
    "owner_noisy": Target(right_least=0.99, believed_least=0.9),
    "owner_of_two_accounts": Target(right_least=0.95, believed_least=0.9),
    "owner_moved_not_updated": OWNER,
    "owner_only_profile": OWNER,
    "impostor_guessing": IMPOSTOR,
    "impostor_household": IMPOSTOR,
    "impostor_leaked_profile": IMPOSTOR,
}


@dataclass
class Row:
    """What became of the claims of one kind."""

    claims: int = 0
    right: int = 0  # an account of the owner's, or the one an impostor is after
    other: int = 0
    unresolved: int = 0
    with_facts: int = 0
    believed: Counter[tuple[str, int]] = field(default_factory=Counter)  # by whose orders were scored, and tier


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("accounts", type=Path, nargs="?", help="default: the shared data beside the checkout")
    parser.add_argument("claims", type=Path, nargs="?")
    parser.add_argument("--as-of", type=date.fromisoformat, default=date(2026, 11, 22), help="the data's day")
    parser.add_argument("--limit", type=int, default=None, help="only so many claims")
    given = parser.parse_args(arguments)
    if given.claims is None:
        data = shared_data()
        if data is None:
            print("no claims to measure: name an accounts file and a claims file")
            return 0
        given.accounts, given.claims = data / "accounts_dev.jsonl.gz", data / "claims_dev.jsonl.gz"
    with tempfile.TemporaryDirectory() as folder, start_engines(Path(folder), throwaway=True) as engines:
        app = create_app(
            Settings.from_environ(
                {},
                database_url=engines.database_url,
                redis_url=engines.redis_url,
                secret_key="a-secret-that-lives-as-long-as-this-measurement",
                var=Path(folder) / "var",
                log_level="ERROR",
            )
        )
        set_shift(datetime.combine(given.as_of, datetime.min.time(), UTC) - datetime.now(UTC))
        with app.app_context():
            migrate_database(app, lambda line: None)
            import_accounts(given.accounts)
            missed = report(measure(list(islice(_read(given.claims), given.limit))))
            db.session.remove()
            db.engine.dispose()
    return 1 if missed else 0


def _read(path: Path) -> Iterator[Json]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def import_accounts(path: Path) -> None:
    """Fill the directory from the file, as the import command does."""
    begin = time.perf_counter()
    told = ImportReport()
    for portion in batches(read_lines(path)):
        with transaction():
            import_batch(portion, told)
    with transaction():
        orders = rebuild_order_statistics()
    took = time.perf_counter() - begin
    print(f"{told.added_count} accounts, {orders} orders imported; {len(told.bad)} lines refused; {took:.0f} s")


def measure(claims: Sequence[Json]) -> dict[str, Row]:
    """What became of the claims, by kind."""
    opened: list[UUID] = []
    begin = time.perf_counter()
    for start in tqdm(range(0, len(claims), CLAIMS_PER_TRANSACTION), unit="×100 claims", file=sys.stderr):
        with transaction():
            opened += [_open(claim["claim"]) for claim in claims[start : start + CLAIMS_PER_TRANSACTION]]
        while run_due(raising=True):
            pass
    print(f"{len(claims) / (time.perf_counter() - begin):.0f} claims opened and resolved a second")
    rows: defaultdict[str, Row] = defaultdict(Row)
    thresholds = load_policy().history_tiers
    begin = time.perf_counter()
    with transaction():
        for claim, ticket_id in zip(claims, opened, strict=True):
            _count(rows[claim["kind"]], claim, tickets.get_ticket(ticket_id), thresholds)
    scored = 2 * sum(row.with_facts for row in rows.values())
    print(f"{scored / (time.perf_counter() - begin):.0f} scores a second, orders read from the database")
    return dict(rows)


def _open(claim: Json) -> UUID:
    ticket = tickets.open_ticket(
        issue="email_unreachable",
        language=claim["lang"],
        channel="web",
        contact=tickets.Contact(name=claim["name"], name_kana=claim["name_kana"], phone=claim["callback_phone"]),
        claimed=tickets.Claimed(email=claim["email"], postal_code=claim["postal_code"]),
        description=None,
    )
    promise("verification.resolve", dedupe=f"verification.resolve:{ticket.id}", ticket_id=ticket.id)
    return ticket.id


def _count(row: Row, claim: Json, ticket: Ticket, thresholds: Sequence[float]) -> None:
    truth = claim["truth"]
    own = truth["owns"] if truth["is_owner"] else [truth["target_account"]]
    row.claims += 1
    row.unresolved += ticket.account_ref is None
    row.right += ticket.account_ref in own
    row.other += ticket.account_ref is not None and ticket.account_ref not in own
    facts = [_fact(fact) for fact in claim["claim"]["order_facts"]]
    if not facts:
        return
    row.with_facts += 1
    target = accounts.find_account_by_public_id(truth["target_account"])
    for against, account_id in (("target", target.id if target else None), ("resolved", ticket.account_id)):
        if account_id is not None:
            tier = recall_tier(recall_service.score_recall(account_id, facts), thresholds)
            row.believed.update((against, reached) for reached in range(1, tier + 1))


def _fact(fact: Json) -> Fact:
    return recall_service.remembered(
        order_number=fact.get("order_id"),
        item=fact["item"],
        placed_on=date.fromisoformat(fact["date"]) if fact["date"] else None,
        amount_yen=fact["amount"],
    )


def report(rows: dict[str, Row]) -> bool:
    """Print the table and what was missed; whether anything was."""
    print("\n| kind | claims | right | other | none | with orders | target: tier 1 | 2 | 3 | resolved: tier 2 |")
    print("| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |")
    for kind, row in sorted(rows.items()):
        counts = (row.claims, row.right, row.other, row.unresolved, row.with_facts)
        reached = [_percent(row.believed["target", tier], row.with_facts) for tier in (1, 2, 3)]
        cells = [kind, *map(str, counts), *reached, _percent(row.believed["resolved", 2], row.with_facts)]
        print(f"| {' | '.join(cells)} |")
    if moved := rows.get("owner_moved_not_updated"):
        print(
            f"\nOwners who moved: {_percent(moved.right, moved.claims)} found;"
            f" tier 2 on the account found: {_percent(moved.believed['resolved', 2], moved.with_facts)}."
        )
    missed = [text for kind, row in sorted(rows.items()) for text in _missed(kind, row)]
    print("\n" + ("\n".join(f"MISSED {text}" for text in missed) if missed else "Every target is met."))
    return bool(missed)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _missed(kind: str, row: Row) -> Iterator[str]:
    target = TARGETS.get(kind, Target())
    believed = row.believed["target", 2]
    if row.right < target.right_least * row.claims:
        yield f"{kind}: {_percent(row.right, row.claims)} right, {target.right_least:.0%} wanted"
    if kind.startswith("owner") and row.other:
        yield f"{kind}: {row.other} claims of owners named somebody else's account"
    if believed < target.believed_least * row.with_facts:
        yield f"{kind}: {_percent(believed, row.with_facts)} believed, {target.believed_least:.0%} wanted"
    if believed > target.believed_most * row.with_facts:
        yield f"{kind}: {_percent(believed, row.with_facts)} believed, {target.believed_most:.0%} allowed"


if __name__ == "__main__":
    sys.exit(main())
