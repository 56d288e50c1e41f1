"""The lists of the dashboard: tickets by view."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from support_desk.agents.service import names_of
from support_desk.core.access import agent
from support_desk.core.errors import UnknownParameter
from support_desk.desk.lists_service import Filters, list_tickets
from support_desk.desk.views import DEFAULT_SORT, WORK_SORT, ViewName
from support_desk.tickets import service as tickets
from support_desk.web.desk_pages import HOME, agent_id, desk_pages, go, render, waiting_since

_PAGE_SIZE = 25


@desk_pages.get("")
@agent("tickets.read")
def ticket_list() -> Response:
    """The tickets of one view, what is at stake first."""
    try:
        view = ViewName(request.args.get("view", ViewName.OPEN))
    except ValueError:
        raise UnknownParameter from None
    wanted = Filters(view=view, sort=DEFAULT_SORT if view is ViewName.ALL else WORK_SORT)
    found = list_tickets(
        agent_id(), wanted, limit=_PAGE_SIZE, cursor=request.args.get("cursor"), count=view is ViewName.ALL
    )
    return render(
        "list",
        view=view,
        items=[{**item, "waiting_since": _waiting_since(item)} for item in found.items],
        names=names_of({item["assignee_id"] for item in found.items if item["assignee_id"]}),
        next_cursor=found.next_cursor,
        total_count=found.total_count,
    )


@desk_pages.post("/claim-next")
@agent("tickets.write")
def claim_next() -> Response:
    """Take the ticket that is first in line."""
    ticket = tickets.claim_next(agent_id())
    return go(f"{HOME}/tickets/{ticket.id}", "claimed") if ticket else go(HOME, "nothing_waits")


def _waiting_since(item: dict[str, Any]) -> Any:
    return waiting_since(item["created_at"], item["first_replied_at"], item["updated_at"])
