"""Reads a policy file and refuses a wrong one with the place and the reason."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

from support_desk.config import Settings, SettingsError
from support_desk.core import settings
from support_desk.verification.policy import (
    NO_LEVEL,
    Alternative,
    Contested,
    Group,
    Kind,
    Level,
    Policy,
    Requirement,
    Route,
    Row,
)
from support_desk.verification.policy_values import LANGUAGES, PolicyError, Values, parse_duration

ACTIONS = (
    "freeze",
    "send_reset_link",
    "set_password",
    "see_amounts",
    "lift_spend",
    "lift_change",
    "lift_replaced",
    "replace_email",
    "replace_phone",
    "replace_channels",
    "two_step_off",
    "relink_prime",
    "carry_over",
)
CHANNELS = ("email", "phone", "address")


def policy_in_force() -> Policy:
    """The policy of the running application."""
    return policy_of(settings.current())


def policy_of(chosen: Settings) -> Policy:
    """The policy that settings name, or the one in the package; raises PolicyError, OSError."""
    return load_policy(Path(chosen.policy_file) if chosen.policy_file else None)


def check_policy(chosen: Settings) -> None:
    """Refuse to start with a policy that cannot be used; raises SettingsError."""
    try:
        policy_of(chosen)
    except (PolicyError, OSError) as error:
        raise SettingsError(f"SUPPORT_DESK_POLICY_FILE: {error}") from None


@lru_cache(maxsize=8)
def load_policy(path: Path | None = None) -> Policy:
    """Read the policy from a file, or the one in the package; raises PolicyError, OSError."""
    if path is None:
        text = files("support_desk.verification").joinpath("policy.toml").read_text(encoding="utf-8")
    else:
        text = path.read_text(encoding="utf-8")
    return parse_policy(text)


def parse_policy(text: str) -> Policy:
    """Build a policy from its TOML text; raises PolicyError with every problem found."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([f"not TOML: {error}"]) from None
    return _Reader().policy(document)


def parse_cell(text: str) -> tuple[Alternative, ...]:
    """`strong, or basic + 72 h` → its alternatives; level names are not looked up here."""
    alternatives = []
    for part in text.split(", or "):
        level, plus, wait = part.partition(" + ")
        alternatives.append(Alternative(level.strip(), parse_duration(wait) if plus else None))
    return tuple(alternatives)


class _Reader(Values):
    """Walks the document and collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[str, Kind] = {}
        self.level_names: list[str] = []

    def policy(self, document: Mapping[str, Any]) -> Policy:
        self.keys(
            document,
            "",
            "version",
            "order_history",
            "channel_age",
            "groups",
            "kinds",
            "levels",
            "contested",
            "actions",
        )
        version = self.text(document, "version", "")
        history = self.history(self.table(document, "order_history", ""))
        age, desk_age = self.ages(self.table(document, "channel_age", ""))
        groups = self.groups(self.table(document, "groups", ""))
        self.kinds = self.read_kinds(self.table(document, "kinds", ""))
        levels = self.levels(document.get("levels"))
        self.level_names = [level.name for level in levels]
        contested = self.contested(self.table(document, "contested", ""))
        rows = self.rows(self.table(document, "actions", ""))
        if self.problems:
            raise PolicyError(self.problems)
        return Policy(version, history, age, desk_age, groups, self.kinds, levels, rows, contested)

    def history(self, table: Mapping[str, Any]) -> tuple[float, ...]:
        names = ("tier_1", "tier_2", "tier_3")
        self.keys(table, "order_history", *names)
        bits: list[float] = []
        for name in names:
            value = table.get(name)
            if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 14:
                bits.append(float(value))
            else:
                self.bad(f"order_history.{name}", "must be a number of bits above 0 and up to 14")
        if any(low >= high for low, high in pairwise(bits)):
            self.bad("order_history", "tiers must rise")
        return tuple(bits)

    def ages(self, table: Mapping[str, Any]) -> tuple[timedelta, timedelta]:
        self.keys(table, "channel_age", "days", "set_by_desk_days")
        days = self.count(table.get("days"), "channel_age.days", least=1)
        desk_days = self.count(table.get("set_by_desk_days"), "channel_age.set_by_desk_days", least=1)
        if desk_days < days:
            self.bad("channel_age.set_by_desk_days", "must not be below days")
        return timedelta(days=days), timedelta(days=desk_days)

    def groups(self, table: Mapping[str, Any]) -> dict[Group, Mapping[str, str]]:
        self.keys(table, "groups", *Group)
        return {group: self.titles(self.table(table, group, "groups"), f"groups.{group}") for group in Group}

    def read_kinds(self, table: Mapping[str, Any]) -> dict[str, Kind]:
        kinds = {}
        for name, values in table.items():
            place = f"kinds.{name}"
            if not isinstance(values, dict):
                self.bad(place, "a table is missing here")
                continue
            self.keys(values, place, "group", "channel", "channel_days", *LANGUAGES)
            channel = values.get("channel")
            if channel is not None and channel not in CHANNELS:
                self.bad(f"{place}.channel", f"must be one of {', '.join(CHANNELS)}")
            days = values.get("channel_days")
            if values.get("group") not in list(Group):
                self.bad(f"{place}.group", f"must be one of {', '.join(Group)}")
                continue
            kinds[name] = Kind(
                name,
                Group(values["group"]),
                self.titles(values, place),
                channel,
                None if days is None else self.count(days, f"{place}.channel_days", least=1),
            )
        return kinds

    def levels(self, value: object) -> tuple[Level, ...]:
        levels: list[Level] = []
        for rank, table in enumerate(value if isinstance(value, list) else [], start=1):
            place = f"levels[{rank - 1}]"
            self.keys(table, place, "name", "routes", "hold", "notice")
            name = self.text(table, "name", place)
            if name == NO_LEVEL or name in [level.name for level in levels]:
                self.bad(f"{place}.name", f"{name!r} is taken")
            routes = table.get("routes")
            if not isinstance(routes, list) or not routes:
                self.bad(f"{place}.routes", "at least one route is needed")
                routes = []
            levels.append(
                Level(
                    name,
                    rank,
                    tuple(self.route(route, f"{place}.routes[{index}]") for index, route in enumerate(routes)),
                    self.duration(table.get("hold", "0"), f"{place}.hold"),
                    self.flag(table, "notice", place),
                )
            )
        if not levels:
            self.bad("levels", "at least one level is needed")
        return tuple(levels)

    def route(self, value: object, place: str) -> Route:
        if not isinstance(value, dict):
            self.bad(place, "a table is missing here")
            return Route(())
        self.keys(value, place, "needs", "hold")
        needs = [self.requirement(part, place) for part in self.text(value, "needs", place).split(" + ")]
        found = tuple(part for part in needs if part is not None)
        groups = [part.group for part in found]
        if len(set(groups)) < len(groups):
            self.bad(f"{place}.needs", "two items of one group are one")
        if {Group.END, Group.MEM} <= set(groups):
            self.bad(f"{place}.needs", "MEM never counts together with END")
        return Route(found, self.duration(value.get("hold", "0"), f"{place}.hold"))

    def requirement(self, text: str, place: str) -> Requirement | None:
        name, _, qualifier = text.strip().partition(".")
        if name not in list(Group):
            self.bad(f"{place}.needs", f"{text!r} names no group")
            return None
        group = Group(name)
        if group is Group.MEM:
            if qualifier not in ("1", "2", "3"):
                self.bad(f"{place}.needs", f"{text!r}: order history is MEM.1, MEM.2 or MEM.3")
                return None
            return Requirement(group, tier=int(qualifier))
        if not qualifier:
            return Requirement(group)
        if qualifier not in self.kinds or self.kinds[qualifier].group is not group:
            self.bad(f"{place}.needs", f"{text!r} names no kind of {group}")
        return Requirement(group, kind=qualifier)

    def contested(self, table: Mapping[str, Any]) -> Contested:
        self.keys(table, "contested", "needs", "hold", "agents")
        level = self.text(table, "needs", "contested")
        if level not in self.level_names:
            self.bad("contested.needs", f"{level!r} is no level")
        return Contested(
            level,
            self.duration(table.get("hold"), "contested.hold"),
            self.count(table.get("agents"), "contested.agents"),
        )

    def rows(self, table: Mapping[str, Any]) -> dict[str, Row]:
        self.keys(table, "actions", *ACTIONS)
        return {action: self.row(action, self.table(table, action, "actions")) for action in ACTIONS}

    def row(self, action: str, table: Mapping[str, Any]) -> Row:
        place = f"actions.{action}"
        if not table:
            return Row(action, {}, {}, {}, {})
        self.keys(
            table,
            place,
            *("needs", "hold", "agents", "young_channels", "other_than_reset", "after_replacement"),
            *("limit", "ends_after", *LANGUAGES),
        )
        after = table.get("after_replacement")
        if after is not None and after not in ACTIONS:
            self.bad(f"{place}.after_replacement", f"{after!r} is no action")
        times, window = None, None
        if "limit" in table:
            limit = self.table(table, "limit", place)
            self.keys(limit, f"{place}.limit", "times", "days")
            times = self.count(limit.get("times"), f"{place}.limit.times", least=1)
            window = timedelta(days=self.count(limit.get("days"), f"{place}.limit.days", least=1))
        return Row(
            action,
            self.titles(table, place),
            self.per_tier(table.get("needs"), f"{place}.needs", self.cell),
            self.per_tier(table.get("hold"), f"{place}.hold", self.duration),
            self.per_tier(table.get("agents"), f"{place}.agents", self.count),
            self.flag(table, "young_channels", place),
            self.flag(table, "other_than_reset", place),
            after,
            times,
            window,
            self.duration(table["ends_after"], f"{place}.ends_after") if "ends_after" in table else None,
        )

    def cell(self, value: object, place: str) -> tuple[Alternative, ...]:
        try:
            alternatives = parse_cell(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.bad(place, str(error))
            return ()
        for alternative in alternatives:
            if alternative.level not in (NO_LEVEL, *self.level_names):
                self.bad(place, f"{alternative.level!r} is no level")
        return alternatives
