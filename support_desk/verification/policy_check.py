"""What the policy costs honest customers: who gets how far with what he has left."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from support_desk.verification.deciding import decide, history_tier, level_of
from support_desk.verification.policy import Context, Evidence, Group, Policy, Tier

KEEPABLE = ("e-mail", "phone", "order history", "address")
_CODES = {"e-mail": ("email_code",), "phone": ("sms_code",), "address": ("letter_code", "id_mail")}
SIGN_IN = "set_password"


@dataclass(frozen=True)
class Customer:
    """What an account has: `since` per channel of KEEPABLE, the best score of its history, what it is worth."""

    since: Mapping[str, datetime]
    history_bits: float
    tier: Tier


@dataclass(frozen=True)
class Outcome:
    """How customers fare who have kept these and lost the rest of KEEPABLE.

    `levels`: how many reach which level. `action`: what gets everything back. `in_again` and `all_back`: how many
    have a route. `wait`: the middle of how long all takes. `reasons`: what those would need who have no route.
    """

    kept: tuple[str, ...]
    customers_count: int
    levels: Mapping[str, int]
    in_again_count: int
    action: str
    all_back_count: int
    wait: timedelta | None
    reasons: tuple[str, ...]


def action_for(kept: Sequence[str]) -> str:
    """What somebody needs who has kept these."""
    if "e-mail" in kept:
        return "lift_spend"
    return "replace_email" if "phone" in kept else "replace_channels"


def check(policy: Policy, customers: Iterable[Customer], at: datetime) -> list[Outcome]:
    """Every combination of kept and lost, for the customers who had all that is kept."""
    alike = Counter(_signature(policy, customer, at) for customer in customers)
    return [_outcome(policy, kept, alike, at) for kept in _combinations()]


_Signature = tuple[tuple[tuple[str, datetime], ...], int, Tier]


def _signature(policy: Policy, customer: Customer, at: datetime) -> _Signature:
    """Customers with the same one fare alike: ages in days count up to the oldest a rule asks for."""
    oldest = at - max(
        policy.channel_age,
        policy.channel_age_set_by_desk,
        *(timedelta(days=kind.channel_days or 0) for kind in policy.kinds.values()),
    )
    since = tuple((channel, max(since, oldest)) for channel, since in sorted(customer.since.items()))
    return since, history_tier(policy, customer.history_bits), customer.tier


def _combinations() -> Iterator[tuple[str, ...]]:
    for count in reversed(range(len(KEEPABLE) + 1)):
        yield from combinations(KEEPABLE, count)


def _outcome(policy: Policy, kept: tuple[str, ...], alike: Mapping[_Signature, int], at: datetime) -> Outcome:
    levels: Counter[str] = Counter()
    waits: list[tuple[timedelta, int]] = []
    reasons: Counter[str] = Counter()
    in_again = total = 0
    action = action_for(kept)
    for signature, count in alike.items():
        shown = _shown(policy, kept, signature, at)
        if shown is None:
            continue
        total += count
        levels[level_of(policy, shown)] += count
        tier = signature[2]
        signed_in = decide(policy, shown, tier, SIGN_IN, Context(notice_at=at), at)
        in_again += count if signed_in.allowed else 0
        wait, needs = _wait(policy, shown, tier, action, signed_in.not_before, at)
        if wait is None:
            reasons[" or ".join(needs)] += count
        else:
            waits.append((wait, count))
    back = sum(count for _, count in waits)
    why = tuple(reason for reason, _ in reasons.most_common())
    return Outcome(kept, total, levels, in_again, action, back, _middle(waits), why)


def _wait(
    policy: Policy, shown: list[Evidence], tier: Tier, action: str, reset_at: datetime | None, at: datetime
) -> tuple[timedelta | None, tuple[str, ...]]:
    """How long until everything is back, else what is missing."""
    then = at
    context = Context(notice_at=at)
    if action == "lift_spend" and reset_at is not None:
        then = reset_at
        context = Context(notice_at=at, reset_at=reset_at)
    found = decide(policy, shown, tier, action, context, then)
    return (found.not_before - at if found.not_before else None), found.needs


def _shown(policy: Policy, kept: Sequence[str], signature: _Signature, at: datetime) -> list[Evidence] | None:
    """The most that these show; None where the account never had all of them."""
    since, history, _ = signature
    had = dict(since)
    shown = []
    for thing in kept:
        if thing == "order history":
            if not history:
                return None
            shown.append(Evidence(Group.MEM, "order_recall", at, bits=policy.history_tiers[history - 1]))
        elif thing not in had:
            return None
        else:
            shown += [
                Evidence(policy.kinds[kind].group, kind, at, channel_since=had[thing]) for kind in _CODES[thing]
            ]
    return shown


def _middle(waits: list[tuple[timedelta, int]]) -> timedelta | None:
    half = sum(count for _, count in waits) / 2
    for wait, count in sorted(waits):
        half -= count
        if half <= 0:
            return wait
    return None
