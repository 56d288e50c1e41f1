"""What the policy answers to every case of evidence: the real `decide`, for each action and tier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product

from support_desk.verification.deciding import decide
from support_desk.verification.policy import Context, Evidence, Group, Policy, Tier
from support_desk.verification.simulation.assumptions import CODES

# How each code of the assumptions is shown.
KINDS = {
    "end": "email_code",
    "tel": "sms_code",
    "off": "recovery_code",
    "letter": "letter_code",
    "id_mail": "id_mail",
}
HISTORY = "order_recall"
HISTORY_TIERS = 4
STATES = 2 ** len(CODES) * HISTORY_TIERS
_RESET = "set_password"
_REPLACEMENTS = ("replace_email", "replace_phone")
_AFTER_RESET = ("lift_spend", "lift_change", "two_step_off")
_AFTER_REPLACEMENT = "lift_replaced"
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_REGISTERED = timedelta(days=3650)


@dataclass(frozen=True)
class Way:
    """What it takes to get an action through: `wait` from the first step until all have taken effect."""

    wait: timedelta
    agents: int


Table = Mapping[tuple[str, Tier], tuple[Way | None, ...]]


def state_of(codes: Mapping[str, bool], history: int) -> int:
    """The number of a case of evidence."""
    return sum(2**place for place, code in enumerate(CODES) if codes[code]) * HISTORY_TIERS + history


def tabulate_ways(policy: Policy) -> Table:
    """For each action and tier, the way of every case of evidence; None where the policy lets nobody in."""
    cases: list[list[Evidence]] = [[] for _ in range(STATES)]
    for held in product((False, True), repeat=len(CODES)):
        codes = dict(zip(CODES, held, strict=True))
        for history in range(HISTORY_TIERS):
            cases[state_of(codes, history)] = evidence_of(policy, codes, history)
    return {
        (action, tier): tuple(way_of(policy, case, tier, action) for case in cases)
        for action in policy.rows
        for tier in Tier
    }


def evidence_of(policy: Policy, codes: Mapping[str, bool], history: int) -> list[Evidence]:
    """The case as evidence, from channels that have long been registered."""
    shown = [
        Evidence(policy.kinds[kind].group, kind, _AT, channel_since=_AT - _REGISTERED)
        for code, kind in KINDS.items()
        if codes[code]
    ]
    if history:
        shown.append(Evidence(Group.MEM, HISTORY, _AT, bits=policy.history_tiers[history - 1]))
    return shown


def way_of(policy: Policy, shown: list[Evidence], tier: Tier, action: str) -> Way | None:
    """The way to an action, with the reset or the replacement before it; a notice is always delivered."""
    context, agents = Context(notice_at=_AT), 0
    at = _AT
    if action in _AFTER_RESET:
        reset = decide(policy, shown, tier, _RESET, context, at)
        if reset.not_before is None:
            return None
        groups = frozenset(Group(group) for group in reset.groups)
        at = reset.not_before
        context = Context(notice_at=_AT, reset_at=at, reset_groups=groups)
    elif action == _AFTER_REPLACEMENT:
        ready = [
            (replaced.not_before, replaced.agents)
            for replaced in (decide(policy, shown, tier, each, context, at) for each in _REPLACEMENTS)
            if replaced.not_before is not None
        ]
        if not ready:
            return None
        at, agents = min(ready)
        context = Context(notice_at=_AT, reset_at=at, channel_replaced=True)
    found = decide(policy, shown, tier, action, context, at)
    if found.not_before is None:
        return None
    return Way(found.not_before - _AT, max(agents, found.agents))
