"""What callbacks do by themselves."""

from uuid import UUID

from support_desk.callbacks import dispatch_service
from support_desk.outbox.registry import URGENT, job, periodic


@job("callbacks.dispatch", queue=URGENT)
def dispatch(callback_id: UUID, turn: int) -> None:
    """The slot of a call has come."""
    dispatch_service.become_due(callback_id, turn)


@job("callbacks.remind", queue=URGENT)
def remind(callback_id: UUID, turn: int) -> None:
    """The call is ten minutes away."""
    dispatch_service.remind(callback_id, turn)


@periodic("callbacks.sweep", every_seconds=30)
def sweep() -> None:
    """Leases that ran out go back."""
    dispatch_service.sweep()
