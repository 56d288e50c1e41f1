"""Lists across features, for agents."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request

from support_desk.core import settings
from support_desk.core.access import agent, caller
from support_desk.core.http import Blueprint
from support_desk.desk import lists_service
from support_desk.desk.lists_service import Filters
from support_desk.desk.schemas import TicketArguments, TicketPageView, ViewCounts
from support_desk.desk.views import ViewName
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Issue

blp = Blueprint("desk", __name__, url_prefix="/api/v1/agent", description="What waits at the desk")


@blp.get("/tickets")
@agent("tickets.read")
@blp.arguments(TicketArguments, location="query")
@blp.response(200, TicketPageView)
def list_tickets(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Tickets, personal values masked."""
    me = caller().agent_id
    assert me is not None
    wanted = Filters(
        view=ViewName(query["view"]),
        status=tuple(Status(item) for item in query["status"]),
        issue=tuple(Issue(item) for item in query["issue"]),
        assignee=query["assignee"],
        updated_after=query["updated_after"],
        sort=tuple(query["sort"]),
    )
    found = lists_service.list_tickets(
        me, wanted, limit=query["limit"], cursor=query["cursor"], count=query["include_total"]
    )
    view: dict[str, Any] = {"items": found.items, "next_cursor": found.next_cursor}
    if found.total_count is not None:
        view["total_count"] = found.total_count
    return view, 200, _next_link(found.next_cursor)


@blp.get("/views")
@agent("tickets.read")
@blp.response(200, ViewCounts)
def list_views() -> dict[str, Any]:
    """The views and how many tickets wait in each."""
    me = caller().agent_id
    assert me is not None
    counts = lists_service.count_views(me)
    return {"items": [{"view": view.value, "count": count} for view, count in counts.items()], "next_cursor": None}


def _next_link(cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    arguments = urlencode({**request.args.to_dict(), "cursor": cursor})
    return {"Link": f'<{settings.current().base_url}{request.path}?{arguments}>; rel="next"'}
