"""What agents do on a ticket."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from support_desk.core.access import agent, caller
from support_desk.core.db import db
from support_desk.core.http import Blueprint, not_modified, reads_version, require_if_match, with_etag
from support_desk.core.idempotency import may_send_key, once
from support_desk.tickets import service
from support_desk.tickets.models import Author, Message, Ticket
from support_desk.tickets.schemas import (
    ChangeTicket,
    DeskMessageView,
    DeskTicketView,
    DeskTimelineView,
    WriteReply,
)
from support_desk.tickets.views import desk_ticket

agent_blp = Blueprint(
    "agent_tickets", __name__, url_prefix="/api/v1/agent/tickets", description="Tickets, for agents"
)


def _shown(ticket: Ticket) -> Any:
    view = desk_ticket(
        ticket, service.list_messages(ticket.id, for_claimant=False), service.list_open_behind(ticket.id)
    )
    return with_etag(view, ticket.version)


def _me() -> UUID:
    agent_id = caller().agent_id
    assert agent_id is not None
    return agent_id


@agent_blp.get("/<uuid:ticket_id>")
@agent("tickets.read")
@agent_blp.response(200, DeskTicketView)
@agent_blp.alt_response(304, description="The caller has this version already")
def get_ticket(ticket_id: UUID) -> Any:
    """A ticket with its conversation, personal values masked."""
    ticket = service.get_ticket(ticket_id)
    return not_modified(ticket.version) or _shown(ticket)


@agent_blp.patch("/<uuid:ticket_id>")
@agent("tickets.write")
@reads_version
@agent_blp.arguments(ChangeTicket)
@agent_blp.response(200, DeskTicketView)
def change_ticket(body: dict[str, Any], ticket_id: UUID) -> Any:
    """Change status, assignee, priority or tags; needs the version seen as If-Match."""
    ticket = service.lock_ticket(ticket_id)
    require_if_match(ticket.version)
    return _shown(service.change(ticket, **body))


@agent_blp.post("/<uuid:ticket_id>/messages")
@agent("tickets.write")
@may_send_key
@agent_blp.arguments(WriteReply)
@agent_blp.response(201, DeskMessageView)
def post_message(body: dict[str, Any], ticket_id: UUID) -> Any:
    """Reply to the claimant, or write an internal note."""

    def work() -> dict[str, str]:
        message = service.post_message(ticket_id, author=Author.AGENT, author_id=_me(), **body)
        return {"message_id": str(message.id)}

    message, headers = once(work, lambda ids: db.session.get(Message, ids["message_id"]))
    return message, headers


@agent_blp.get("/<uuid:ticket_id>/timeline")
@agent("tickets.read")
@agent_blp.response(200, DeskTimelineView)
def get_timeline(ticket_id: UUID) -> dict[str, Any]:
    """Everything that happened to a ticket, oldest first."""
    service.get_ticket(ticket_id)
    return {"items": service.timeline(ticket_id, for_claimant=False)}


@agent_blp.post("/<uuid:ticket_id>/claim")
@agent("tickets.write")
@agent_blp.response(200, DeskTicketView)
def claim(ticket_id: UUID) -> Any:
    """Take this ticket to work on it."""
    return _shown(service.claim(ticket_id, _me()))


@agent_blp.post("/claim-next")
@agent("tickets.write")
@agent_blp.response(200, DeskTicketView)
@agent_blp.alt_response(204, description="Nothing waits")
def claim_next() -> Any:
    """Take the ticket that is first in line; two agents never get the same one."""
    ticket = service.claim_next(_me())
    return _shown(ticket) if ticket else Response(status=204)
