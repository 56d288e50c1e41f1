"""What an impostor could take from an account: yen and the tier that the policy asks for."""

from dataclasses import dataclass
from datetime import date

from support_desk.accounts.views import Holdings
from support_desk.verification.policy import Tier

_LEAST_YEN = {Tier.V3: 50_000, Tier.V2: 10_000, Tier.V1: 1_000}
_CARD_MONTHS = 24
_PAID_PRIME = "active"


@dataclass(frozen=True)
class ValueAtRisk:
    """Gift balance, points (one yen each) and open refunds, and the tier that follows."""

    yen: int
    tier: Tier


def value_at_risk(holdings: Holdings, *, today: date) -> ValueAtRisk:
    """The value of an account, at least V1 where a card is stored, an order is in flight or Prime is paid.

    A shop that does not say whether a payment method is stored: a card used in the last 24 months stands for it.
    """
    yen = holdings.gift_balance_yen + holdings.points + holdings.open_refunds_yen
    tier = next((tier for tier, least in _LEAST_YEN.items() if yen >= least), Tier.V0)
    if tier is Tier.V0 and (
        _can_pay(holdings, today) or holdings.orders_in_flight_count or _prime_is_paid(holdings, today)
    ):
        tier = Tier.V1
    return ValueAtRisk(yen, tier)


def _can_pay(holdings: Holdings, today: date) -> bool:
    if holdings.has_payment_method is not None:
        return holdings.has_payment_method
    used_on = holdings.card_used_on
    return used_on is not None and _months_between(used_on, today) <= _CARD_MONTHS


def _months_between(earlier: date, later: date) -> int:
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months + (later.day > earlier.day)


def _prime_is_paid(holdings: Holdings, today: date) -> bool:
    paid_until = holdings.prime.paid_until
    if paid_until is not None:
        return paid_until >= today
    return holdings.prime.status == _PAID_PRIME
