"""Tables of what customers bought, and the counts over all orders that order recall is scored with."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from support_desk.core.db import Identified, Model, text_enum


class OrderStatus(StrEnum):
    """How far an order came."""

    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Order(Identified, Model):
    """An order of a customer."""

    __tablename__ = "orders"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("customers.id"))
    order_number: Mapped[str] = mapped_column(unique=True)
    placed_at: Mapped[datetime]
    # The day in Japan: what a customer remembers.
    placed_on: Mapped[date]
    amount_yen: Mapped[int]
    gift_card_yen: Mapped[int] = mapped_column(default=0)
    payment_methods: Mapped[list[str]]
    status: Mapped[OrderStatus] = mapped_column(text_enum(OrderStatus))

    __table_args__ = (
        sa.Index("ix_orders_account_id_placed_on", "account_id", "placed_on"),
        sa.CheckConstraint("amount_yen >= 0", name="amount_yen"),
        sa.CheckConstraint("gift_card_yen >= 0", name="gift_card_yen"),
    )


class OrderItem(Model):
    """One line of an order; without a title it can be recalled by its words, and not shown in a quiz."""

    __tablename__ = "order_items"

    order_id: Mapped[UUID] = mapped_column(sa.ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(sa.Integer(), primary_key=True)
    item: Mapped[str | None]
    title: Mapped[str | None]
    category: Mapped[str | None]
    quantity: Mapped[int] = mapped_column(sa.Integer())

    __table_args__ = (
        sa.CheckConstraint("quantity >= 0", name="quantity"),
        sa.CheckConstraint("coalesce(title, item, category) IS NOT NULL", name="described"),
    )


class OrderDayCount(Model):
    """How many orders of the directory were placed on a day."""

    __tablename__ = "order_day_counts"

    placed_on: Mapped[date] = mapped_column(primary_key=True)
    orders_count: Mapped[int]


class OrderAmountCount(Model):
    """How many orders of the directory came to an amount."""

    __tablename__ = "order_amount_counts"

    amount_yen: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    orders_count: Mapped[int]


class OrderWordCount(Model):
    """How many orders of the directory have a word in their items."""

    __tablename__ = "order_word_counts"

    word: Mapped[str] = mapped_column(primary_key=True)
    orders_count: Mapped[int]


class CatalogueTitle(Model):
    """A thing the shop has sold, as far as its orders tell: what the tiles of a quiz are drawn from."""

    __tablename__ = "catalogue_titles"
    __table_args__ = (
        sa.Index(
            "ix_catalogue_titles_alike",
            "category",
            "price_band",
            "popularity_band",
            postgresql_where=sa.text("NOT sensitive"),
        ),
        sa.CheckConstraint("least_yen <= price_yen AND price_yen <= most_yen", name="price_range"),
        sa.CheckConstraint("first_sold_on <= last_sold_on", name="sold"),
        sa.CheckConstraint("buyers_count > 0", name="buyers_count"),
    )

    title: Mapped[str] = mapped_column(primary_key=True)
    # Empty where the shop named none: titles without a category are alike in that.
    category: Mapped[str]
    least_yen: Mapped[int]
    price_yen: Mapped[int]
    most_yen: Mapped[int]
    first_sold_on: Mapped[date]
    last_sold_on: Mapped[date]
    buyers_count: Mapped[int]
    # Powers of three of the price and of two of the buyers: fixed, so that no tile is the middle of the others.
    price_band: Mapped[int] = mapped_column(sa.SmallInteger())
    popularity_band: Mapped[int] = mapped_column(sa.SmallInteger())
    sensitive: Mapped[bool]
