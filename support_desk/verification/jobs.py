"""What verification does later, by name."""

from uuid import UUID

from support_desk.outbox.registry import URGENT, job
from support_desk.verification import resolve_service


@job("verification.resolve", queue=URGENT)
def resolve(ticket_id: UUID) -> None:
    """Find the account the ticket means."""
    resolve_service.resolve(ticket_id)
