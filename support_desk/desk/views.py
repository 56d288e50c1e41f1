"""The views of the desk: which tickets each shows, and in which order a list can be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.core.paging import Key
from support_desk.tickets.lifecycle import UNFINISHED, Status
from support_desk.tickets.models import Issue, Ticket

Condition = sa.ColumnElement[bool]


class ViewName(StrEnum):
    """What an agent can look at."""

    ALL = "all"
    OPEN = "open"
    UNASSIGNED = "unassigned"
    MINE = "mine"
    PENDING = "pending"
    ON_HOLD = "on_hold"


_CONDITIONS: dict[ViewName, Callable[[UUID], list[Condition]]] = {
    ViewName.ALL: lambda me: [],
    ViewName.OPEN: lambda me: [Ticket.status.in_(UNFINISHED)],
    ViewName.UNASSIGNED: lambda me: [
        Ticket.assignee_id.is_(None),
        Ticket.status.in_((Status.NEW, Status.OPEN)),
        Ticket.over_budget.is_(False),
    ],
    ViewName.MINE: lambda me: [Ticket.assignee_id == me, Ticket.status.in_(UNFINISHED)],
    ViewName.PENDING: lambda me: [Ticket.status == Status.PENDING],
    ViewName.ON_HOLD: lambda me: [Ticket.status == Status.ON_HOLD],
}

_SORTABLE: dict[str, Any] = {
    "priority": Ticket.priority,
    "created_at": Ticket.created_at,
    "updated_at": Ticket.updated_at,
}
SORTS = tuple(sign + name for name in _SORTABLE for sign in ("", "-"))
DEFAULT_SORT = ("-created_at",)
#: The order of work: what is at stake first, then who waits longest.
WORK_SORT = ("-priority", "created_at")


def conditions(view: ViewName, me: UUID) -> list[Condition]:
    """What a ticket of this view fulfils, for this agent."""
    return _CONDITIONS[view](me)


def filters(
    *,
    me: UUID,
    status: list[Status] | None = None,
    issue: list[Issue] | None = None,
    assignee: str | None = None,
    updated_after: datetime | None = None,
) -> list[Condition]:
    """What the given filters demand; `assignee` is an agent, `me` or `none`."""
    found: list[Condition] = []
    if status:
        found.append(Ticket.status.in_(status))
    if issue:
        found.append(Ticket.issue.in_(issue))
    if assignee == "none":
        found.append(Ticket.assignee_id.is_(None))
    elif assignee is not None:
        found.append(Ticket.assignee_id == (me if assignee == "me" else UUID(assignee)))
    if updated_after is not None:
        found.append(Ticket.updated_at > updated_after)
    return found


def order(sort: tuple[str, ...]) -> list[Key]:
    """The keys of an order written as `-priority,created_at`; the id breaks ties in the last one's direction."""
    keys = [_key(name.removeprefix("-"), descending=name.startswith("-")) for name in sort]
    return [*keys, Key(Ticket.id, lambda row: row.id, descending=keys[-1].descending)]


def _key(name: str, *, descending: bool) -> Key:
    return Key(_SORTABLE[name], lambda row: getattr(row, name), descending=descending)
