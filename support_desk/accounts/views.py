"""What the directory tells the rest of the desk: plain values, never rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True)
class Match:
    """An account that one claimed value names; `former` when it once did and was replaced."""

    account_id: UUID
    kind: str
    former: bool


@dataclass(frozen=True)
class AccountView:
    """A customer's account. The keys are opaque: equal for equal name, kana or address, and say nothing else."""

    id: UUID
    public_id: str
    version: int
    name: str | None
    name_kana: str | None
    email: str | None
    phone: str | None
    prefecture: str | None
    registered_at: datetime
    closed_at: datetime | None
    suspended_at: datetime | None
    password_set: bool
    two_step: bool
    name_key: str | None
    kana_key: str | None
    address_key: str | None
    address_keys: frozenset[str]
    newest_order_on: date | None


@dataclass(frozen=True)
class Channel:
    """An address that reaches, or once reached, the customer."""

    kind: str
    address: str
    since: datetime
    confirmed: bool
    state: str
    left_at: datetime | None
    set_by_desk: bool


@dataclass(frozen=True)
class PostalAddress:
    """Where a customer lives, or once lived; of former addresses often only the postal code is known."""

    postal_code: str
    prefecture: str | None
    city: str | None
    town: str | None
    street: str | None
    since: datetime
    is_current: bool
    left_at: datetime | None


@dataclass(frozen=True)
class Prime:
    """A Prime membership: status, plan, and the day until which it is paid."""

    status: str
    plan: str | None
    paid_until: date | None


@dataclass(frozen=True)
class Holdings:
    """What the shop keeps for a customer. `has_payment_method` is None where the shop did not say."""

    gift_balance_yen: int
    points: int
    prime: Prime
    open_refunds_yen: int
    has_payment_method: bool | None
    orders_in_flight_count: int
    card_used_on: date | None


@dataclass(frozen=True)
class OrderFacts:
    """What a customer may remember of an order. The day is the day in Japan."""

    order_number: str
    placed_on: date
    amount_yen: int
    item_words: frozenset[str]
    title: str | None
    category: str | None
    status: str


@dataclass(frozen=True)
class OrderStatistics:
    """How many orders of the whole directory fall on a day, come to an amount, have a word."""

    total: int
    days: Mapping[date, int]
    amounts: Mapping[int, int]
    words: Mapping[str, int]


@dataclass(frozen=True)
class Purchase:
    """Something with a title that a customer ordered, on a day in Japan."""

    title: str
    category: str | None
    placed_on: date
    delivered: bool


@dataclass(frozen=True)
class CatalogueEntry:
    """Something the shop sold, and when, for how much, to how many. The bands say how alike two are."""

    title: str
    category: str | None
    price_yen: int
    first_sold_on: date
    last_sold_on: date
    buyers_count: int
    price_band: int
    popularity_band: int

    def is_like(self, other: CatalogueEntry) -> bool:
        """Whether both are of similar price and popularity."""
        return (self.price_band, self.popularity_band) == (other.price_band, other.popularity_band)


@dataclass(frozen=True)
class Restriction:
    """A part of what the customer may do that is shut, when it is to be lifted, and what would lift it sooner."""

    part: str
    since: datetime
    until: datetime | None
    lift_with: tuple[str, ...]


@dataclass(frozen=True)
class SessionView:
    """A customer who is signed in."""

    id: UUID
    account_id: UUID
    expires_at: datetime
