"""Decides what a person may do: a pure function of evidence, policy, value tier and action.

The rules stand in `policy.toml`; this module knows their form and how they combine, not their content.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NO_LEVEL = "none"
NOTICE = "notice"
RESET = "reset"
OTHER_GROUP = "another group than the reset"


class Group(StrEnum):
    """Kinds of evidence that are lost or stolen together are one group."""

    END = "END"
    TEL = "TEL"
    OFF = "OFF"
    POST = "POST"
    MEM = "MEM"


class Tier(StrEnum):
    """Value at risk, from little (V0) to much (V3)."""

    V0 = "V0"
    V1 = "V1"
    V2 = "V2"
    V3 = "V3"


@dataclass(frozen=True)
class Evidence:
    """One thing the person has shown.

    `bits` counts for order history only; `channel_since`: since when the address of the code is registered.
    """

    group: Group
    kind: str
    passed_at: datetime
    bits: float = 0.0
    channel_since: datetime | None = None
    set_by_desk: bool = False


@dataclass(frozen=True)
class Context:
    """What is known of the case beside the evidence.

    `reset_at`: when the reset took effect, from where `basic + 72 h` waits. `notice_at`: when a notice of
    this case reached a registered channel. `reset_groups`: the groups that opened the reset.
    """

    reset_at: datetime | None = None
    notice_at: datetime | None = None
    channel_replaced: bool = False
    contested: bool = False
    reset_groups: frozenset[Group] = frozenset()


@dataclass(frozen=True)
class Requirement:
    """One part of a route: a group, a kind of it, or order history of a tier."""

    group: Group
    kind: str | None = None
    tier: int = 0

    def __str__(self) -> str:
        if self.kind:
            return f"{self.group}.{self.kind}"
        return f"{self.group}.{self.tier}" if self.tier else str(self.group)


@dataclass(frozen=True)
class Route:
    """Requirements that together reach a level, and the least hold of whoever comes this way."""

    needs: tuple[Requirement, ...]
    hold: timedelta = timedelta(0)


@dataclass(frozen=True)
class Level:
    """A name for what a person has proved; `rank` orders them."""

    name: str
    rank: int
    routes: tuple[Route, ...]
    hold: timedelta = timedelta(0)
    notice: bool = False


@dataclass(frozen=True)
class Alternative:
    """One way into a cell: a level, and a wait from the effect of the reset (None: no wait)."""

    level: str
    wait: timedelta | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of evidence: its group, and the channel whose age decides whether it weighs."""

    name: str
    group: Group
    titles: Mapping[str, str]
    channel: str | None = None
    channel_days: int | None = None


@dataclass(frozen=True)
class Row:
    """What one action asks at each tier."""

    action: str
    titles: Mapping[str, str]
    cells: Mapping[Tier, tuple[Alternative, ...]]
    holds: Mapping[Tier, timedelta]
    agents: Mapping[Tier, int]
    young_channels: bool = False
    other_than_reset: bool = False
    after_replacement: str | None = None
    limit_times: int | None = None
    limit_window: timedelta | None = None
    ends_after: timedelta | None = None


@dataclass(frozen=True)
class Contested:
    """The one rule of an account that two people claim."""

    level: str
    hold: timedelta
    agents: int


@dataclass(frozen=True)
class Policy:
    """The whole rule, as read from a policy file."""

    version: str
    history_tiers: tuple[float, ...]
    channel_age: timedelta
    channel_age_set_by_desk: timedelta
    groups: Mapping[Group, Mapping[str, str]]
    kinds: Mapping[str, Kind]
    levels: tuple[Level, ...]
    rows: Mapping[str, Row]
    contested: Contested

    def rank(self, level: str) -> int:
        """Position of a level, 0 for none."""
        return next((each.rank for each in self.levels if each.name == level), 0)

    def row(self, action: str, context: Context = Context()) -> Row:
        """The row an action falls under in this context; KeyError for an action the policy does not know."""
        row = self.rows[action]
        if context.channel_replaced and row.after_replacement:
            return self.rows[row.after_replacement]
        return row


@dataclass(frozen=True)
class Verdict:
    """Whether an action is allowed, and under which conditions.

    `hold_seconds` binds from authorisation; `not_before` is the earliest effect if authorised at the time
    asked. `needs` lists the smallest additions that would open a closed action; `sooner` those that would
    bring an open one forward. `groups` are the groups the decision rests on.
    """

    action: str
    allowed: bool
    level: str
    hold_seconds: int
    agents: int
    needs: tuple[str, ...]
    not_before: datetime | None
    policy_version: str
    groups: tuple[str, ...] = ()
    sooner: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Way:
    """One alternative by one route, measured against the evidence."""

    missing: frozenset[str]
    not_before: datetime
    hold: timedelta
    groups: tuple[str, ...]


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
    items = [item for item in evidence if weighs(policy, item)]
    reached = [
        level.name for level in policy.levels if any(not _missing(policy, route, items) for route in level.routes)
    ]
    return reached[-1] if reached else NO_LEVEL


def decide(
    policy: Policy, evidence: Iterable[Evidence], tier: Tier, action: str, context: Context, at: datetime
) -> Verdict:
    """The verdict on one action. More evidence never closes what was open, nor makes it later."""
    shown = [item for item in evidence if item.passed_at <= at]
    row = policy.row(action, context)
    items = [item for item in shown if _counts(policy, row, item, context)]
    ways = list(_ways(policy, items, row, tier, context, at))
    open_ways = [way for way in ways if not way.missing]
    agents = max(row.agents[tier], policy.contested.agents) if context.contested else row.agents[tier]
    level = level_of(policy, shown)
    if not open_ways:
        return Verdict(
            action, False, level, 0, agents, _smallest(way.missing for way in ways), None, policy.version
        )
    best = min(open_ways, key=lambda way: (way.not_before, way.hold, len(way.groups), way.groups))
    sooner = _smallest(way.missing for way in ways if way.missing and way.not_before < best.not_before)
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


def _counts(policy: Policy, row: Row, item: Evidence, context: Context) -> bool:
    if row.young_channels and not context.contested:
        kind = policy.kinds.get(item.kind)
        return kind is not None and kind.group is item.group
    return weighs(policy, item)


def _ways(
    policy: Policy, items: list[Evidence], row: Row, tier: Tier, context: Context, at: datetime
) -> Iterator[_Way]:
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
                    yield _way(policy, items, row, alternative, least, route, hold, context, at)


def _way(
    policy: Policy,
    items: list[Evidence],
    row: Row,
    alternative: Alternative,
    level: Level,
    route: Route,
    row_hold: timedelta,
    context: Context,
    at: datetime,
) -> _Way:
    """Measure one route; the conditions of the level asked for bind whoever comes in by a higher one too."""
    missing = _missing(policy, route, items)
    hold = max(row_hold, route.hold)
    not_before = at + hold
    if level.notice:
        if context.notice_at is None or context.notice_at > at:
            missing.add(NOTICE)
        not_before = max(not_before, (context.notice_at or at) + level.hold)
    elif level.hold:
        not_before = max(not_before, at + level.hold)
    hold = max(hold, level.hold)
    if alternative.wait is not None:
        if context.reset_at is None or context.reset_at > at:
            missing.add(RESET)
        not_before = max(not_before, (context.reset_at or at) + alternative.wait)
    groups = {requirement.group for requirement in route.needs}
    if row.other_than_reset and groups <= context.reset_groups:
        missing.add(OTHER_GROUP)
    return _Way(frozenset(missing), not_before, hold, tuple(sorted(groups)))


def _missing(policy: Policy, route: Route, items: Collection[Evidence]) -> set[str]:
    return {
        str(requirement)
        for requirement in route.needs
        if not any(_meets(policy, requirement, item) for item in items)
    }


def _meets(policy: Policy, requirement: Requirement, item: Evidence) -> bool:
    if item.group is not requirement.group:
        return False
    if requirement.kind is not None:
        return item.kind == requirement.kind
    return requirement.tier == 0 or history_tier(policy, item.bits) >= requirement.tier


def _smallest(sets: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """The least demanding of the sets, as text: `MEM.2 + TEL`; without what nobody can mend."""
    distinct = {each for each in sets if OTHER_GROUP not in each}
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
