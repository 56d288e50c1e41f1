"""What tickets do by themselves."""

from support_desk.outbox.registry import periodic
from support_desk.tickets import moves_service


@periodic("tickets.close_solved", every_seconds=600)
def close_solved() -> None:
    """Close what has been solved for a week."""
    moves_service.close_solved()
