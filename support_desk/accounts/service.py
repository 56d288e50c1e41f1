"""All that the rest of the desk knows of the account directory.

A shop that keeps its customers elsewhere puts its own directory behind these functions: values in, values out,
effects with an idempotency key.
"""

from support_desk.accounts.directory_service import (
    addresses,
    channels,
    find_account_by_channel,
    find_account_by_public_id,
    find_matches,
    get_account,
)
from support_desk.accounts.holdings_service import (
    balances,
    holdings,
    order_statistics,
    order_statistics_mark,
    orders,
)

__all__ = [
    "addresses",
    "balances",
    "channels",
    "find_account_by_channel",
    "find_account_by_public_id",
    "find_matches",
    "get_account",
    "holdings",
    "order_statistics",
    "order_statistics_mark",
    "orders",
]
