"""What intake does later."""

from uuid import UUID

from support_desk.intake import case_links_service
from support_desk.outbox.registry import job


@job("intake.send_case_link")
def send_case_link(request_id: UUID) -> None:
    """Decide on a request for a case's link."""
    case_links_service.decide_link(request_id)
