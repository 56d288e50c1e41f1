"""What tickets tell the features above them, in the same transaction."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class TicketOpened:
    """A ticket was opened."""

    ticket_id: UUID


@dataclass(frozen=True)
class TicketResolved:
    """It was decided which account the claimant means; None: none was found."""

    ticket_id: UUID
    account_id: UUID | None


@dataclass(frozen=True)
class MessagePosted:
    """Something was written on a ticket."""

    ticket_id: UUID
    message_id: UUID
    author_kind: str
    visibility: str


@dataclass(frozen=True)
class TicketSolving:
    """A ticket is about to be solved; a subscriber that raises prevents it."""

    ticket_id: UUID


@dataclass(frozen=True)
class TicketSolved:
    """A ticket was solved."""

    ticket_id: UUID


@dataclass(frozen=True)
class TicketClosed:
    """A ticket was closed; nothing is written on it any more."""

    ticket_id: UUID
