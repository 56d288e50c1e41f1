"""Jobs of restoration."""

from uuid import UUID

from support_desk.outbox.registry import job
from support_desk.restoration import service


@job("restoration.apply", queue="urgent")
def apply(action_id: UUID) -> None:
    """A hold is over."""
    service.apply_held(action_id)


@job("restoration.authorise_noticed")
def authorise_noticed(action_id: UUID) -> None:
    """A notice has had time to arrive."""
    service.authorise_noticed(action_id)
