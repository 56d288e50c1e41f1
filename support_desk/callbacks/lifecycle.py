"""The states of a callback and the moves between them."""

from enum import StrEnum


class State(StrEnum):
    """Where a callback stands."""

    SCHEDULED = "scheduled"
    DUE = "due"
    OFFERED = "offered"  # leased to one agent who has not dialled yet
    DIALLING = "dialling"
    NEEDS_REVIEW = "needs_review"  # dialled, and nobody wrote how it ended: a person decides, no second ring
    RETRY_SCHEDULED = "retry_scheduled"
    DONE = "done"
    EXHAUSTED = "exhausted"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How an attempt ended."""

    CONNECTED = "connected"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    WRONG_PERSON = "wrong_person"
    FAILED = "failed"


WAITING = frozenset({State.SCHEDULED, State.RETRY_SCHEDULED})
ENDED = frozenset({State.DONE, State.EXHAUSTED, State.UNREACHABLE, State.CANCELLED})
ACTIVE = frozenset(State) - ENDED
CHANGEABLE = WAITING | {State.DUE}  # the customer may still move it: nobody has it in hand
RETRIED = frozenset({Outcome.NO_ANSWER, Outcome.BUSY, Outcome.FAILED})

MOVES: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.SCHEDULED, State.DUE, State.UNREACHABLE, State.CANCELLED}),
    State.RETRY_SCHEDULED: frozenset({State.SCHEDULED, State.DUE, State.UNREACHABLE, State.CANCELLED}),
    State.DUE: frozenset({State.SCHEDULED, State.OFFERED, State.UNREACHABLE, State.CANCELLED}),
    State.OFFERED: frozenset({State.DUE, State.DIALLING, State.UNREACHABLE, State.CANCELLED}),
    State.DIALLING: frozenset(
        {State.DONE, State.RETRY_SCHEDULED, State.EXHAUSTED, State.NEEDS_REVIEW, State.CANCELLED}
    ),
    State.NEEDS_REVIEW: frozenset({State.DONE, State.RETRY_SCHEDULED, State.EXHAUSTED, State.CANCELLED}),
    **{state: frozenset() for state in ENDED},
}


def may_move(state: State, to: State) -> bool:
    return to in MOVES[state]


def after(outcome: Outcome, *, may_retry: bool) -> State:
    """The state an outcome leads to; `may_retry`: the retry rule found another time.

    A wrong person is not rung again: the number is not the customer's.
    """
    if outcome is Outcome.CONNECTED:
        return State.DONE
    if outcome in RETRIED and may_retry:
        return State.RETRY_SCHEDULED
    return State.EXHAUSTED


def shown_to_claimant(state: State) -> str:
    """The state in the claimant's words.

    Whether an agent holds the callback is the desk's matter, and a number on file that does not exist ends
    with the same word as one that nobody answered.
    """
    if state in {State.OFFERED, State.DIALLING, State.NEEDS_REVIEW}:
        return State.DUE.value
    if state is State.EXHAUSTED:
        return State.UNREACHABLE.value
    return state.value
