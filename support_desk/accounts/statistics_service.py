"""Counting all orders of the directory: by day, amount and word for order recall, by title for the quiz."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from support_desk.accounts.bulk import copy_rows
from support_desk.accounts.catalogue_service import rebuild_catalogue
from support_desk.accounts.holdings_service import words_of_item
from support_desk.accounts.order_models import Order, OrderAmountCount, OrderDayCount, OrderItem, OrderWordCount
from support_desk.core.db import db

# Of two rebuilds at once the later waits, and counts what the earlier saw too.
_STATISTICS_LOCK = 0x5D_ACC2


def rebuild_order_statistics() -> int:
    """Count anew, in the running transaction. Returns how many orders were counted."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(_STATISTICS_LOCK)))
    for table in (OrderDayCount, OrderAmountCount, OrderWordCount):
        db.session.execute(sa.delete(table))
    for table, column in ((OrderDayCount, Order.placed_on), (OrderAmountCount, Order.amount_yen)):
        counted = sa.select(column, sa.func.count()).group_by(column)
        db.session.execute(sa.insert(table).from_select([column.key, "orders_count"], counted))
    copy_rows(OrderWordCount, [{"word": word, "orders_count": n} for word, n in sorted(_words().items())])
    rebuild_catalogue()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


def _words() -> Counter[str]:
    """In how many order lines a word stands; titles repeat, so each is taken apart once."""
    lines = db.session.execute(
        sa.select(OrderItem.title, OrderItem.item, OrderItem.category, sa.func.count()).group_by(
            OrderItem.title, OrderItem.item, OrderItem.category
        )
    )
    counts: Counter[str] = Counter()
    for title, item, category, count in lines:
        for word in words_of_item(title, item, category):
            counts[word] += count
    return counts
