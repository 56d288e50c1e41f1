"""Decides what a person may do: a pure function of evidence, policy, value tier and action.

The rules stand in `policy.toml`; this module knows how they combine, not their content.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from support_desk.verification.policy import (
    NO_LEVEL,
    NOTICE,
    OTHER_GROUP,
    RESET,
    Alternative,
    Context,
    Evidence,
    Group,
    Level,
    Policy,
    Requirement,
    Route,
    Row,
    Tier,
    Verdict,
)


@dataclass(frozen=True)
class _Shown:
    """What the evidence amounts to: groups, kinds, and the best order history."""

    groups: frozenset[Group]
    kinds: frozenset[str]
    history: int

    @classmethod
    def of(cls, policy: Policy, items: Collection[Evidence]) -> "_Shown":
        bits = [item.bits for item in items if item.group is Group.MEM]
        return cls(
            frozenset(item.group for item in items),
            frozenset(item.kind for item in items),
            history_tier(policy, max(bits)) if bits else 0,
        )

    def missing(self, route: Route) -> list[str]:
        return [need.text for need in route.needs if not self._has(need)]

    def _has(self, need: Requirement) -> bool:
        if need.kind is not None:
            return need.kind in self.kinds
        return need.group in self.groups and self.history >= need.tier


@dataclass(frozen=True)
class _Way:
    """One alternative by one route, measured against the evidence."""

    missing: frozenset[str]
    not_before: datetime
    hold: timedelta
    groups: tuple[Group, ...]


def history_tier(policy: Policy, bits: float) -> int:
    """Tier 0 to 3 that a score of order history reaches."""
    return sum(1 for threshold in policy.history_tiers if bits >= threshold)


def weighs(policy: Policy, item: Evidence) -> bool:
    """Whether the channel behind an item had been registered for long enough when the item was passed."""
    kind = policy.kinds.get(item.kind)
    if kind is None or kind.group is not item.group:
        return False
    if kind.channel is None:
        return True
    if item.channel_since is None:
        return False
    least = policy.channel_age_set_by_desk if item.set_by_desk else policy.channel_age
    if kind.channel_days is not None:
        least = max(least, timedelta(days=kind.channel_days))
    return item.passed_at - item.channel_since >= least


def level_of(policy: Policy, evidence: Iterable[Evidence]) -> str:
    """The highest level the evidence reaches, `none` below the lowest; young channels weigh nothing."""
    return _level(policy, _Shown.of(policy, [item for item in evidence if weighs(policy, item)]))


def _level(policy: Policy, shown: _Shown) -> str:
    for level in reversed(policy.levels):
        if any(not shown.missing(route) for route in level.routes):
            return level.name
    return NO_LEVEL


def decide(
    policy: Policy, evidence: Iterable[Evidence], tier: Tier, action: str, context: Context, at: datetime
) -> Verdict:
    """The verdict on one action. More evidence never closes what was open, nor makes it later."""
    passed = [item for item in evidence if item.passed_at <= at]
    row = policy.row(action, context)
    weighty = _Shown.of(policy, [item for item in passed if weighs(policy, item)])
    shown = weighty
    if row.young_channels and not context.contested:
        shown = _Shown.of(policy, [item for item in passed if _is_known(policy, item)])
    ways = list(_ways(policy, shown, row, tier, context, at))
    open_ways = [way for way in ways if not way.missing]
    agents = max(row.agents[tier], policy.contested.agents) if context.contested else row.agents[tier]
    level = _level(policy, weighty)
    if not open_ways:
        needs = _smallest(way.missing for way in ways)
        return Verdict(action, False, level, 0, agents, needs, None, policy.version)
    best = min(open_ways, key=lambda way: (way.not_before, way.hold, len(way.groups), way.groups))
    sooner = _smallest(way.missing for way in ways if way.not_before < best.not_before)
    return Verdict(
        action,
        True,
        level,
        int(best.hold.total_seconds()),
        agents,
        (),
        best.not_before,
        policy.version,
        best.groups,
        sooner,
    )


def _is_known(policy: Policy, item: Evidence) -> bool:
    kind = policy.kinds.get(item.kind)
    return kind is not None and kind.group is item.group


def _ways(policy: Policy, shown: _Shown, row: Row, tier: Tier, context: Context, at: datetime) -> Iterator[_Way]:
    cell: tuple[Alternative, ...] = row.cells[tier]
    hold = row.holds[tier]
    if context.contested:
        cell = (Alternative(policy.contested.level),)
        hold = max(hold, policy.contested.hold)
    for alternative in cell:
        if alternative.level == NO_LEVEL:
            yield _Way(frozenset(), at + hold, hold, ())
            continue
        least = next(level for level in policy.levels if level.name == alternative.level)
        for level in policy.levels:
            if level.rank >= least.rank:
                for route in level.routes:
                    yield _way(shown, row, alternative, least, route, hold, context, at)


def _way(
    shown: _Shown,
    row: Row,
    alternative: Alternative,
    level: Level,
    route: Route,
    row_hold: timedelta,
    context: Context,
    at: datetime,
) -> _Way:
    """Measure one route; the conditions of the level asked for bind whoever comes in by a higher one too."""
    missing = shown.missing(route)
    hold = max(row_hold, route.hold)
    not_before = at + hold
    if level.notice:
        if context.notice_at is None or context.notice_at > at:
            missing.append(NOTICE)
        not_before = max(not_before, (context.notice_at or at) + level.hold)
    elif level.hold:
        not_before = max(not_before, at + level.hold)
    hold = max(hold, level.hold)
    if alternative.wait is not None:
        if context.reset_at is None or context.reset_at > at:
            missing.append(RESET)
        not_before = max(not_before, (context.reset_at or at) + alternative.wait)
    if row.other_than_reset and context.reset_groups.issuperset(route.groups):
        missing.append(OTHER_GROUP)
    return _Way(frozenset(missing), not_before, hold, route.groups)


def _smallest(sets: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """The least demanding of the sets, as text: `MEM.2 + TEL`; without what nobody can mend."""
    return _least(frozenset(each for each in sets if OTHER_GROUP not in each))


@lru_cache(maxsize=4096)
def _least(distinct: frozenset[frozenset[str]]) -> tuple[str, ...]:
    least = [each for each in distinct if not any(_asks_less(other, each) for other in distinct if other != each)]
    return tuple(" + ".join(sorted(each)) for each in sorted(least, key=lambda each: (len(each), sorted(each))))


def _asks_less(less: frozenset[str], more: frozenset[str]) -> bool:
    return all(any(_implies(given, asked) for given in more) for asked in less)


def _implies(given: str, asked: str) -> bool:
    """Order history of tier 3 is also of tier 2, a letter code is also post."""
    if given == asked:
        return True
    group, _, qualifier = given.partition(".")
    if group == Group.MEM:
        return asked.startswith(f"{Group.MEM}.") and asked.partition(".")[2] <= qualifier
    return bool(qualifier) and asked == group
