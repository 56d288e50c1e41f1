"""The table of moves, as people would say it."""

from itertools import product

import pytest

from support_desk.tickets.lifecycle import (
    ALLOWED,
    UNFINISHED,
    Mover,
    Status,
    after_agent_reply,
    after_claimant_message,
    may_move,
)

PAIRS = [(source, target) for source, target in product(Status, Status) if source is not target]


def test_nothing_leaves_closed():
    assert not any(may_move(Status.CLOSED, target, mover) for target, mover in product(Status, Mover))


def test_nothing_becomes_new_again():
    assert not any(may_move(source, Status.NEW, mover) for source, mover in product(Status, Mover))


def test_no_status_follows_itself():
    assert not any(may_move(status, status, mover) for status, mover in product(Status, Mover))


@pytest.mark.parametrize("source", sorted(UNFINISHED))
def test_an_agent_closes_only_what_was_solved(source):
    assert not may_move(source, Status.CLOSED, Mover.AGENT)
    assert may_move(source, Status.SOLVED, Mover.AGENT)
    assert may_move(Status.SOLVED, Status.CLOSED, Mover.AGENT)


@pytest.mark.parametrize("source", sorted(UNFINISHED | {Status.SOLVED}))
def test_a_claimant_can_always_withdraw_until_it_is_closed(source):
    assert may_move(source, Status.CLOSED, Mover.CLAIMANT)


@pytest.mark.parametrize("source", sorted(UNFINISHED))
def test_a_claimant_never_solves_and_never_puts_on_hold(source):
    assert not may_move(source, Status.SOLVED, Mover.CLAIMANT)
    assert not may_move(source, Status.ON_HOLD, Mover.CLAIMANT)
    assert not may_move(source, Status.PENDING, Mover.CLAIMANT)


def test_the_table_names_only_real_moves():
    assert set(ALLOWED) <= set(PAIRS)
    assert all(movers for movers in ALLOWED.values())


@pytest.mark.parametrize("status", list(Status))
def test_what_a_message_brings_about_is_always_allowed(status):
    for after, mover in (
        (after_claimant_message(status), Mover.CLAIMANT),
        (after_agent_reply(status), Mover.AGENT),
    ):
        assert after is status or may_move(status, after, mover)


def test_a_claimants_message_opens_what_waited_or_was_solved():
    opened = {status for status in Status if after_claimant_message(status) is Status.OPEN}
    assert opened == {Status.OPEN, Status.PENDING, Status.ON_HOLD, Status.SOLVED}
