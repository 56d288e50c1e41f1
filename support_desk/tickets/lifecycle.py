"""Which status of a ticket may follow which, and by whose hand."""

from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on_hold"
    SOLVED = "solved"
    CLOSED = "closed"


class Mover(StrEnum):
    """Who moves a ticket: the claimant, an agent, or the desk itself."""

    CLAIMANT = "claimant"
    AGENT = "agent"
    DESK = "desk"


_EVERYBODY = frozenset(Mover)
_STAFF = frozenset({Mover.AGENT, Mover.DESK})
_NOT_AGENTS = frozenset({Mover.CLAIMANT, Mover.DESK})

# An agent closes only what was solved: solving is where a restoration that is not whole says no.
ALLOWED: dict[tuple[Status, Status], frozenset[Mover]] = {
    (Status.NEW, Status.OPEN): _STAFF,
    (Status.NEW, Status.PENDING): _STAFF,
    (Status.NEW, Status.ON_HOLD): _STAFF,
    (Status.NEW, Status.SOLVED): _STAFF,
    (Status.NEW, Status.CLOSED): _NOT_AGENTS,
    (Status.OPEN, Status.PENDING): _STAFF,
    (Status.OPEN, Status.ON_HOLD): _STAFF,
    (Status.OPEN, Status.SOLVED): _STAFF,
    (Status.OPEN, Status.CLOSED): _NOT_AGENTS,
    (Status.PENDING, Status.OPEN): _EVERYBODY,
    (Status.PENDING, Status.ON_HOLD): _STAFF,
    (Status.PENDING, Status.SOLVED): _STAFF,
    (Status.PENDING, Status.CLOSED): _NOT_AGENTS,
    (Status.ON_HOLD, Status.OPEN): _EVERYBODY,
    (Status.ON_HOLD, Status.PENDING): _STAFF,
    (Status.ON_HOLD, Status.SOLVED): _STAFF,
    (Status.ON_HOLD, Status.CLOSED): _NOT_AGENTS,
    (Status.SOLVED, Status.OPEN): _EVERYBODY,
    (Status.SOLVED, Status.CLOSED): _EVERYBODY,
}

UNFINISHED = frozenset({Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD})
_WAITING = frozenset({Status.PENDING, Status.ON_HOLD, Status.SOLVED})


def may_move(source: Status, target: Status, mover: Mover) -> bool:
    """Whether this mover may take a ticket from one status to another."""
    return mover in ALLOWED.get((source, target), frozenset())


def after_claimant_message(status: Status) -> Status:
    """The status once the claimant has written: what waited or was solved is open again."""
    return Status.OPEN if status in _WAITING else status


def after_agent_reply(status: Status) -> Status:
    """The status once an agent has answered in public: a new ticket has been opened by that."""
    return Status.OPEN if status is Status.NEW else status
