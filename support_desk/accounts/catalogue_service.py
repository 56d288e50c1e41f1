"""The catalogue that orders tell of: built with the counts over all orders, read for the tiles of a quiz."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import aliased

from support_desk.accounts.models import Customer, CustomerAddress
from support_desk.accounts.order_models import CatalogueTitle, Order, OrderItem, OrderStatus
from support_desk.accounts.sensitive_goods import is_sensitive
from support_desk.accounts.views import CatalogueEntry, Purchase
from support_desk.core.db import db

# Sold so long before or after counts as on sale: what sells seldom is not gone between two sales.
_ON_SALE_AROUND = timedelta(days=90)
_FARTHEST_BAND = 2
_SHOPPERS_LOOKED_AT = 300
# Values, not rows that the session would keep.
_COLUMNS = tuple(CatalogueTitle.__table__.columns)


def rebuild_catalogue() -> None:
    """Write the catalogue anew from all orders, in the running transaction."""
    db.session.execute(sa.delete(CatalogueTitle))
    each_yen = Order.amount_yen / sa.func.greatest(OrderItem.quantity, 1)
    lines = (
        sa.select(
            OrderItem.title,
            sa.func.coalesce(OrderItem.category, "").label("category"),
            sa.cast(each_yen, sa.BigInteger()).label("yen"),
            Order.placed_on,
            Order.account_id,
        )
        .join(Order, Order.id == OrderItem.order_id)
        .where(OrderItem.title.is_not(None))
        .subquery()
    )
    titles = (
        sa.select(
            lines.c.title,
            sa.func.mode().within_group(lines.c.category).label("category"),
            sa.func.min(lines.c.yen).label("least_yen"),
            sa.func.percentile_disc(0.5).within_group(lines.c.yen).label("price_yen"),
            sa.func.max(lines.c.yen).label("most_yen"),
            sa.func.min(lines.c.placed_on).label("first_sold_on"),
            sa.func.max(lines.c.placed_on).label("last_sold_on"),
            sa.func.count(lines.c.account_id.distinct()).label("buyers_count"),
        )
        .group_by(lines.c.title)
        .subquery()
    )
    rows = sa.select(
        *titles.c, _band(titles.c.price_yen, base=3), _band(titles.c.buyers_count, base=2), sa.false()
    )
    names = [column.name for column in titles.c]
    db.session.execute(
        sa.insert(CatalogueTitle).from_select([*names, "price_band", "popularity_band", "sensitive"], rows)
    )
    named = db.session.execute(sa.select(CatalogueTitle.title, CatalogueTitle.category)).all()
    hidden = [title for title, category in named if is_sensitive(category, title)]
    if hidden:
        db.session.execute(
            sa.update(CatalogueTitle)
            .where(CatalogueTitle.title == sa.any_(sa.literal(hidden, sa.ARRAY(sa.Text()))))
            .values(sensitive=True)
            .execution_options(synchronize_session=False)
        )


def _band(number: Any, *, base: int) -> sa.ColumnElement[int]:
    """The power of the base that a number reaches."""
    whole = sa.func.floor(
        sa.func.log(sa.literal(base, sa.Numeric()), sa.cast(sa.func.greatest(number, 1), sa.Numeric()))
    )
    return sa.cast(whole, sa.SmallInteger())


def titled_purchases(account_id: UUID) -> list[Purchase]:
    """What the account ordered that has a title, the newest first; whatever became of it."""
    rows = db.session.execute(
        sa.select(OrderItem.title, OrderItem.category, Order.placed_on, Order.status)
        .join(Order, Order.id == OrderItem.order_id)
        .where(Order.account_id == account_id, OrderItem.title.is_not(None))
        .order_by(Order.placed_at.desc(), Order.id, OrderItem.position)
    )
    return [
        Purchase(title, category, placed_on, delivered=status is OrderStatus.DELIVERED)
        for title, category, placed_on, status in rows
        if title is not None
    ]


def some_shopper(fraction: float, *, first: date, last: date, least: int) -> UUID | None:
    """Somebody who between two days ordered and got so many titles, near this fraction of all accounts.

    None where nobody is found near there.
    """
    ends = [
        db.session.scalar(sa.select(Customer.id).order_by(end).limit(1))
        for end in (Customer.id, Customer.id.desc())
    ]
    if ends[0] is None or ends[1] is None:
        return None
    start = UUID(int=ends[0].int + int((ends[1].int - ends[0].int) * fraction))
    near = sa.select(Customer.id).where(Customer.id >= start).order_by(Customer.id).limit(_SHOPPERS_LOOKED_AT)
    return db.session.scalar(
        sa.select(Order.account_id)
        .join(OrderItem, OrderItem.order_id == Order.id)
        .where(
            Order.account_id.in_(near),
            Order.placed_on.between(first, last),
            Order.status == OrderStatus.DELIVERED,
            OrderItem.title.is_not(None),
        )
        .group_by(Order.account_id)
        .having(sa.func.count(OrderItem.title.distinct()) >= least)
        .order_by(Order.account_id)
        .limit(1)
    )


def household_titles(account_id: UUID) -> frozenset[str]:
    """Every title that the account, or another one at its address, ever ordered."""
    theirs = aliased(CustomerAddress)
    neighbours = (
        sa.select(theirs.account_id)
        .join(CustomerAddress, CustomerAddress.address_mac == theirs.address_mac)
        .where(CustomerAddress.account_id == account_id)
    )
    bought = (
        sa.select(OrderItem.title)
        .join(Order, Order.id == OrderItem.order_id)
        .where(
            OrderItem.title.is_not(None),
            sa.or_(Order.account_id == account_id, Order.account_id.in_(neighbours)),
        )
        .distinct()
    )
    return frozenset(title for title in db.session.scalars(bought) if title is not None)


def catalogue_entries(titles: Collection[str]) -> dict[str, CatalogueEntry]:
    """What the catalogue knows of these titles; sensitive ones and unknown ones are left out."""
    wanted = sa.literal(sorted(titles), sa.ARRAY(sa.Text()))
    rows = db.session.execute(
        sa.select(*_COLUMNS).where(CatalogueTitle.title == sa.any_(wanted), ~CatalogueTitle.sensitive)
    )
    return {row.title: _entry(row) for row in rows}


def titles_alike(
    entry: CatalogueEntry, *, on: date, without: Collection[str], seed: str, limit: int
) -> list[CatalogueEntry]:
    """Titles of the same category, of similar price and popularity, on sale on that day: the most alike first.

    Among those equally alike chance decides, by the seed, and favours what is bought more: like a purchase would.
    """
    apart = sa.func.greatest(
        sa.func.abs(CatalogueTitle.price_band - entry.price_band),
        sa.func.abs(CatalogueTitle.popularity_band - entry.popularity_band),
    )
    rows = db.session.execute(
        sa.select(*_COLUMNS)
        .where(
            ~CatalogueTitle.sensitive,
            CatalogueTitle.category == (entry.category or ""),
            CatalogueTitle.price_band.between(
                entry.price_band - _FARTHEST_BAND, entry.price_band + _FARTHEST_BAND
            ),
            apart <= _FARTHEST_BAND,
            CatalogueTitle.first_sold_on <= on + _ON_SALE_AROUND,
            CatalogueTitle.last_sold_on >= on - _ON_SALE_AROUND,
            CatalogueTitle.title != entry.title,
            _is_none_of(without),
        )
        .order_by(apart, _by_chance(seed), CatalogueTitle.title)
        .limit(limit)
    )
    return [_entry(row) for row in rows]


def sample_titles(*, without: Collection[str], seed: str, limit: int) -> list[CatalogueEntry]:
    """Titles of the whole catalogue by chance, which favours what is bought more; the same for the same seed."""
    rows = db.session.execute(
        sa.select(*_COLUMNS)
        .where(~CatalogueTitle.sensitive, _is_none_of(without))
        .order_by(_by_chance(seed), CatalogueTitle.title)
        .limit(limit)
    )
    return [_entry(row) for row in rows]


def _is_none_of(titles: Collection[str]) -> sa.ColumnElement[bool]:
    return CatalogueTitle.title != sa.all_(sa.literal(sorted(titles), sa.ARRAY(sa.Text())))


def _by_chance(seed: str) -> sa.ColumnElement[Any]:
    """Order by -ln(u) / weight: a weighted sample without replacement (Efraimidis and Spirakis 2006)."""
    digits = sa.func.substr(sa.func.md5(sa.literal(seed) + CatalogueTitle.title), 1, 8)
    number = sa.cast(sa.cast(sa.literal("x") + digits, BIT(32)), sa.BigInteger())
    return -sa.func.ln((number + 1) / 4294967297.0) / CatalogueTitle.buyers_count


def _entry(row: Any) -> CatalogueEntry:
    return CatalogueEntry(
        title=row.title,
        category=row.category or None,
        price_yen=row.price_yen,
        first_sold_on=row.first_sold_on,
        last_sold_on=row.last_sold_on,
        buyers_count=row.buyers_count,
        price_band=row.price_band,
        popularity_band=row.popularity_band,
    )
