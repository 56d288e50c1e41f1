"""Lists of tickets as agents see them, and how many each view holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.callbacks.lifecycle import State
from support_desk.callbacks.models import Callback
from support_desk.core.db import db
from support_desk.core.paging import page
from support_desk.desk import views
from support_desk.desk.views import ViewName
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Issue, Ticket
from support_desk.tickets.views import desk_item

MOST_COUNTED = 10_000
#: A view's count stops here; one more is shown as 1000+.
MOST_IN_A_VIEW = 1_000


@dataclass(frozen=True)
class Filters:
    """Which tickets are asked for, and in which order."""

    view: ViewName = ViewName.ALL
    status: tuple[Status, ...] = ()
    issue: tuple[Issue, ...] = ()
    assignee: str | None = None
    updated_after: datetime | None = None
    sort: tuple[str, ...] = views.DEFAULT_SORT


@dataclass(frozen=True)
class TicketPage:
    """One page of tickets, personal values masked (`tickets.schemas.TicketItemView`)."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    total_count: int | None


def list_tickets(
    me: UUID, wanted: Filters, *, limit: int = 25, cursor: str | None = None, count: bool = False
) -> TicketPage:
    """One page of the tickets that an agent asks for; counting stops at 10,000."""
    query = sa.select(Ticket).where(*_conditions(me, wanted))
    found = page(query, views.order(wanted.sort), limit=limit, cursor=cursor, scope=f"tickets {me} {wanted}")
    items = [desk_item(ticket) for ticket in found.items]
    return TicketPage(items, found.next_cursor, _count(me, wanted) if count else None)


def count_views(me: UUID) -> dict[ViewName, int]:
    """How many tickets each view holds for this agent, counted up to 1,001; one query."""
    counts = [
        _capped(views.conditions(view, me), MOST_IN_A_VIEW + 1).label(view.value)
        for view in ViewName
        if view is not ViewName.ALL
    ]
    row = db.session.execute(sa.select(*counts)).one()
    return {ViewName(name): value for name, value in row._mapping.items()}


def count_due_calls() -> int:
    """How many calls wait for an agent, counted up to 1,001."""
    some = sa.select(sa.literal(1)).select_from(Callback).where(Callback.state == State.DUE)
    capped = some.limit(MOST_IN_A_VIEW + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(capped)) or 0


def _conditions(me: UUID, wanted: Filters) -> list[views.Condition]:
    return [
        *views.conditions(wanted.view, me),
        *views.filters(
            me=me,
            status=list(wanted.status),
            issue=list(wanted.issue),
            assignee=wanted.assignee,
            updated_after=wanted.updated_after,
        ),
    ]


def _count(me: UUID, wanted: Filters) -> int:
    return db.session.scalar(sa.select(_capped(_conditions(me, wanted), MOST_COUNTED))) or 0


def _capped(conditions: list[views.Condition], most: int) -> sa.ScalarSelect[int]:
    some = sa.select(sa.literal(1)).select_from(Ticket).where(*conditions).limit(most).subquery()
    return sa.select(sa.func.count()).select_from(some).scalar_subquery()
