"""Rules of the ledger, over many made-up histories, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_desk.accounts.ledger import (
    Line,
    Unbalanced,
    balanced,
    days_left,
    paid_until,
    replay,
    reversal,
    totals,
    transfer,
)
from support_desk.accounts.ledger_models import House, Unit

OWNERS = [UUID(int=number) for number in range(4)]
owners = st.sampled_from([*OWNERS, *House])
amounts = st.integers(-(10**9), 10**9)
lines = st.builds(Line, owners, st.sampled_from(Unit), amounts)


@st.composite
def closed_lines(draw: st.DrawFn) -> list[Line]:
    """Lines of any kind, closed so that each unit sums to zero."""
    drawn = draw(st.lists(lines, min_size=1, max_size=8))
    closing = [Line(House.OPENING, unit, -total) for unit, total in totals(drawn).items()]
    return drawn + closing


@given(closed_lines())
def test_what_is_accepted_sums_to_zero_and_names_each_owner_once(drawn: list[Line]):
    try:
        accepted = balanced(drawn)
    except Unbalanced:
        assert not any(replay(drawn).values())
        return
    assert not any(totals(accepted).values())
    assert all(line.amount for line in accepted)
    assert len({(line.owner, line.unit) for line in accepted}) == len(accepted)
    assert {key: amount for key, amount in replay(drawn).items() if amount} == replay(accepted)


@given(st.lists(lines, min_size=1, max_size=8))
def test_what_does_not_sum_to_zero_is_refused(drawn: list[Line]):
    if any(totals(drawn).values()):
        with pytest.raises(Unbalanced):
            balanced(drawn)


@given(st.lists(closed_lines(), max_size=6))
def test_replaying_any_journal_makes_nothing_out_of_nothing(journal: list[list[Line]]):
    posted = [line for one in journal if any(replay(one).values()) for line in balanced(one)]
    for unit in Unit:
        assert sum(amount for (_, of), amount in replay(posted).items() if of is unit) == 0


@given(closed_lines())
def test_a_reversal_undoes_every_line(drawn: list[Line]):
    if any(replay(drawn).values()):
        accepted = balanced(drawn)
        assert not any(replay([*accepted, *reversal(accepted)]).values())


@given(st.dictionaries(st.sampled_from(Unit), st.integers(0, 10**9)))
def test_a_transfer_changes_no_total(moved: dict[Unit, int]):
    drawn = transfer(OWNERS[0], OWNERS[1], moved)
    assert not any(totals(drawn).values())
    assert {line.unit: line.amount for line in drawn if line.owner == OWNERS[1]} == {
        unit: amount for unit, amount in moved.items() if amount
    }


@pytest.mark.parametrize("amount", [0.5, True, 2**60, "7"])
def test_only_whole_numbers_within_the_range_are_amounts(amount: object):
    with pytest.raises(Unbalanced):
        balanced([Line(OWNERS[0], Unit.JPY, amount), Line(House.OPENING, Unit.JPY, -5)])  # type: ignore[arg-type]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 4000), st.integers(-100, 5000))
def test_paid_days_run_out_without_a_posting(started_on: date, days: int, later: int):
    today = started_on + timedelta(days=later)
    assert days_left(started_on, days, on=today) == max(0, days - later) if days else True
    assert paid_until(started_on, days) == (started_on + timedelta(days=days) if days else None)
    assert days_left(None, days, on=today) == 0
