"""A claim names an account by two kinds at least, strictly the most, or one person's newest."""

from datetime import date
from uuid import UUID

import pytest

from support_desk.verification.resolving import Holder, Outcome, leading, resolve, resolve_alone

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def a_holder(
    account_id: UUID,
    *,
    name: str | None = "name",
    kana: str | None = "kana",
    addresses: tuple[str, ...] = ("here",),
    newest: date | None = None,
) -> Holder:
    return Holder(account_id, name, kana, frozenset(addresses), newest)


@pytest.mark.parametrize(
    ("matches", "leaders"),
    [
        ([], ()),
        ([(A, "email")], ()),
        ([(A, "name"), (A, "name")], ()),
        ([(A, "email"), (B, "phone")], ()),
        ([(A, "email"), (A, "phone")], (A,)),
        ([(A, "email"), (A, "phone"), (B, "name"), (B, "postal_code"), (B, "phone")], (B,)),
        ([(B, "email"), (B, "phone"), (A, "name"), (A, "postal_code")], (A, B)),
        ([(A, "email"), (A, "phone"), (B, "name")], (A,)),
    ],
)
def test_the_most_kinds_lead_and_two_at_least(matches: list[tuple[UUID, str]], leaders: tuple[UUID, ...]) -> None:
    assert leading(matches) == leaders


def test_the_only_leader_is_taken() -> None:
    assert resolve([a_holder(A)]).account_id == A
    assert resolve([]).outcome is Outcome.TOO_LITTLE


def test_of_one_persons_accounts_the_newest_order_is_taken_and_the_others_linked() -> None:
    found = resolve(
        [
            a_holder(A, newest=date(2026, 1, 1), addresses=("here", "there")),
            a_holder(B, newest=date(2026, 5, 1), addresses=("there", "elsewhere")),
            a_holder(C, newest=None, addresses=("here",)),
        ]
    )
    assert (found.account_id, found.linked, found.outcome) == (B, (A, C), Outcome.SAME_PERSON)


@pytest.mark.parametrize(
    "other",
    [
        a_holder(B, name="another"),
        a_holder(B, kana="another"),
        a_holder(B, addresses=("elsewhere",)),
        a_holder(B, addresses=()),
    ],
)
def test_a_tie_of_different_people_stays_unresolved(other: Holder) -> None:
    found = resolve([a_holder(A), other])
    assert (found.account_id, found.linked, found.outcome) == (None, (), Outcome.TIED)


def test_two_unnamed_accounts_are_not_one_person() -> None:
    assert resolve([a_holder(A, name=None, kana=None), a_holder(B, name=None, kana=None)]).account_id is None


def test_an_identifier_that_is_enough_alone_must_name_one_account() -> None:
    assert resolve_alone([A, A]).account_id == A
    assert resolve_alone([A, B]).outcome is Outcome.TIED
    assert resolve_alone([]).outcome is Outcome.TOO_LITTLE
