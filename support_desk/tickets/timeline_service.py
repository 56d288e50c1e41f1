"""What happened to a ticket, in order: all of it for the desk, what concerns them for the claimant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from support_desk.audit import service as audit
from support_desk.core.db import db
from support_desk.tickets.models import Message, Move, Visibility

_MOST = 500


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened; `data` holds words, numbers and ids, never a personal value or a text."""

    at: datetime
    tag: str
    actor: str
    actor_id: str | None = None
    reason: str | None = None
    data: dict[str, object] = field(default_factory=dict)


def timeline(ticket_id: UUID, *, for_claimant: bool) -> list[TimelineEntry]:
    """What happened, oldest first, at most 500 entries of each sort."""
    return _for_claimant(ticket_id) if for_claimant else _for_desk(ticket_id)


def _for_claimant(ticket_id: UUID) -> list[TimelineEntry]:
    moves = db.session.scalars(
        select(Move).where(Move.ticket_id == ticket_id).order_by(Move.created_at, Move.id).limit(_MOST)
    )
    entries = [
        TimelineEntry(
            at=made.created_at,
            tag="ticket:status:moved" if made.from_status else "ticket:case:opened",
            actor=made.mover_kind.value,
            data={"status": made.to_status.value},
        )
        for made in moves
    ]
    written = db.session.execute(
        select(Message.created_at, Message.author_kind, Message.id)
        .where(Message.ticket_id == ticket_id, Message.visibility == Visibility.PUBLIC)
        .order_by(Message.created_at, Message.id)
        .limit(_MOST)
    )
    entries += [
        TimelineEntry(at=at, tag="ticket:message:posted", actor=author.value, data={"message_id": str(message_id)})
        for at, author, message_id in written
    ]
    return sorted(entries, key=lambda entry: entry.at)


def _for_desk(ticket_id: UUID) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            at=entry.at,
            tag=entry.tag,
            actor=entry.actor_kind,
            actor_id=entry.actor_id,
            reason=entry.reason,
            data=dict(entry.data),
        )
        for entry in audit.list_entries("ticket", ticket_id)
    ]
