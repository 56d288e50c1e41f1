"""What goes into the ticket routes and what comes out."""

from __future__ import annotations

from marshmallow import fields, validate

from support_desk.core.schemas import Instant, Integer, Schema, Text, one_of
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Issue, TicketChannel, Visibility

MOST_BODY = 10_000
_FILLED = validate.Regexp(r"\s*\S", error="Must not be blank.")
_TAG = validate.Regexp(r"[\w\-./:]+\Z", error="Letters, digits and - _ . / : only.")


class WriteMessage(Schema):
    """A message of the claimant."""

    body = Text(max=MOST_BODY, required=True, validate=_FILLED)


class WriteReply(Schema):
    """A reply or a note of an agent."""

    body = Text(max=MOST_BODY, required=True, validate=_FILLED)
    visibility = one_of(*[item.value for item in Visibility], load_default=Visibility.PUBLIC.value)
    last_seen_message_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "the newest message the author has read; a newer one of the customer: 409"},
    )


class ChangeTicket(Schema):
    """What an agent changes of a ticket; what is left out stays."""

    status = one_of(*[item.value for item in Status])
    assignee_id = fields.UUID(allow_none=True)
    priority = Integer(min=0, max=100)
    tags = fields.List(Text(max=40, min=1, validate=_TAG), validate=validate.Length(max=20))


class MessageView(Schema):
    """A message."""

    id = fields.UUID(required=True)
    author = fields.String(attribute="author_kind.value", required=True)
    body = fields.String(required=True)
    created_at = Instant(required=True)


class DeskMessageView(MessageView):
    """A message as the desk sees it."""

    author_id = fields.UUID(required=True, allow_none=True)
    visibility = fields.String(attribute="visibility.value", required=True)


class TimelineEntryView(Schema):
    """One thing that happened, as the claimant sees it."""

    at = Instant(required=True)
    tag = fields.String(required=True)
    actor = fields.String(required=True)
    data = fields.Dict(keys=fields.String(), required=True)


class DeskTimelineEntryView(TimelineEntryView):
    """One thing that happened, as the desk sees it."""

    actor_id = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class DeskTimelineView(Schema):
    """The timeline of a ticket, oldest first."""

    items = fields.List(fields.Nested(DeskTimelineEntryView), required=True)


class TicketStateView(Schema):
    """Where a ticket stands."""

    reference = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)


class MaskedContactView(Schema):
    """How the claimant can be reached, masked."""

    name = fields.String(required=True, allow_none=True)
    name_kana = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)


class MaskedClaimView(Schema):
    """What the claimant says about the account, masked."""

    email = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    postal_code_given = fields.Boolean(required=True)
    order_number_given = fields.Boolean(required=True)


class FiledTicketView(Schema):
    """A ticket that lies behind another, unresolved."""

    id = fields.UUID(required=True)
    reference = fields.String(required=True)
    created_at = Instant(required=True)


class TicketItemView(Schema):
    """A ticket in the agents' lists; personal values are masked."""

    id = fields.UUID(required=True)
    reference = fields.String(required=True)
    issue = fields.Enum(Issue, by_value=True, required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    channel = fields.Enum(TicketChannel, by_value=True, required=True)
    language = fields.String(attribute="language.value", required=True)
    name = fields.String(required=True, allow_none=True, metadata={"description": "masked"})
    account_ref = fields.String(required=True, allow_none=True)
    value_at_risk_yen = fields.Integer(required=True, allow_none=True)
    value_tier = fields.String(required=True, allow_none=True)
    priority = fields.Integer(required=True)
    tags = fields.List(fields.String(), required=True)
    assignee_id = fields.UUID(required=True, allow_none=True)
    over_budget = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    sla = fields.Dict(required=True, allow_none=True)
    viewers = fields.List(fields.String(), required=True)
    resolved_at = Instant(required=True, allow_none=True)
    first_replied_at = Instant(required=True, allow_none=True)
    solved_at = Instant(required=True, allow_none=True)
    closed_at = Instant(required=True, allow_none=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class DeskTicketView(TicketItemView):
    """A ticket as an agent sees it; personal values are masked."""

    contact = fields.Nested(MaskedContactView, required=True)
    claimed = fields.Nested(MaskedClaimView, required=True)
    linked_account_refs = fields.List(fields.String(), required=True)
    messages = fields.List(fields.Nested(DeskMessageView), required=True)
    filed_behind = fields.List(fields.Nested(FiledTicketView), required=True)
