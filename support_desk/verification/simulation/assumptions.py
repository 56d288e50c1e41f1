"""What the simulation takes for granted, read from `assumptions.toml` and changed by `--set`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from importlib import resources
from typing import Any

OWNER = "owner"
CODES = ("end", "tel", "off", "letter", "id_mail")


class AssumptionError(ValueError):
    """An assumption that is not known or cannot be so."""


@dataclass(frozen=True)
class Actor:
    """One class of people who ask for an account: probabilities per person and year."""

    name: str
    names_account: float
    end: float
    tel: float
    off: float
    letter: float
    id_mail: float
    item: float
    day: float
    amount: float
    exact: bool
    correlation: float
    cancel: float
    attempts: int
    reserved_attempts: int

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type in (float, "float") and not 0 <= value <= 1:
                raise AssumptionError(f"{self.name}.{field.name} must lie between 0 and 1")
            if field.type in (int, "int") and value < 0:
                raise AssumptionError(f"{self.name}.{field.name} must not be negative")
        if self.correlation == 1:
            raise AssumptionError(f"{self.name}.correlation must be less than 1")


@dataclass(frozen=True)
class QuizHabits:
    """How tiles are ticked: by owners who err, by attackers who guess."""

    owner_false_tick: float
    popularity_leak: float
    tick_rates: tuple[float, ...]


@dataclass(frozen=True)
class Shop:
    """The customers that the synthetic population is drawn from; money in yen."""

    orders_median: float
    orders_spread: float
    items_count: int
    items_alike: int
    second_item_share: float
    amount_median_yen: float
    amount_spread: float
    gift_share: float
    gift_median_yen: float
    gift_spread: float
    points_per_yen: float
    refund_share: float
    payment_method_share: float
    in_flight_share: float
    prime_share: float


@dataclass(frozen=True)
class Assumptions:
    """All of them; `table` is what they were read from, changes included."""

    actors: tuple[Actor, ...]
    quiz: QuizHabits
    shop: Shop
    table: Mapping[str, Mapping[str, Any]]

    @property
    def owner(self) -> Actor:
        """The class everything is built for."""
        return self.actor(OWNER)

    @property
    def attackers(self) -> tuple[Actor, ...]:
        """Everybody but the owner."""
        return tuple(actor for actor in self.actors if actor.name != OWNER)

    def actor(self, name: str) -> Actor:
        """The class of this name; KeyError for an unknown one."""
        found = next((actor for actor in self.actors if actor.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


def packaged_assumptions(changes: Iterable[str] = ()) -> Assumptions:
    """The assumptions that come with the package, with changes like `breach.tel=0.02`; raises AssumptionError."""
    text = resources.files(__package__).joinpath("assumptions.toml").read_text("utf-8")
    table: dict[str, dict[str, Any]] = tomllib.loads(text)
    for change in changes:
        _change(table, change)
    actors = tuple(
        Actor(name=name, **values) for name, values in table.items() if name not in ("quiz", "population")
    )
    quiz = QuizHabits(**{**table["quiz"], "tick_rates": tuple(table["quiz"]["tick_rates"])})
    return Assumptions(actors, quiz, Shop(**table["population"]), table)


def _change(table: dict[str, dict[str, Any]], change: str) -> None:
    key, equals, text = change.partition("=")
    section, _, name = key.strip().partition(".")
    if not equals or name not in table.get(section, {}):
        known = ", ".join(f"{each}.…" for each in table)
        raise AssumptionError(f"{change!r}: write name.key=value with a key of assumptions.toml ({known})")
    try:
        value = tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        raise AssumptionError(f"{change!r}: {text!r} is no value") from None
    before = table[section][name]
    if isinstance(before, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(before):
        raise AssumptionError(f"{change!r}: must be like {before!r}")
    table[section][name] = value
