"""Puts the accounts of the directory to the policy, as a page and as plain values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from support_desk.core import clock
from support_desk.verification import quiz_scoring
from support_desk.verification.deciding import history_tier
from support_desk.verification.holders_service import Holder, list_holders
from support_desk.verification.policy import Policy
from support_desk.verification.policy_check import SIGN_IN, Customer, Outcome, check
from support_desk.verification.policy_show import duration_text
from support_desk.verification.quiz import FEWEST_ITEMS, GRIDS, TILES
from support_desk.verification.recall import MOST_FACTS, Fact, Params, score
from support_desk.verification.recall_service import shares_now
from support_desk.verification.shares import Shares

Watch = Callable[[Iterable[Holder]], Iterable[Holder]]


@dataclass(frozen=True)
class Checked:
    """What the policy means for the accounts looked at; `history`: how many reach each tier, remembering all."""

    policy_version: str
    accounts_count: int
    quiz_count: int
    history: tuple[int, ...]
    outcomes: tuple[Outcome, ...]


def check_directory(policy: Policy, *, size: int, watch: Watch = iter) -> Checked:
    """Try the policy on at most so many accounts of the directory, chosen by chance."""
    at = clock.now()
    shares, params, draw = shares_now(), Params.packaged(), Random("policy check")  # noqa: S311 - no secret
    customers = []
    quiz_count = 0
    for holder in watch(list_holders(size)):
        quiz_count += holder.eligible_count >= FEWEST_ITEMS
        customers.append(_customer(holder, shares, params, draw))
    tiers = [history_tier(policy, customer.history_bits) for customer in customers]
    history = tuple(tiers.count(tier) for tier in range(len(policy.history_tiers) + 1))
    return Checked(policy.version, len(customers), quiz_count, history, tuple(check(policy, customers, at)))


def _customer(holder: Holder, shares: Shares, params: Params, draw: Random) -> Customer:
    since: dict[str, datetime | None] = {
        "e-mail": holder.email_since,
        "phone": holder.phone_since,
        "address": holder.address_since,
    }
    return Customer(
        {channel: known for channel, known in since.items() if known is not None},
        _best_bits(holder, shares, params, draw),
        holder.tier,
    )


def _best_bits(holder: Holder, shares: Shares, params: Params, draw: Random) -> float:
    """What somebody reaches who remembers everything, without order numbers."""
    chosen = draw.sample(holder.orders, min(MOST_FACTS, len(holder.orders)))
    facts = [Fact(order.placed_on, order.amount_yen, order.words) for order in chosen]
    recalled = score(facts, holder.orders, shares, params).bits
    if holder.eligible_count < FEWEST_ITEMS:
        return recalled
    recognised = quiz_scoring.score((place < FEWEST_ITEMS, place < FEWEST_ITEMS) for place in range(GRIDS * TILES))
    return max(recalled, recognised)


def render(checked: Checked) -> str:
    """The page."""
    return "\n".join(_lines(checked)) + "\n"


def _lines(checked: Checked) -> Iterator[str]:
    count = checked.accounts_count
    yield from ("# What the policy costs the customers of this directory", "")
    yield f"Policy {checked.policy_version}, {count:,} accounts. Everybody is taken to show all that is kept."
    recalled = ", ".join(f"tier {tier} {_share(n, count)}" for tier, n in enumerate(checked.history))
    yield f"Order history at its best: {recalled}. Enough items for the quiz: {_share(checked.quiz_count, count)}."
    yield ""
    yield f"Of those who had all that is kept: who reaches which level, who signs in again (`{SIGN_IN}`), who gets"
    yield "everything back, how long that takes in the middle, and what those lack who do not."
    yield ""
    yield "| kept | had it | level | in again | all back by | | wait | lacking |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for each in checked.outcomes:
        total = each.customers_count
        levels = ", ".join(f"{name} {_share(n, total)}" for name, n in sorted(each.levels.items()))
        wait = duration_text(each.wait) if each.wait is not None else ""
        yield (
            f"| {', '.join(each.kept) or 'nothing'} | {_share(total, count)} | {levels}"
            f" | {_share(each.in_again_count, total)} | `{each.action}` | {_share(each.all_back_count, total)}"
            f" | {wait} | {'; '.join(each.reasons)} |"
        )


def _share(found: int, of: int) -> str:
    return f"{found / of:.1%}" if of else "none"


def as_json(checked: Checked) -> dict[str, Any]:
    """Everything, as plain values."""
    return {
        "policy_version": checked.policy_version,
        "accounts_count": checked.accounts_count,
        "quiz_count": checked.quiz_count,
        "history_tier_counts": list(checked.history),
        "combinations": [
            {
                "kept": list(each.kept),
                "accounts_count": each.customers_count,
                "level_counts": dict(each.levels),
                "in_again_count": each.in_again_count,
                "action": each.action,
                "all_back_count": each.all_back_count,
                "wait_seconds": int(each.wait.total_seconds()) if each.wait is not None else None,
                "lacking": list(each.reasons),
            }
            for each in checked.outcomes
        ],
    }
