"""What is written on a ticket: public replies, and notes that only the desk reads."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.core.events import announce
from support_desk.tickets.errors import ConversationMoved, TicketIsClosed
from support_desk.tickets.events import MessagePosted
from support_desk.tickets.lifecycle import Mover, Status, after_agent_reply, after_claimant_message
from support_desk.tickets.models import Author, Message, Ticket, Visibility
from support_desk.tickets.moves_service import move_locked

_MOST = 500


def post_message(
    ticket_id: UUID,
    *,
    author: str,
    author_id: UUID | None,
    body: str,
    visibility: str,
    last_seen_message_id: UUID | None = None,
) -> Message:
    """Write on a ticket; a claimant's message opens again what waited or was solved.

    Raises TicketIsClosed, and ConversationMoved when the claimant wrote after the message last seen.
    """
    ticket = db.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise NotFound
    kind, seen_by = Author(author), Visibility(visibility)
    if ticket.status is Status.CLOSED and seen_by is Visibility.PUBLIC:
        raise TicketIsClosed
    if last_seen_message_id is not None and _claimant_wrote_after(ticket_id, last_seen_message_id):
        raise ConversationMoved
    at = clock.now()
    message = Message(
        ticket_id=ticket_id,
        visibility=seen_by,
        author_kind=kind,
        author_id=author_id,
        body=body,
        created_at=at,
    )
    db.session.add(message)
    db.session.flush()
    audit.record(
        "ticket",
        ticket_id,
        "ticket:message:posted",
        message_id=str(message.id),
        author=kind.value,
        visibility=seen_by.value,
    )
    _note_activity(ticket, message)
    announce(MessagePosted(ticket_id, message.id, kind.value, seen_by.value))
    return message


def _claimant_wrote_after(ticket_id: UUID, message_id: UUID) -> bool:
    seen = db.session.get(Message, message_id)
    if seen is None or seen.ticket_id != ticket_id:
        return True
    newest = db.session.scalar(
        select(Message)
        .where(Message.ticket_id == ticket_id, Message.author_kind == Author.CLAIMANT)
        .order_by(Message.created_at.desc(), Message.id.desc())
        .limit(1)
    )
    return newest is not None and (newest.created_at, newest.id) > (seen.created_at, seen.id)


def _note_activity(ticket: Ticket, message: Message) -> None:
    # The conversation is part of what the ticket's ETag stands for, so a message makes a new version.
    ticket.updated_at = message.created_at
    flag_modified(ticket, "updated_at")
    replied = message.author_kind is Author.AGENT and message.visibility is Visibility.PUBLIC
    if replied and ticket.first_replied_at is None:
        ticket.first_replied_at = message.created_at
    if message.author_kind is Author.CLAIMANT:
        move_locked(ticket, after_claimant_message(ticket.status), why="claimant_wrote", by=Mover.CLAIMANT)
    elif replied:
        move_locked(ticket, after_agent_reply(ticket.status), why="agent_replied", by=Mover.AGENT)
    db.session.flush()


def list_messages(ticket_id: UUID, *, for_claimant: bool) -> list[Message]:
    """The conversation, oldest first, the newest 500 of it; the claimant sees no internal note."""
    query = select(Message).where(Message.ticket_id == ticket_id)
    if for_claimant:
        query = query.where(Message.visibility == Visibility.PUBLIC)
    newest = db.session.scalars(query.order_by(Message.created_at.desc(), Message.id.desc()).limit(_MOST))
    return list(newest)[::-1]
