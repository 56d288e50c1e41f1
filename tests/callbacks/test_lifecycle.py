"""The states of a callback."""

import pytest

from support_desk.callbacks.lifecycle import (
    ACTIVE,
    CHANGEABLE,
    ENDED,
    MOVES,
    Outcome,
    State,
    after,
    may_move,
    shown_to_claimant,
)


def test_every_state_has_its_moves_and_an_ended_one_has_none():
    assert set(MOVES) == set(State)
    assert all(not MOVES[state] for state in ENDED)
    assert all(State.CANCELLED in MOVES[state] for state in ACTIVE)


def test_every_active_state_can_end_and_is_reached_from_the_booking():
    reached, todo = set(), [State.SCHEDULED]
    while todo:
        state = todo.pop()
        if state not in reached:
            reached.add(state)
            todo += MOVES[state]
    assert reached == set(State)


def test_only_an_agents_lease_leads_to_dialling():
    assert [state for state in State if may_move(state, State.DIALLING)] == [State.OFFERED]
    assert [state for state in State if may_move(state, State.OFFERED)] == [State.DUE]
    assert all(may_move(state, State.SCHEDULED) for state in CHANGEABLE)
    assert not may_move(State.NEEDS_REVIEW, State.DUE)


@pytest.mark.parametrize(
    ("outcome", "may_retry", "state"),
    [
        (Outcome.CONNECTED, True, State.DONE),
        (Outcome.CONNECTED, False, State.DONE),
        (Outcome.NO_ANSWER, True, State.RETRY_SCHEDULED),
        (Outcome.NO_ANSWER, False, State.EXHAUSTED),
        (Outcome.BUSY, True, State.RETRY_SCHEDULED),
        (Outcome.FAILED, True, State.RETRY_SCHEDULED),
        (Outcome.FAILED, False, State.EXHAUSTED),
        (Outcome.WRONG_PERSON, True, State.EXHAUSTED),
    ],
)
def test_an_outcome_leads_to_one_state(outcome, may_retry, state):
    assert after(outcome, may_retry=may_retry) is state


def test_the_claimant_cannot_tell_a_missing_number_from_an_unanswered_one():
    assert shown_to_claimant(State.EXHAUSTED) == shown_to_claimant(State.UNREACHABLE)
    assert {shown_to_claimant(state) for state in (State.DUE, State.OFFERED, State.DIALLING)} == {"due"}
