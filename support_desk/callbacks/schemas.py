"""What goes into the callback routes and what comes out."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from support_desk.callbacks.lifecycle import Outcome, State
from support_desk.callbacks.models import NumberKind
from support_desk.core.schemas import (
    Flag,
    Instant,
    PageArguments,
    QueryInteger,
    Schema,
    Text,
    language_field,
    one_of,
    page_of,
)

CLAIMANT_STATES = ("scheduled", "due", "retry_scheduled", "done", "unreachable", "cancelled")
_MOST_NOTE = 2_000


class ChosenNumber(Schema):
    """Which number to ring: the one on file, or one that is given."""

    kind = one_of(*[kind.value for kind in NumberKind], required=True)
    phone = Text(max=80, min=1, metadata={"description": "only with `given`; as people write it, or E.164"})

    @ma.validates_schema
    def check(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A number is given exactly when it says so."""
        if (data.get("kind") == NumberKind.GIVEN) != ("phone" in data):
            raise ma.ValidationError("A phone is sent with `given`, and only then.", "phone")


class BookCallback(Schema):
    """A call to book, at a slot or as soon as possible."""

    slot_start = Instant()
    asap = Flag(validate=validate.Equal(True))
    number = fields.Nested(ChosenNumber, required=True)
    consent = Flag(
        required=True,
        validate=validate.Equal(True, error="We call only with your consent."),
        metadata={"description": "the claimant agrees to be called; must be true"},
    )

    @ma.validates_schema
    def check(self, data: dict[str, Any], **kwargs: Any) -> None:
        """A slot or the earliest one, not both."""
        if ("slot_start" in data) == ("asap" in data):
            raise ma.ValidationError("Send slot_start or asap.", "slot_start")


class MoveCallback(Schema):
    """Another slot for a call."""

    slot_start = Instant(required=True)


class CallbackView(Schema):
    """A booked call, as its claimant sees it."""

    id = fields.UUID(required=True)
    state = one_of(*CLAIMANT_STATES, required=True)
    language = language_field(required=True)
    slot_start = Instant(required=True)
    slot_end = Instant(required=True)
    number_kind = one_of(*[kind.value for kind in NumberKind], required=True)
    number_masked = fields.String(
        required=True, allow_none=True, metadata={"description": "the given number, masked; null for `on_file`"}
    )
    announced_number = fields.String(required=True, metadata={"description": "the number that will ring (E.164)"})
    call_word = fields.String(required=True, metadata={"description": "what the agent says first"})
    can_change = fields.Boolean(required=True)
    version = fields.Integer(required=True)


class SlotArguments(Schema):
    """Which free slots."""

    language = language_field(load_default="ja")
    start = Instant(data_key="from", load_default=None)
    end = Instant(data_key="to", load_default=None)
    limit = QueryInteger(min=1, max=100, load_default=100)
    cursor = Text(max=500, load_default=None)


class SlotView(Schema):
    """A slot that can be booked."""

    slot_start = Instant(required=True)
    slot_end = Instant(required=True)
    language = language_field(required=True)
    free_seats = fields.Integer(required=True)


class CallbackArguments(PageArguments):
    """Which callbacks."""

    state = one_of(*[state.value for state in State], load_default=None)
    due_before = Instant(load_default=None)
    ticket_id = fields.UUID(load_default=None)


class AttemptView(Schema):
    """One dialling."""

    number = fields.Integer(required=True)
    agent_id = fields.UUID(required=True)
    started_at = Instant(required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    ended_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)


class StartedAttemptView(AttemptView):
    """A dialling that begins now."""

    callback_id = fields.UUID(required=True)
    tel = fields.String(required=True, metadata={"description": "the link that dials (tel:)"})
    call_word = fields.String(required=True, metadata={"description": "to be said first"})
    lease_until = Instant(required=True)


class RecordOutcome(Schema):
    """How a dialling ended."""

    outcome = one_of(*[outcome.value for outcome in Outcome], required=True)
    note = Text(max=_MOST_NOTE, load_default=None, allow_none=True)


class RecordedAttemptView(AttemptView):
    """A dialling that has ended, and what follows."""

    callback_state = one_of(*[state.value for state in State], required=True)
    next_attempt_at = Instant(required=True, allow_none=True)


class DeskCallbackView(Schema):
    """A callback, as an agent sees it."""

    id = fields.UUID(required=True)
    ticket_id = fields.UUID(required=True)
    ticket_reference = fields.String(required=True)
    state = one_of(*[state.value for state in State], required=True)
    language = language_field(required=True)
    slot_start = Instant(required=True)
    slot_end = Instant(required=True)
    due_at = Instant(required=True)
    became_due_at = Instant(required=True, allow_none=True)
    late_seconds = fields.Integer(required=True)
    number_kind = one_of(*[kind.value for kind in NumberKind], required=True)
    number_masked = fields.String(required=True, allow_none=True)
    call_word = fields.String(required=True)
    lease_agent_id = fields.UUID(required=True, allow_none=True)
    lease_until = Instant(required=True, allow_none=True)
    attempts_count = fields.Integer(required=True)
    attempts = fields.List(fields.Nested(AttemptView), required=True)
    next_attempt_at = Instant(
        allow_none=True,
        metadata={"description": "when it is tried again if nobody answers now; null: this is the last attempt"},
    )
    ended_at = Instant(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Instant(required=True)


SlotPage = page_of(SlotView, "SlotPage")
CallbackPage = page_of(DeskCallbackView, "CallbackPage")
