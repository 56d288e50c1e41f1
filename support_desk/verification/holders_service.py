"""What accounts of the directory could show, to try the rules on them: nothing of it is told of one account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.core import clock
from support_desk.verification.policy import Tier
from support_desk.verification.quiz import FEWEST_ITEMS, in_time
from support_desk.verification.recall import PlacedOrder
from support_desk.verification.recall_service import placed_orders
from support_desk.verification.value import value_at_risk


@dataclass(frozen=True)
class Holder:
    """One account: orders, of how many items a quiz can be made, what it is worth, since when it is reached."""

    orders: tuple[PlacedOrder, ...]
    eligible_count: int
    tier: Tier
    email_since: datetime | None = None
    phone_since: datetime | None = None
    address_since: datetime | None = None


def list_holders(size: int) -> Iterator[Holder]:
    """At most so many open accounts of the directory, chosen by chance."""
    today = clock.today()
    for account_id in accounts.sample_account_ids(size):
        yield _holder(account_id, today)


def _holder(account_id: UUID, today: date) -> Holder:
    current = [each for each in accounts.channels(account_id) if each.state == "current" and each.confirmed]
    home = next((place for place in accounts.addresses(account_id) if place.is_current), None)
    return Holder(
        orders=tuple(placed_orders(accounts.orders(account_id))),
        eligible_count=_eligible_count(account_id, today),
        tier=value_at_risk(accounts.holdings(account_id), today=today).tier,
        email_since=min((each.since for each in current if each.kind == "email"), default=None),
        phone_since=min((each.since for each in current if each.kind == "phone"), default=None),
        address_since=home.since if home else None,
    )


def _eligible_count(account_id: UUID, today: date) -> int:
    """How many different titles the quiz may ask about."""
    titles = {
        bought.title
        for bought in accounts.titled_purchases(account_id)
        if bought.delivered and in_time(bought.placed_on, today)
    }
    return len(accounts.catalogue_entries(titles)) if len(titles) >= FEWEST_ITEMS else 0
