"""What a claimant does on their ticket."""

from __future__ import annotations

from typing import Any

from support_desk.core.access import caller, claimant
from support_desk.core.db import db
from support_desk.core.http import Blueprint
from support_desk.core.idempotency import may_send_key, once
from support_desk.tickets import service
from support_desk.tickets.models import Author, Message, Ticket, Visibility
from support_desk.tickets.schemas import MessageView, TicketStateView, WriteMessage

blp = Blueprint("tickets", __name__, url_prefix="/api/v1", description="The claimant's own ticket")


@blp.post("/tickets/<string:reference>/messages")
@claimant
@may_send_key
@blp.arguments(WriteMessage)
@blp.response(201, MessageView)
def post_message(body: dict[str, Any], reference: str) -> Any:
    """Write to the desk."""
    ticket_id = caller().ticket_id
    assert ticket_id is not None

    def work() -> dict[str, str]:
        message = service.post_message(
            ticket_id,
            author=Author.CLAIMANT,
            author_id=None,
            body=body["body"],
            visibility=Visibility.PUBLIC,
        )
        return {"message_id": str(message.id)}

    message, headers = once(work, lambda ids: db.session.get(Message, ids["message_id"]))
    return message, headers


@blp.post("/tickets/<string:reference>/withdrawal")
@claimant
@blp.response(200, TicketStateView)
def withdraw(reference: str) -> Ticket:
    """Withdraw the case: it is closed, and what was booked or planned for it is cancelled."""
    ticket_id = caller().ticket_id
    assert ticket_id is not None
    return service.withdraw(ticket_id)
