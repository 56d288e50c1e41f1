"""The ticket: opening it, finding it, and what verification finds out about it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.access import caller
from support_desk.core.db import db, new_id
from support_desk.core.errors import NotFound
from support_desk.core.events import announce
from support_desk.core.references import new_reference
from support_desk.core.secrets import derive_token
from support_desk.tickets.events import TicketOpened
from support_desk.tickets.identifiers import Claimed, Contact, Identifier, identifiers_of
from support_desk.tickets.lifecycle import UNFINISHED, Mover, Status
from support_desk.tickets.messages_service import list_messages, post_message
from support_desk.tickets.models import (
    Author,
    Issue,
    Message,
    Move,
    Ticket,
    TicketChannel,
    TicketKey,
    TicketLanguage,
    Visibility,
)
from support_desk.tickets.moves_service import assign, change, claim, claim_next, move, withdraw
from support_desk.tickets.priority import DEFAULT, priority_of
from support_desk.tickets.timeline_service import timeline

__all__ = [
    "ACCESS",
    "Claimed",
    "Contact",
    "access_token",
    "assign",
    "change",
    "claim",
    "claim_next",
    "correct_claims",
    "find_by_reference",
    "find_ticket",
    "get_by_reference",
    "get_ticket",
    "identifiers_of",
    "list_messages",
    "list_open_behind",
    "lock_ticket",
    "move",
    "open_ticket",
    "post_message",
    "set_resolution",
    "set_value_at_risk",
    "timeline",
    "withdraw",
]

# Purpose of the claimant's token; it is derived from the reference, so that checking it asks no database.
ACCESS = "ticket_access"


def open_ticket(
    *,
    issue: str,
    language: str,
    channel: str,
    contact: Contact,
    claimed: Claimed,
    description: str | None,
    over_budget: bool = False,
    status: Status = Status.NEW,
) -> Ticket:
    """Open a case; one that is over its identifiers' budget lies behind the newest open one of them."""
    at = clock.now()
    named = identifiers_of(contact, claimed)
    # Looked for in any case: whether a budget is used up takes no time that could be measured.
    newest_open = _newest_open(named)
    ticket = Ticket(
        id=new_id(),
        reference=new_reference(),
        issue=Issue(issue),
        status=status,
        channel=TicketChannel(channel),
        language=TicketLanguage(language),
        contact_name=contact.name,
        contact_name_kana=contact.name_kana,
        contact_email=contact.email,
        contact_phone=contact.phone,
        claimed_email=claimed.email,
        claimed_phone=claimed.phone,
        claimed_postal_code=claimed.postal_code,
        claimed_order_number=claimed.order_number,
        linked_account_refs=[],
        tags=[],
        priority=DEFAULT,
        over_budget=over_budget,
        filed_behind_id=newest_open if over_budget else None,
        created_at=at,
        updated_at=at,
    )
    db.session.add(ticket)
    db.session.flush()
    _add_first_rows(ticket, named, description)
    audit.record("ticket", ticket.id, "ticket:case:opened", issue=ticket.issue.value, channel=ticket.channel.value)
    announce(TicketOpened(ticket.id))
    return ticket


def _add_first_rows(ticket: Ticket, named: Sequence[Identifier], description: str | None) -> None:
    at = ticket.created_at
    rows: list[object] = [
        Move(
            ticket_id=ticket.id,
            from_status=None,
            to_status=ticket.status,
            mover_kind=Mover.AGENT if caller().kind == "agent" else Mover.CLAIMANT,
            mover_id=caller().agent_id,
            why="opened",
            created_at=at,
        )
    ]
    rows += [TicketKey(ticket_id=ticket.id, key=found.key, kind=found.kind) for found in named]
    if description:
        rows.append(
            Message(
                ticket_id=ticket.id,
                visibility=Visibility.PUBLIC,
                author_kind=Author.CLAIMANT,
                body=description,
                created_at=at,
            )
        )
    db.session.add_all(rows)
    db.session.flush()


def _newest_open(named: Sequence[Identifier]) -> UUID | None:
    if not named:
        return None
    return db.session.scalar(
        select(Ticket.id)
        .join(TicketKey, TicketKey.ticket_id == Ticket.id)
        .where(
            TicketKey.key.in_([found.key for found in named]),
            Ticket.status.in_(UNFINISHED),
            Ticket.over_budget.is_(False),
        )
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(1)
    )


def access_token(ticket: Ticket) -> str:
    """The claimant's credential for this ticket: 256 bits, derived, kept nowhere."""
    return derive_token(ACCESS, ticket.reference)


def get_ticket(ticket_id: UUID) -> Ticket:
    """The ticket with this id; raises NotFound."""
    ticket = db.session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound
    return ticket


def find_ticket(ticket_id: UUID) -> Ticket | None:
    """The ticket with this id, if there is one."""
    return db.session.get(Ticket, ticket_id)


def lock_ticket(ticket_id: UUID) -> Ticket:
    """The ticket as it is now, locked until the transaction ends; raises NotFound."""
    ticket = db.session.get(Ticket, ticket_id, with_for_update=True, populate_existing=True)
    if ticket is None:
        raise NotFound
    return ticket


def find_by_reference(reference: str) -> Ticket | None:
    """The ticket people know by this reference, if there is one."""
    return db.session.scalar(select(Ticket).where(Ticket.reference == reference))


def get_by_reference(reference: str) -> Ticket:
    """The ticket people know by this reference; raises NotFound."""
    ticket = find_by_reference(reference)
    if ticket is None:
        raise NotFound
    return ticket


def list_open_behind(ticket_id: UUID) -> list[Ticket]:
    """The cases filed behind this one because their identifier's budget was spent, newest first, at most 100."""
    return list(
        db.session.scalars(
            select(Ticket)
            .where(Ticket.filed_behind_id == ticket_id, Ticket.status.in_(UNFINISHED))
            .order_by(Ticket.created_at.desc(), Ticket.id.desc())
            .limit(100)
        )
    )


def correct_claims(ticket_id: UUID, *, postal_code: str) -> None:
    """Take the postal code the claimant added after opening; who asks for it has to resolve the ticket again."""
    ticket = lock_ticket(ticket_id)
    ticket.claimed_postal_code = postal_code
    if ticket.account_id is None:
        ticket.resolved_at = None
    # Written in either case, so that the statement is the same whether or not an account was found.
    flag_modified(ticket, "resolved_at")
    db.session.flush()
    audit.record("ticket", ticket_id, "ticket:claim:added", field="postal_code")


def set_resolution(
    ticket_id: UUID,
    account_id: UUID | None,
    account_ref: str | None,
    *,
    budget_key: bytes,
    linked: Sequence[str] = (),
) -> None:
    """Note which account the claimant turned out to mean; None: none, or none alone."""
    ticket = lock_ticket(ticket_id)
    ticket.account_id = account_id
    ticket.account_ref = account_ref
    ticket.linked_account_refs = list(linked)
    ticket.budget_key = budget_key
    ticket.resolved_at = clock.now()
    db.session.flush()
    audit.record("ticket", ticket_id, "ticket:account:resolved", found=account_id is not None)


def set_value_at_risk(ticket_id: UUID, yen: int, tier: str) -> None:
    """Note what the owner stands to lose; raises the priority unless an agent has set it."""
    ticket = lock_ticket(ticket_id)
    ticket.value_at_risk_yen = yen
    ticket.value_tier = tier
    if not ticket.priority_fixed:
        ticket.priority = priority_of(tier)
    db.session.flush()
