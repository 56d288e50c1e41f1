"""What verification tells the features above it, in the same transaction."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class EvidenceShown:
    """A claimant has shown something about the account the ticket means."""

    ticket_id: UUID
    account_id: UUID
