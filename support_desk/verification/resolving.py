"""Which account a claim names: by at least two kinds of identifiers, strictly the most, or one person's newest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

KINDS_NEEDED = 2


class Outcome(StrEnum):
    """How a claim was resolved, or why not."""

    ONE = "one"  # one account matches more than any other
    SAME_PERSON = "same_person"  # several match as much, all of one person
    TIED = "tied"  # several match as much, of different people
    TOO_LITTLE = "too_little"  # no account matches two kinds


@dataclass(frozen=True)
class Holder:
    """Whose an account is, as opaque keys that are equal for equal name, kana or address."""

    account_id: UUID
    name_key: str | None
    kana_key: str | None
    address_keys: frozenset[str]
    newest_order_on: date | None


@dataclass(frozen=True)
class Resolution:
    """The account a claim names, others of the same person, and how it was found."""

    account_id: UUID | None
    linked: tuple[UUID, ...]
    outcome: Outcome


def leading(matches: Iterable[tuple[UUID, str]]) -> tuple[UUID, ...]:
    """The accounts that match the most kinds of identifiers, and two at least, from (account, kind) pairs."""
    kinds: defaultdict[UUID, set[str]] = defaultdict(set)
    for account_id, kind in matches:
        kinds[account_id].add(kind)
    most = max((len(found) for found in kinds.values()), default=0)
    if most < KINDS_NEEDED:
        return ()
    return tuple(sorted(account_id for account_id, found in kinds.items() if len(found) == most))


def resolve(leaders: Sequence[Holder]) -> Resolution:
    """The account among the leading ones.

    Several are one person's when name, kana and an address agree: the one with the newest order is taken.
    """
    if not leaders:
        return Resolution(None, (), Outcome.TOO_LITTLE)
    if len(leaders) == 1:
        return Resolution(leaders[0].account_id, (), Outcome.ONE)
    if not all(_one_person(leaders[0], other) for other in leaders[1:]):
        return Resolution(None, (), Outcome.TIED)
    newest = sorted(leaders, key=lambda holder: (holder.newest_order_on or date.min, holder.account_id))[-1]
    linked = tuple(holder.account_id for holder in leaders if holder is not newest)
    return Resolution(newest.account_id, linked, Outcome.SAME_PERSON)


def resolve_alone(account_ids: Iterable[UUID]) -> Resolution:
    """The account that the registered e-mail names on its own, where only that mailbox will be written to."""
    named = set(account_ids)
    if len(named) == 1:
        return Resolution(named.pop(), (), Outcome.ONE)
    return Resolution(None, (), Outcome.TIED if named else Outcome.TOO_LITTLE)


def _one_person(one: Holder, other: Holder) -> bool:
    return (
        one.name_key is not None
        and one.name_key == other.name_key
        and one.kana_key == other.kana_key
        and bool(one.address_keys & other.address_keys)
    )
