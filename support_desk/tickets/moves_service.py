"""Who works on a ticket and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from support_desk.agents import service as agents
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.access import caller
from support_desk.core.db import db
from support_desk.core.errors import NotFound, Problem
from support_desk.core.events import announce
from support_desk.tickets.errors import AlreadyAssigned, MoveNotAllowed, TicketIsClosed, UnknownAssignee
from support_desk.tickets.events import TicketClosed, TicketSolved, TicketSolving
from support_desk.tickets.lifecycle import Mover, Status, may_move
from support_desk.tickets.models import Move, Ticket

SOLVED_STAYS = timedelta(days=7)
_CLOSE_BATCH = 200


def _locked(ticket_id: UUID) -> Ticket:
    ticket = db.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise NotFound
    return ticket


def move(ticket_id: UUID, status: Status | str, *, why: str, by: Mover = Mover.DESK) -> Ticket:
    """Take the ticket to a status; to the one it has is no move. Raises MoveNotAllowed."""
    return move_locked(_locked(ticket_id), Status(status), why=why, by=by)


def move_locked(ticket: Ticket, target: Status, *, why: str, by: Mover) -> Ticket:
    """`move` for who holds the ticket's lock already."""
    source = ticket.status
    if source is target:
        return ticket
    if not may_move(source, target, by):
        raise MoveNotAllowed
    if target is Status.SOLVED:
        announce(TicketSolving(ticket.id))
    at = clock.now()
    ticket.status = target
    ticket.solved_at = at if target is Status.SOLVED else ticket.solved_at if target is Status.CLOSED else None
    ticket.closed_at = at if target is Status.CLOSED else None
    db.session.add(
        Move(
            ticket_id=ticket.id,
            from_status=source.value,
            to_status=target,
            mover_kind=by,
            mover_id=caller().agent_id if by is Mover.AGENT else None,
            why=why,
            created_at=at,
        )
    )
    db.session.flush()
    audit.record("ticket", ticket.id, "ticket:status:moved", source=source.value, target=target.value, why=why)
    if target is Status.SOLVED:
        announce(TicketSolved(ticket.id))
    elif target is Status.CLOSED:
        announce(TicketClosed(ticket.id))
    return ticket


def withdraw(ticket_id: UUID) -> Ticket:
    """Close the case because the claimant no longer wants it; raises TicketIsClosed."""
    ticket = _locked(ticket_id)
    if ticket.status is Status.CLOSED:
        raise TicketIsClosed
    return move_locked(ticket, Status.CLOSED, why="withdrawn", by=Mover.CLAIMANT)


def assign(ticket: Ticket, agent_id: UUID | None) -> None:
    """Give a locked ticket to an agent, or to nobody; raises UnknownAssignee."""
    if ticket.assignee_id == agent_id:
        return
    if agent_id is not None:
        agent = agents.find_agent(agent_id)
        if agent is None or agent.disabled_at is not None:
            raise UnknownAssignee(errors=[Problem("/assignee_id", UnknownAssignee.code, UnknownAssignee.en)])
    ticket.assignee_id = agent_id
    db.session.flush()
    audit.record("ticket", ticket.id, "ticket:assignee:changed", assignee_id=str(agent_id) if agent_id else None)


def change(
    ticket: Ticket,
    *,
    status: Status | str | None = None,
    priority: int | None = None,
    tags: Sequence[str] | None = None,
    **others: UUID | None,
) -> Ticket:
    """What an agent changes of a locked ticket; `assignee_id` is among the others, where None means nobody."""
    if ticket.status is Status.CLOSED:
        raise TicketIsClosed
    if "assignee_id" in others:
        assign(ticket, others["assignee_id"])
    if priority is not None and (priority != ticket.priority or not ticket.priority_fixed):
        audit.record("ticket", ticket.id, "ticket:priority:set", source=ticket.priority, target=priority)
        ticket.priority, ticket.priority_fixed = priority, True
    if tags is not None and sorted(set(tags)) != ticket.tags:
        ticket.tags = sorted(set(tags))
        audit.record("ticket", ticket.id, "ticket:tags:set", count=len(ticket.tags))
    if status is not None:
        move_locked(ticket, Status(status), why="agent", by=Mover.AGENT)
    db.session.flush()
    return ticket


def claim(ticket_id: UUID, agent_id: UUID) -> Ticket:
    """Take a ticket to work on it; a new one is open by that. Raises AlreadyAssigned, TicketIsClosed."""
    ticket = _locked(ticket_id)
    if ticket.status is Status.CLOSED:
        raise TicketIsClosed
    if ticket.assignee_id not in (None, agent_id):
        raise AlreadyAssigned
    return _take(ticket, agent_id)


def claim_next(agent_id: UUID) -> Ticket | None:
    """Take the ticket that is first in line: highest priority, then oldest; each goes to one agent only."""
    ticket = db.session.scalar(
        select(Ticket)
        .where(Ticket.assignee_id.is_(None), Ticket.status.in_((Status.NEW, Status.OPEN)))
        .where(Ticket.over_budget.is_(False))
        .order_by(Ticket.priority.desc(), Ticket.created_at, Ticket.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return _take(ticket, agent_id) if ticket else None


def _take(ticket: Ticket, agent_id: UUID) -> Ticket:
    assign(ticket, agent_id)
    if ticket.status is Status.NEW:
        move_locked(ticket, Status.OPEN, why="claimed", by=Mover.AGENT)
    return ticket


def close_solved() -> int:
    """Close what has been solved for a week without another word; how many were closed."""
    due = db.session.scalars(
        select(Ticket)
        .where(Ticket.status == Status.SOLVED, Ticket.solved_at <= clock.now() - SOLVED_STAYS)
        .order_by(Ticket.solved_at)
        .limit(_CLOSE_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for ticket in due:
        move_locked(ticket, Status.CLOSED, why="solved_for_a_week", by=Mover.DESK)
    return len(due)
