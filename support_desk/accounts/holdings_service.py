"""Reading what the shop keeps for a customer, and what the customer ordered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.ledger import paid_until
from support_desk.accounts.ledger_models import LedgerAccount, Unit
from support_desk.accounts.models import Customer, PrimeMembership, PrimeStatus
from support_desk.accounts.order_models import (
    Order,
    OrderAmountCount,
    OrderDayCount,
    OrderItem,
    OrderStatus,
    OrderWordCount,
)
from support_desk.accounts.views import Holdings, OrderFacts, OrderStatistics, Prime
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.core.japan import item_words

IN_FLIGHT = (OrderStatus.PROCESSING, OrderStatus.SHIPPED)
CARDS = ["credit_card", "debit_card"]


def balances(account_id: UUID) -> dict[Unit, int]:
    """What the account has of each unit."""
    rows = db.session.execute(
        sa.select(LedgerAccount.unit, LedgerAccount.balance).where(LedgerAccount.account_id == account_id)
    )
    have = {unit: balance or 0 for unit, balance in rows}
    return {unit: have.get(unit, 0) for unit in Unit}


def holdings(account_id: UUID) -> Holdings:
    """What the shop keeps for the customer; raises NotFound."""
    customer = db.session.get(Customer, account_id)
    if customer is None:
        raise NotFound
    have = balances(account_id)
    by_card = Order.payment_methods.op("&&")(sa.cast(CARDS, sa.ARRAY(sa.Text())))
    in_flight, card_used_on = db.session.execute(
        sa.select(
            sa.func.count().filter(Order.status.in_(IN_FLIGHT)),
            sa.func.max(Order.placed_on).filter(by_card),
        ).where(Order.account_id == account_id)
    ).one()
    return Holdings(
        gift_balance_yen=have[Unit.JPY],
        points=have[Unit.POINT],
        prime=_prime(account_id, have[Unit.PRIME_DAY]),
        open_refunds_yen=customer.open_refunds_yen,
        has_payment_method=customer.has_payment_method,
        orders_in_flight_count=in_flight,
        card_used_on=card_used_on,
    )


def _prime(account_id: UUID, days: int) -> Prime:
    membership = db.session.get(PrimeMembership, account_id)
    if membership is None:
        return Prime(PrimeStatus.NONE.value, None, None)
    return Prime(membership.status.value, membership.plan, paid_until(membership.started_on, days))


def orders(account_id: UUID) -> list[OrderFacts]:
    """The orders of the account, the newest first."""
    rows = db.session.execute(
        sa.select(Order, OrderItem)
        .outerjoin(OrderItem, OrderItem.order_id == Order.id)
        .where(Order.account_id == account_id)
        .order_by(Order.placed_at.desc(), Order.id, OrderItem.position)
    )
    collected: dict[UUID, tuple[Order, list[OrderItem]]] = {}
    for order, item in rows:
        lines = collected.setdefault(order.id, (order, []))[1]
        if item is not None:
            lines.append(item)
    return [_facts(order, lines) for order, lines in collected.values()]


def _facts(order: Order, lines: Sequence[OrderItem]) -> OrderFacts:
    return OrderFacts(
        order_number=order.order_number,
        placed_on=order.placed_on,
        amount_yen=order.amount_yen,
        item_words=frozenset().union(*(words_of_item(line.title, line.item, line.category) for line in lines)),
        title=next((line.title for line in lines if line.title), None),
        category=next((line.category for line in lines if line.category), None),
        status=order.status.value,
    )


def words_of_item(title: str | None, item: str | None, category: str | None) -> frozenset[str]:
    """The words by which a customer may remember what was ordered."""
    return item_words(title or item) | item_words((category or "").replace("_", " "))


def order_statistics() -> OrderStatistics:
    """Counts over all orders of the directory, as built by the last import."""
    read = db.session.execute
    days = dict(read(sa.select(OrderDayCount.placed_on, OrderDayCount.orders_count)).all())
    amounts = dict(read(sa.select(OrderAmountCount.amount_yen, OrderAmountCount.orders_count)).all())
    words = dict(read(sa.select(OrderWordCount.word, OrderWordCount.orders_count)).all())
    return OrderStatistics(total=sum(days.values()), days=days, amounts=amounts, words=words)


def order_statistics_mark() -> str:
    """Tells one state of the counts from another without reading them all: they change with an import only."""
    day = OrderDayCount.placed_on - sa.literal(date(2000, 1, 1))
    orders_count, days = db.session.execute(
        sa.select(
            sa.func.sum(OrderDayCount.orders_count),
            sa.func.sum(OrderDayCount.orders_count * sa.cast(day, sa.BigInteger())),
        )
    ).one()
    amounts = db.session.scalar(
        sa.select(
            sa.func.sum(OrderAmountCount.orders_count * sa.cast(OrderAmountCount.amount_yen, sa.BigInteger()))
        )
    )
    return f"{orders_count}:{days}:{amounts}"
