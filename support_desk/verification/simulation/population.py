"""The accounts that are attacked: the customers of a synthetic shop, the same for a seed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from support_desk.accounts.views import Holdings, Prime
from support_desk.verification.policy import Tier
from support_desk.verification.quiz import in_time
from support_desk.verification.recall import PlacedOrder
from support_desk.verification.shares import Shares
from support_desk.verification.simulation.assumptions import Shop
from support_desk.verification.value import value_at_risk

AS_OF = date(2026, 1, 1)
_DAYS = 730
_CUSTOMERS = 1_200
_WORDS = 3_000
_MOST_ORDERS = 150
_OTHERS = 6_000


@dataclass(frozen=True)
class Holder:
    """One account: what can be remembered of it, of how many items a quiz can be made, what it is worth."""

    orders: tuple[PlacedOrder, ...]
    eligible_count: int
    tier: Tier


@dataclass(frozen=True)
class Population:
    """Accounts that stand for a directory, and how common its orders are.

    `others` are orders that guesses are taken from; `tiers` those of the whole directory.
    """

    name: str
    holders: tuple[Holder, ...]
    shares: Shares
    others: tuple[PlacedOrder, ...]
    tiers: tuple[Tier, ...]


def sample(name: str, holders: Sequence[Holder], shares: Shares, size: int) -> Population:
    """A population of at most `size` of these accounts, evenly from those with few orders to those with many.

    ValueError if there are none.
    """
    if not holders:
        raise ValueError("there are no accounts to attack")
    ranked = sorted(holders, key=lambda holder: (len(holder.orders), holder.eligible_count))
    places = [(2 * place + 1) * len(ranked) // (2 * size) for place in range(size)]
    chosen = set(places) if len(ranked) > size else set(range(len(ranked)))
    # Nobody guesses from the orders of the account he attacks.
    rest = [order for place, holder in enumerate(ranked) if place not in chosen for order in holder.orders]
    others = rest[:: max(1, len(rest) // _OTHERS)]
    tiers = tuple(holder.tier for holder in ranked)
    return Population(name, tuple(ranked[place] for place in sorted(chosen)), shares, tuple(others), tiers)


def synthetic_population(shop: Shop, *, seed: int, size: int) -> Population:
    """`size` accounts that stand for the customers of a large shop."""
    draw = Random(f"population:{seed}")  # noqa: S311 - no secret
    goods = _Goods(shop, draw)
    holders = [_holder(shop, goods, draw) for _ in range(_CUSTOMERS)]
    shares = Shares.from_orders(
        (order.placed_on, order.amount_yen, order.words) for holder in holders for order in holder.orders
    )
    return sample("synthetic", holders, shares, size)


class _Goods:
    """A catalogue whose items sell by Zipf's law; so do the words of their titles occur."""

    def __init__(self, shop: Shop, draw: Random) -> None:
        words = [f"word{number}" for number in range(_WORDS)]
        weights = list(accumulate(1 / rank for rank in range(1, _WORDS + 1)))
        self._items = [
            (
                frozenset(draw.choices(words, cum_weights=weights, k=draw.randint(3, 6))),
                max(100, round(draw.lognormvariate(0, shop.amount_spread) * shop.amount_median_yen / 10) * 10),
            )
            for _ in range(shop.items_count)
        ]
        # Zipf's law as Mandelbrot flattened it: no item of a large shop is in every tenth order.
        ranks = range(shop.items_alike, shop.items_alike + shop.items_count)
        self._weights = list(accumulate(1 / rank for rank in ranks))
        self._numbers = range(shop.items_count)
        self._second_item_share = shop.second_item_share

    def order(self, draw: Random) -> tuple[set[int], PlacedOrder]:
        """The numbers of the items, and an order of them."""
        count = 2 if draw.random() < self._second_item_share else 1
        numbers = set(draw.choices(self._numbers, cum_weights=self._weights, k=count))
        words = frozenset().union(*(self._items[number][0] for number in numbers))
        placed_on = AS_OF - timedelta(days=1 + int(draw.random() * _DAYS))
        return numbers, PlacedOrder(placed_on, sum(self._items[number][1] for number in numbers), words)


def _holder(shop: Shop, goods: _Goods, draw: Random) -> Holder:
    drawn = draw.lognormvariate(0, shop.orders_spread) * shop.orders_median
    bought = [goods.order(draw) for _ in range(min(_MOST_ORDERS, max(1, round(drawn))))]
    orders = tuple(order for _, order in bought)
    eligible: set[int] = set()
    for items, order in bought:
        if in_time(order.placed_on, AS_OF):
            eligible |= items
    return Holder(orders, len(eligible), value_at_risk(_holdings(shop, orders, draw), today=AS_OF).tier)


def _holdings(shop: Shop, orders: Sequence[PlacedOrder], draw: Random) -> Holdings:
    has_gift = draw.random() < shop.gift_share
    gift = round(draw.lognormvariate(0, shop.gift_spread) * shop.gift_median_yen)
    spent = sum(order.amount_yen for order in orders)
    refund = draw.choice(orders).amount_yen if draw.random() < shop.refund_share else 0
    prime = draw.random() < shop.prime_share
    return Holdings(
        gift_balance_yen=gift if has_gift else 0,
        points=round(spent * shop.points_per_yen),
        prime=Prime("active" if prime else "none", None, None),
        open_refunds_yen=refund,
        has_payment_method=draw.random() < shop.payment_method_share,
        orders_in_flight_count=int(draw.random() < shop.in_flight_share),
        card_used_on=None,
    )
