"""Tickets for tests."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from support_desk.core.db import db
from support_desk.tickets import service
from support_desk.tickets.models import Ticket
from support_desk.tickets.service import Claimed, Contact


def a_ticket(
    *,
    issue: str = "email_unreachable",
    language: str = "ja",
    channel: str = "api",
    description: str = "メールが届かず、サインインできません。",
    contact: dict[str, str] | None = None,
    claimed: dict[str, str] | None = None,
    **more: Any,
) -> Ticket:
    """A freshly opened ticket; needs an application context."""
    return service.open_ticket(
        issue=issue,
        language=language,
        channel=channel,
        contact=Contact(
            **(contact or {"name": "山田 太郎", "name_kana": "ヤマダ タロウ", "email": "taro@example.com"})
        ),
        claimed=Claimed(**(claimed or {"email": "old@example.com", "postal_code": "123-4567"})),
        description=description,
        **more,
    )


@dataclass(frozen=True)
class Case:
    """A committed ticket as a caller knows it; lives on when its session is gone."""

    id: UUID
    reference: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The header of the ticket's claimant."""
        return {"Authorization": f"Bearer {self.token}"}


def a_case(**wanted: Any) -> Case:
    """A ticket, committed."""
    ticket = a_ticket(**wanted)
    case = Case(ticket.id, ticket.reference, service.access_token(ticket))
    db.session.commit()
    return case
