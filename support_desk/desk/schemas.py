"""What the desk's lists take and give."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate
from webargs.fields import DelimitedList

from support_desk.core.schemas import Instant, PageArguments, Schema, Text, one_of, page_of
from support_desk.desk import views
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Issue
from support_desk.tickets.schemas import TicketItemView

_ASSIGNEE = r"me|none|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _distinct(values: list[str]) -> None:
    if len({value.lstrip("-") for value in values}) != len(values):
        raise ma.ValidationError("Name each once.")


class TicketArguments(PageArguments):
    """Which tickets, and in which order."""

    view = one_of(*(view.value for view in views.ViewName), load_default=views.ViewName.ALL.value)
    status = DelimitedList(one_of(*(item.value for item in Status)), load_default=(), metadata={"default": []})
    issue = DelimitedList(one_of(*(item.value for item in Issue)), load_default=(), metadata={"default": []})
    assignee = Text(
        max=40,
        load_default=None,
        validate=validate.Regexp(rf"^({_ASSIGNEE})\Z"),
        metadata={"description": "an agent's id, `me` or `none`"},
    )
    updated_after = Instant(load_default=None)
    sort = DelimitedList(
        one_of(*views.SORTS),
        load_default=views.DEFAULT_SORT,
        validate=[validate.Length(min=1, max=3), _distinct],
        metadata={
            "default": list(views.DEFAULT_SORT),
            "description": "order, `-` for descending: `-priority,created_at`",
        },
    )
    include_total = ma.fields.Boolean(
        truthy={"true"}, falsy={"false"}, load_default=False, metadata={"description": "counts up to 10,000"}
    )


TicketPageView = page_of(TicketItemView, "TicketPageView")


class ViewCount(Schema):
    """A view and how many tickets it holds, counted up to 1,001."""

    view = one_of(*(view.value for view in views.ViewName), required=True)
    count = ma.fields.Integer(required=True)


class ViewCounts(Schema):
    items = ma.fields.List(ma.fields.Nested(ViewCount), required=True)
    next_cursor = ma.fields.String(required=True, allow_none=True)
