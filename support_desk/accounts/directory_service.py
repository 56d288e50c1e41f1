"""Reading the account directory: who an identifier names, and what is known of an account."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.identifiers import identifier_mac
from support_desk.accounts.models import (
    ChannelKind,
    ChannelState,
    Customer,
    CustomerAddress,
    CustomerChannel,
    CustomerIdentifier,
    IdentifierKind,
)
from support_desk.accounts.order_models import Order
from support_desk.accounts.views import AccountView, Channel, Match, PostalAddress
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import NotFound

# A postal code that was left longer ago names nobody.
POSTAL_CODE_YEARS = 2


def find_matches(
    *,
    emails: Iterable[str] = (),
    phones: Iterable[str] = (),
    name_keys: Iterable[str] = (),
    postal_codes: Iterable[str] = (),
    order_numbers: Iterable[str] = (),
) -> list[Match]:
    """The accounts that any of these normalised values names; closed accounts are named by nothing."""
    named = {
        IdentifierKind.EMAIL: emails,
        IdentifierKind.PHONE: phones,
        IdentifierKind.NAME: name_keys,
        IdentifierKind.POSTAL_CODE: postal_codes,
        IdentifierKind.ORDER_NUMBER: order_numbers,
    }
    wanted = [(kind, identifier_mac(kind, value)) for kind, values in named.items() for value in values]
    if not wanted:
        return []
    stale = _years_before(clock.now(), POSTAL_CODE_YEARS)
    rows = db.session.execute(
        sa.select(
            CustomerIdentifier.account_id,
            CustomerIdentifier.kind,
            # Of several keys of one kind (a name has many) one current one is enough.
            sa.func.bool_and(CustomerIdentifier.former),
        )
        .join(Customer, Customer.id == CustomerIdentifier.account_id)
        .where(
            sa.tuple_(CustomerIdentifier.kind, CustomerIdentifier.mac).in_(wanted),
            Customer.closed_at.is_(None),
            sa.or_(
                CustomerIdentifier.kind != IdentifierKind.POSTAL_CODE,
                CustomerIdentifier.left_at.is_(None),
                CustomerIdentifier.left_at >= stale,
            ),
        )
        .group_by(CustomerIdentifier.account_id, CustomerIdentifier.kind)
        .order_by(CustomerIdentifier.account_id, CustomerIdentifier.kind)
    )
    return [Match(account_id, kind.value, former) for account_id, kind, former in rows]


def get_account(account_id: UUID) -> AccountView:
    """The account; raises NotFound."""
    customer = db.session.get(Customer, account_id)
    if customer is None:
        raise NotFound
    return _view(customer)


def find_account_by_public_id(public_id: str) -> AccountView | None:
    """The account with the shop's own number."""
    customer = db.session.scalar(sa.select(Customer).where(Customer.public_id == public_id))
    return _view(customer) if customer else None


def count_customers() -> int:
    """How many customers the directory has."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Customer)) or 0


def sample_account_ids(size: int) -> list[UUID]:
    """At most so many open accounts, chosen by chance, the same ones each time."""
    chosen = sa.func.md5(sa.cast(Customer.id, sa.Text()))
    return list(
        db.session.scalars(
            sa.select(Customer.id).where(Customer.closed_at.is_(None)).order_by(chosen, Customer.id).limit(size)
        )
    )


def find_account_by_channel(kind: ChannelKind, normalised: str) -> AccountView | None:
    """The account that signs in with this confirmed address: never called where the answer could be seen."""
    account_id = find_sign_in_account(kind, normalised)
    return get_account(account_id) if account_id else None


def find_sign_in_account(kind: ChannelKind, normalised: str) -> UUID | None:
    """The account that signs in with this address, if any."""
    return db.session.scalar(sa.select(CustomerChannel.account_id).where(signs_in_with(kind, normalised)))


def signs_in_with(kind: ChannelKind, normalised: str) -> sa.ColumnElement[bool]:
    """The condition for the one channel that this address signs in by."""
    return sa.and_(
        CustomerChannel.kind == kind,
        CustomerChannel.mac == identifier_mac(kind, normalised),
        CustomerChannel.state == ChannelState.CURRENT,
        CustomerChannel.confirmed_at.is_not(None),
    )


def channels(account_id: UUID) -> list[Channel]:
    """Every channel of the account, current ones first, then by how recently they were left."""
    rows = db.session.scalars(
        sa.select(CustomerChannel)
        .where(CustomerChannel.account_id == account_id)
        .order_by(
            CustomerChannel.state,
            CustomerChannel.kind,
            CustomerChannel.left_at.desc().nulls_last(),
            CustomerChannel.id,
        )
    )
    return [
        Channel(
            kind=row.kind.value,
            address=row.address,
            since=row.since,
            confirmed=row.confirmed_at is not None,
            state=row.state.value,
            left_at=row.left_at,
            set_by_desk=row.set_by_desk,
        )
        for row in rows
        if row.address is not None
    ]


def addresses(account_id: UUID) -> list[PostalAddress]:
    """Every postal address of the account, the current one first."""
    rows = db.session.scalars(
        sa.select(CustomerAddress)
        .where(CustomerAddress.account_id == account_id, CustomerAddress.postal_code.is_not(None))
        .order_by(CustomerAddress.is_current.desc(), CustomerAddress.id)
    )
    return [_address(row) for row in rows]


def _address(row: CustomerAddress) -> PostalAddress:
    lines: dict[str, str | None] = json.loads(row.lines) if row.lines else {}
    assert row.postal_code is not None
    return PostalAddress(
        postal_code=row.postal_code,
        prefecture=row.prefecture,
        city=lines.get("city"),
        town=lines.get("town"),
        street=lines.get("street"),
        since=row.since,
        is_current=row.is_current,
        left_at=row.left_at,
    )


def _view(customer: Customer) -> AccountView:
    current = {channel.kind: channel.address for channel in channels(customer.id) if channel.state == "current"}
    places = db.session.execute(
        sa.select(CustomerAddress.is_current, CustomerAddress.prefecture, CustomerAddress.address_mac).where(
            CustomerAddress.account_id == customer.id
        )
    ).all()
    home = next((place for place in places if place.is_current), None)
    newest = db.session.scalar(sa.select(sa.func.max(Order.placed_on)).where(Order.account_id == customer.id))
    return AccountView(
        id=customer.id,
        public_id=customer.public_id,
        version=customer.account_version,
        name=customer.name,
        name_kana=customer.name_kana,
        email=current.get("email"),
        phone=current.get("phone"),
        prefecture=home.prefecture if home else None,
        registered_at=customer.registered_at,
        closed_at=customer.closed_at,
        suspended_at=customer.suspended_at,
        password_set=customer.password_hash is not None,
        two_step=customer.two_step,
        name_key=_key(customer.name_mac),
        kana_key=_key(customer.kana_mac),
        address_key=_key(home.address_mac) if home else None,
        address_keys=frozenset(place.address_mac.hex() for place in places if place.address_mac),
        newest_order_on=newest,
    )


def _key(mac: bytes | None) -> str | None:
    return mac.hex() if mac else None


def _years_before(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year - years)
    except ValueError:  # 29 February
        return at.replace(year=at.year - years, day=28)
