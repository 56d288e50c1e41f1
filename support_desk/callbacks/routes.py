"""Free slots for everybody; the claimant's own call."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.callbacks import service
from support_desk.callbacks.schemas import (
    BookCallback,
    CallbackView,
    MoveCallback,
    SlotArguments,
    SlotPage,
)
from support_desk.core.access import caller, claimant, public
from support_desk.core.http import Blueprint, not_modified, reads_version, require_if_match, with_etag
from support_desk.core.idempotency import needs_key, once

blp = Blueprint("callbacks", __name__, url_prefix="/api/v1", description="Booking a call")


def _ticket_id() -> UUID:
    ticket_id = caller().ticket_id
    assert ticket_id is not None
    return ticket_id


@blp.get("/callback-slots")
@public
@blp.arguments(SlotArguments, location="query")
@blp.response(200, SlotPage)
def list_slots(query: dict[str, Any]) -> Any:
    """Slots with a free seat, in order."""
    return service.page_slots(**query)


@blp.post("/tickets/<string:reference>/callbacks")
@claimant
@needs_key
@blp.arguments(BookCallback)
@blp.response(201, CallbackView)
def book(body: dict[str, Any], reference: str) -> Any:
    """Book a call; answers alike whether or not there is a number on file."""
    ticket_id = _ticket_id()

    def work() -> dict[str, str]:
        number = body["number"]
        callback = service.book(
            ticket_id,
            slot_start=body.get("slot_start"),
            number_kind=number["kind"],
            phone=number.get("phone"),
        )
        return {"callback_id": str(callback.id)}

    def show(ids: Any) -> service.ClaimantCallback:
        return service.view_for_claimant(service.get_callback(UUID(ids["callback_id"])))

    view, headers = once(work, show, required=True)
    return with_etag(view, view.version, 201, headers)


@blp.get("/tickets/<string:reference>/callbacks/<uuid:callback_id>")
@claimant
@blp.response(200, CallbackView)
@blp.alt_response(304, description="The caller has this version already")
def get_callback(reference: str, callback_id: UUID) -> Any:
    """The call, with its time, the number that will ring and the call word."""
    view = service.view_for_claimant(service.get_callback(callback_id, ticket_id=_ticket_id()))
    return not_modified(view.version) or with_etag(view, view.version)


@blp.patch("/tickets/<string:reference>/callbacks/<uuid:callback_id>")
@claimant
@reads_version
@blp.arguments(MoveCallback)
@blp.response(200, CallbackView)
def move(body: dict[str, Any], reference: str, callback_id: UUID) -> Any:
    """Move the call to another slot; needs the version seen as If-Match."""
    callback = service.move(callback_id, body["slot_start"], ticket_id=_ticket_id(), seen=require_if_match)
    return with_etag(service.view_for_claimant(callback), callback.version)


@blp.delete("/tickets/<string:reference>/callbacks/<uuid:callback_id>")
@claimant
@blp.response(204)
def cancel(reference: str, callback_id: UUID) -> None:
    """Cancel the call; its seat is free again."""
    service.cancel(callback_id, ticket_id=_ticket_id())
