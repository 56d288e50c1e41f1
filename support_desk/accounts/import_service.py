"""Filling the directory from an import file: batch by batch, good lines kept, bad ones told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa

from support_desk.accounts.bulk import copy_rows
from support_desk.accounts.events import DirectoryImported
from support_desk.accounts.identifiers import identifier_mac
from support_desk.accounts.import_lines import BadLine, NumberedLine, parse_line
from support_desk.accounts.import_rows import Rows
from support_desk.accounts.ledger_models import House, Unit
from support_desk.accounts.ledger_service import house_account
from support_desk.accounts.models import (
    ChannelState,
    Customer,
    CustomerChannel,
    CustomerIdentifier,
    IdentifierKind,
)
from support_desk.accounts.statistics_service import rebuild_order_statistics
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.events import announce
from support_desk.core.japan import normalise_email, normalise_order_number, normalise_phone

LINES_PER_BATCH = 500
# Two imports at once would report each other's customers as new.
_IMPORT_LOCK = 0x5D_ACC1
_CLAIMED = {
    IdentifierKind.EMAIL: "/emails/0: the address of another account",
    IdentifierKind.PHONE: "/phone_e164: the number of another account",
    IdentifierKind.ORDER_NUMBER: "/orders: an order of another account",
}
Key = tuple[IdentifierKind, bytes]


@dataclass
class ImportReport:
    """What became of a file's lines. A line whose account is there already changes nothing: it is `known`."""

    read_count: int = 0
    added_count: int = 0
    known_count: int = 0
    dated_by_registration_count: int = 0
    bad: list[BadLine] = field(default_factory=list)
    unreadable: str | None = None


def batches(lines: Iterable[NumberedLine]) -> Iterator[list[NumberedLine]]:
    """The lines in the portions that one transaction takes."""
    iterator = iter(lines)
    while portion := list(islice(iterator, LINES_PER_BATCH)):
        yield portion


def import_batch(lines: Sequence[NumberedLine], report: ImportReport) -> None:
    """Add the customers of these lines, in the running transaction, and count in `report` what became of each."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_IMPORT_LOCK)))
    good: list[tuple[int, dict[str, Any]]] = []
    for line in lines:
        report.read_count += 1
        parsed = parse_line(line)
        if isinstance(parsed, BadLine):
            report.bad.append(parsed)
        else:
            good.append((line.number, parsed))
    known = _known_public_ids([customer["account_id"] for _, customer in good])
    keys = {number: _keys(customer) for number, customer in good}
    claimed = _claimed({key for of_line in keys.values() for key in of_line})
    rows = Rows({unit: house_account(House.OPENING, unit) for unit in Unit}, clock.now())
    added: set[str] = set()
    for number, customer in good:
        if customer["account_id"] in known:
            report.known_count += 1
        elif customer["account_id"] in added:
            report.bad.append(BadLine(number, "/account_id: given by an earlier line too"))
        elif clash := next((key for key in keys[number] if key in claimed), None):
            report.bad.append(BadLine(number, _CLAIMED[clash[0]]))
        elif len(set(keys[number])) < len(keys[number]):
            report.bad.append(BadLine(number, "/orders: one order twice"))
        else:
            added.add(customer["account_id"])
            claimed.update(keys[number])
            rows.add(customer)
    for model, new in rows:
        copy_rows(model, new)
    report.added_count += rows.accounts_count
    report.dated_by_registration_count += rows.dated_by_registration_count
    report.bad.sort(key=lambda bad: bad.number)


def finish_import(report: ImportReport) -> None:
    """What follows when the last batch is in: the counts over all orders, and the announcement."""
    rebuild_order_statistics()
    if report.added_count:
        announce(DirectoryImported(report.added_count))


def _known_public_ids(public_ids: Sequence[str]) -> set[str]:
    return set(db.session.scalars(sa.select(Customer.public_id).where(Customer.public_id.in_(public_ids))))


def _keys(line: dict[str, Any]) -> list[Key]:
    """What only one account may have: the first e-mail address, the phone number, each order."""
    named = [(IdentifierKind.EMAIL, normalise_email(line["emails"][0]))]
    if line["phone_e164"]:
        named.append((IdentifierKind.PHONE, normalise_phone(line["phone_e164"])))
    named += [(IdentifierKind.ORDER_NUMBER, normalise_order_number(order["order_id"])) for order in line["orders"]]
    return [(kind, identifier_mac(kind, value)) for kind, value in named if value is not None]


def _claimed(keys: set[Key]) -> set[Key]:
    """Those of the keys that an account of the directory has now."""
    found: set[Key] = set()
    macs = [mac for _, mac in keys]
    channels = sa.select(CustomerChannel.kind, CustomerChannel.mac).where(
        CustomerChannel.mac.in_(macs), CustomerChannel.state == ChannelState.CURRENT
    )
    found |= {(IdentifierKind(kind.value), mac) for kind, mac in db.session.execute(channels)}
    orders = sa.select(CustomerIdentifier.kind, CustomerIdentifier.mac).where(
        CustomerIdentifier.kind == IdentifierKind.ORDER_NUMBER, CustomerIdentifier.mac.in_(macs)
    )
    return found | set(db.session.execute(orders).all())
