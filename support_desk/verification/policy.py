"""The form of a policy, and of what is put to it. The rules themselves stand in `policy.toml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

NO_LEVEL = "none"
# What a verdict may need beside evidence.
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
        return self.text

    @cached_property
    def text(self) -> str:
        """As it stands in the policy file."""
        if self.kind:
            return f"{self.group}.{self.kind}"
        return f"{self.group}.{self.tier}" if self.tier else str(self.group)


@dataclass(frozen=True)
class Route:
    """Requirements that together reach a level, and the least hold of whoever comes this way."""

    needs: tuple[Requirement, ...]
    hold: timedelta = timedelta(0)

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """The groups it rests on, in order."""
        return tuple(sorted(need.group for need in self.needs))


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
