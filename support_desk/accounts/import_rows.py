"""The rows that one imported customer becomes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from support_desk.accounts.identifiers import address_mac, identifier_mac, whole_kana_mac, whole_name_mac
from support_desk.accounts.import_schemas import JAPAN
from support_desk.accounts.ledger_models import (
    LedgerAccount,
    LedgerPosting,
    LedgerTransaction,
    TransactionKind,
    Unit,
)
from support_desk.accounts.models import (
    ChannelKind,
    ChannelState,
    Customer,
    CustomerAddress,
    CustomerChannel,
    CustomerIdentifier,
    IdentifierKind,
    PrimeMembership,
    PrimeStatus,
)
from support_desk.accounts.order_models import Order, OrderItem, OrderStatus
from support_desk.core.db import Model, new_id
from support_desk.core.japan import (
    name_keys,
    normalise_email,
    normalise_order_number,
    normalise_phone,
    normalise_postal_code,
)

Row = dict[str, Any]
_ADDRESS_LINES = ("city", "town", "street", "prefecture_kana", "city_kana", "town_kana")


class Rows:
    """Rows of several customers by table, in the order in which the tables refer to each other."""

    def __init__(self, house: Mapping[Unit, UUID], at: datetime) -> None:
        self._house = house
        self._at = at
        self._rows: dict[type[Model], list[Row]] = defaultdict(list)
        self.accounts_count = 0
        self.dated_by_registration_count = 0

    def __iter__(self) -> Iterator[tuple[type[Model], list[Row]]]:
        return iter(self._rows.items())

    def add(self, line: Row) -> None:
        """Take one customer, as `AccountLine` loads it."""
        account_id = new_id()
        at = self._at
        self.accounts_count += 1
        if not (line["email_since"] and line["address_since"] and (line["phone_since"] or not line["phone_e164"])):
            self.dated_by_registration_count += 1
        self._rows[Customer].append(
            {
                "id": account_id,
                "public_id": line["account_id"],
                "name": line["name"],
                "name_kana": line["name_kana"],
                "name_mac": whole_name_mac(line["name"]),
                "kana_mac": whole_kana_mac(line["name_kana"]) if line["name_kana"] else None,
                "registered_at": line["registered_at"],
                "account_version": 1,
                "two_step": False,
                "has_payment_method": line["has_payment_method"],
                "open_refunds_yen": line["open_refunds_yen"],
                "created_at": at,
                "updated_at": at,
            }
        )
        names: dict[tuple[IdentifierKind, str], bool] = {}
        self._add_channels(account_id, line, names)
        self._add_addresses(account_id, line, names)
        for key in name_keys(line["name"], line["name_kana"]):
            names.setdefault((IdentifierKind.NAME, key), False)
        for order in line["orders"]:
            self._add_order(account_id, order, names)
        self._rows[CustomerIdentifier].extend(
            {
                "kind": kind,
                "mac": identifier_mac(kind, value),
                "account_id": account_id,
                "former": former,
            }
            for (kind, value), former in names.items()
        )
        self._add_holdings(account_id, line)

    def _add_channels(self, account_id: UUID, line: Row, names: dict[tuple[IdentifierKind, str], bool]) -> None:
        registered_at = line["registered_at"]
        reached = [
            (ChannelKind.EMAIL, address, normalise_email(address), number > 0, line["email_since"])
            for number, address in enumerate(line["emails"])
        ]
        if line["phone_e164"]:
            phone = normalise_phone(line["phone_e164"])
            reached.append((ChannelKind.PHONE, phone, phone, False, line["phone_since"]))
        for kind, address, key, former, since in reached:
            identifier = (IdentifierKind(kind.value), key)
            if key is None or identifier in names:
                continue
            names[identifier] = former  # type: ignore[index]
            self._rows[CustomerChannel].append(
                {
                    "id": new_id(),
                    "account_id": account_id,
                    "kind": kind,
                    "state": ChannelState.FORMER if former else ChannelState.CURRENT,
                    "address": address,
                    "mac": identifier_mac(kind, key),
                    "since": registered_at if former or since is None else since,
                    "confirmed_at": None if former else registered_at,
                    "set_by_desk": False,
                    "created_at": self._at,
                    "updated_at": self._at,
                }
            )

    def _add_addresses(self, account_id: UUID, line: Row, names: dict[tuple[IdentifierKind, str], bool]) -> None:
        address = line["address"]
        lines = {name: address[name] for name in _ADDRESS_LINES if address[name]}
        for given in (line["postal_code"], *line["previous_postal_codes"]):
            code = normalise_postal_code(given)
            identifier = (IdentifierKind.POSTAL_CODE, code)
            if code is None or identifier in names:
                continue
            current = given is line["postal_code"]
            names[identifier] = not current  # type: ignore[index]
            whole = address_mac(code, *(address[part] or "" for part in ("prefecture", "city", "town", "street")))
            self._rows[CustomerAddress].append(
                {
                    "id": new_id(),
                    "account_id": account_id,
                    "is_current": current,
                    "postal_code": code,
                    "prefecture": address["prefecture"] if current else None,
                    "lines": json.dumps(lines, ensure_ascii=False) if current else None,
                    "address_mac": whole if current else None,
                    "since": (line["address_since"] if current else None) or line["registered_at"],
                    "created_at": self._at,
                    "updated_at": self._at,
                }
            )

    def _add_order(self, account_id: UUID, order: Row, names: dict[tuple[IdentifierKind, str], bool]) -> None:
        number = normalise_order_number(order["order_id"])
        assert number is not None
        names[IdentifierKind.ORDER_NUMBER, number] = False
        order_id = new_id()
        self._rows[Order].append(
            {
                "id": order_id,
                "account_id": account_id,
                "order_number": order["order_id"],
                "placed_at": order["placed_at"],
                "placed_on": order["placed_at"].astimezone(JAPAN).date(),
                "amount_yen": order["amount"],
                "gift_card_yen": order["gift_card_amount"],
                "payment_methods": order["payment_methods"],
                "status": OrderStatus(order["status"]),
            }
        )
        self._rows[OrderItem].append(
            {
                "order_id": order_id,
                "position": 1,
                "item": order["item"],
                "title": order["title"],
                "category": order["category"],
                "quantity": order["n_items"],
            }
        )

    def _add_holdings(self, account_id: UUID, line: Row) -> None:
        started_on, days = _prime_days(line)
        self._rows[PrimeMembership].append(
            {
                "account_id": account_id,
                "status": PrimeStatus(line["prime"]["status"]),
                "plan": line["prime"]["plan"],
                "started_on": started_on,
            }
        )
        opening = {Unit.JPY: line["gift_balance_yen"], Unit.POINT: line["points"], Unit.PRIME_DAY: days}
        own = {unit: new_id() for unit in Unit}
        self._rows[LedgerAccount].extend(
            {"id": own[unit], "account_id": account_id, "unit": unit, "balance": 0} for unit in Unit
        )
        moved = {unit: amount for unit, amount in opening.items() if amount}
        if not moved:
            return
        transaction_id = new_id()
        self._rows[LedgerTransaction].append(
            {
                "id": transaction_id,
                "key": f"opening:{account_id}",
                "kind": TransactionKind.OPENING,
                "postings_count": 2 * len(moved),
                "posted_at": self._at,
            }
        )
        for unit, amount in moved.items():
            for ledger_account_id, signed in ((own[unit], amount), (self._house[unit], -amount)):
                self._rows[LedgerPosting].append(
                    {
                        "transaction_id": transaction_id,
                        "ledger_account_id": ledger_account_id,
                        "unit": unit,
                        "amount": signed,
                    }
                )


def _prime_days(line: Row) -> tuple[date | None, int]:
    """When the membership began and the days paid since: the file says only until when it is paid."""
    registered_on: date = line["registered_at"].astimezone(JAPAN).date()
    renews_on: date | None = line["prime"]["renews_at"]
    if renews_on is None:
        return (registered_on if line["prime"]["status"] in ("trial", "active") else None), 0
    started_on = min(registered_on, renews_on)
    return started_on, (renews_on - started_on).days
