"""Reads the single values of a policy file, collecting what is wrong with them."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from support_desk.verification.policy import Tier

LANGUAGES = ("ja", "en")
T = TypeVar("T")

_DURATION = re.compile(r"(\d{1,4}) (h|d)")


class PolicyError(ValueError):
    """A policy file that cannot be used; `problems` are lines of `place: reason`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the policy cannot be used:\n  " + "\n  ".join(problems))
        self.problems = problems


def parse_duration(text: str) -> timedelta:
    """`0`, `72 h` or `7 d`; ValueError for anything else."""
    if text == "0":
        return timedelta(0)
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no duration (write 0, 72 h or 7 d)")
    count = int(found[1])
    return timedelta(hours=count) if found[2] == "h" else timedelta(days=count)


class Values:
    """Reads values at named places; a wrong one is noted in `problems`, and something harmless returned."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def bad(self, place: str, reason: str) -> None:
        """Note a problem."""
        self.problems.append(f"{place or 'policy'}: {reason}")

    def keys(self, table: Mapping[str, Any], place: str, *known: str) -> None:
        """Refuse keys that are not known."""
        for key in table.keys() - set(known):
            self.bad(at(place, key), "is not known")

    def table(self, parent: Mapping[str, Any], key: str, place: str) -> Mapping[str, Any]:
        """A table."""
        value = parent.get(key)
        if isinstance(value, dict):
            return value
        self.bad(at(place, key), "a table is missing here")
        return {}

    def text(self, table: Mapping[str, Any], key: str, place: str) -> str:
        """A text that is not empty."""
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        self.bad(at(place, key), "a text is missing here")
        return ""

    def count(self, value: object, place: str, *, least: int = 0) -> int:
        """A whole number."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= least:
            return value
        self.bad(place, f"must be a whole number of at least {least}")
        return least

    def flag(self, table: Mapping[str, Any], key: str, place: str) -> bool:
        """True or false; false when absent."""
        value = table.get(key, False)
        if isinstance(value, bool):
            return value
        self.bad(at(place, key), "must be true or false")
        return False

    def duration(self, value: object, place: str) -> timedelta:
        """A duration."""
        try:
            return parse_duration(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            self.bad(place, str(error))
            return timedelta(0)

    def titles(self, table: Mapping[str, Any], place: str) -> dict[str, str]:
        """A text in each language."""
        return {language: self.text(table, language, place) for language in LANGUAGES}

    def per_tier(self, value: object, place: str, read: Callable[[Any, str], T]) -> dict[Tier, T]:
        """One value for all tiers, or one each."""
        values = value if isinstance(value, list) else [value] * len(Tier)
        if len(values) != len(Tier):
            self.bad(place, f"one value, or {len(Tier)}: one for each tier")
            return {}
        return {tier: read(each, f"{place}[{tier}]") for tier, each in zip(Tier, values, strict=True)}


def at(place: str, key: str) -> str:
    """The place of a key inside a place."""
    return f"{place}.{key}" if place else key
