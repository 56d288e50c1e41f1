"""What agents do with callbacks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from support_desk.callbacks import service
from support_desk.callbacks.errors import NumberGone
from support_desk.callbacks.schemas import (
    CallbackArguments,
    CallbackPage,
    DeskCallbackView,
    MoveCallback,
    RecordedAttemptView,
    RecordOutcome,
    StartedAttemptView,
)
from support_desk.core.access import agent, caller
from support_desk.core.http import Blueprint, answer, not_modified, reads_version, require_if_match, with_etag
from support_desk.core.idempotency import may_send_key, once

agent_blp = Blueprint(
    "agent_callbacks", __name__, url_prefix="/api/v1/agent/callbacks", description="Callbacks, for agents"
)


def _me() -> UUID:
    agent_id = caller().agent_id
    assert agent_id is not None
    return agent_id


def _shown(callback: Any) -> Any:
    return with_etag(service.desk_view(callback), callback.version)


@agent_blp.get("")
@agent("callbacks.read")
@agent_blp.arguments(CallbackArguments, location="query")
@agent_blp.response(200, CallbackPage)
def list_callbacks(query: dict[str, Any]) -> Any:
    """Callbacks in the order in which they are due."""
    return service.list_callbacks(**query)


@agent_blp.get("/<uuid:callback_id>")
@agent("callbacks.read")
@agent_blp.response(200, DeskCallbackView)
@agent_blp.alt_response(304, description="The caller has this version already")
def get_callback(callback_id: UUID) -> Any:
    """A callback with its attempts and the time of the next one."""
    callback = service.get_callback(callback_id)
    return not_modified(callback.version) or _shown(callback)


@agent_blp.patch("/<uuid:callback_id>")
@agent("callbacks.change")
@reads_version
@agent_blp.arguments(MoveCallback)
@agent_blp.response(200, DeskCallbackView)
def move(body: dict[str, Any], callback_id: UUID) -> Any:
    """Move a call for the customer; needs the version seen as If-Match."""
    return _shown(service.move(callback_id, body["slot_start"], ticket_id=None, seen=require_if_match))


@agent_blp.delete("/<uuid:callback_id>")
@agent("callbacks.change")
@agent_blp.response(204)
def cancel(callback_id: UUID) -> None:
    """Cancel a call for the customer."""
    service.cancel(callback_id, ticket_id=None)


@agent_blp.post("/claim-next")
@agent("callbacks.work")
@agent_blp.response(200, DeskCallbackView)
@agent_blp.alt_response(204, description="None is due")
def claim_next() -> Any:
    """Take the call that is due first; two agents never get the same one."""
    callback = service.claim_next(_me())
    return _shown(callback) if callback else Response(status=204)


@agent_blp.post("/<uuid:callback_id>/attempts")
@agent("callbacks.work")
@may_send_key
@agent_blp.response(201, StartedAttemptView)
def start_attempt(callback_id: UUID) -> Any:
    """Begin to dial: the attempt is written down before the number is told."""

    def work() -> dict[str, str | None]:
        begun = service.start_attempt(callback_id, _me())
        return {"attempt_id": str(begun.attempt.id) if begun else None}

    def show(ids: Any) -> Any:
        return service.get_dialling(UUID(ids["attempt_id"])) if ids["attempt_id"] else None

    begun, headers = once(work, show)
    if begun is None:
        return answer(NumberGone())
    return with_etag(service.started_view(begun), begun.attempt.version, 201, headers)


@agent_blp.patch("/<uuid:callback_id>/attempts/<int(min=1, max=3):number>")
@agent("callbacks.work")
@reads_version
@agent_blp.arguments(RecordOutcome)
@agent_blp.response(200, RecordedAttemptView)
def record_outcome(body: dict[str, Any], callback_id: UUID, number: int) -> Any:
    """Record how an attempt ended; needs the attempt's version as If-Match."""
    attempt = service.record_outcome(callback_id, number, _me(), **body, seen=require_if_match)
    return with_etag(service.recorded_view(attempt), attempt.version)
