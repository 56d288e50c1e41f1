"""What the claimant is told about their call, at the contact of the ticket and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from support_desk.callbacks.models import Callback
from support_desk.core import settings
from support_desk.notifications.service import notify_email, notify_sms
from support_desk.tickets.models import Ticket
from support_desk.tickets.service import ACCESS


def booked(callback: Callback, ticket: Ticket) -> None:
    """The call is booked: when, from which number, how to check, how to move it."""
    _tell("callback_booked", callback, ticket, at=callback.slot_start)


def moved(callback: Callback, ticket: Ticket) -> None:
    """The call has another time."""
    _tell("callback_moved", callback, ticket, at=callback.slot_start)


def cancelled(callback: Callback, ticket: Ticket) -> None:
    """There will be no call."""
    _tell("callback_cancelled", callback, ticket)


def reminded(callback: Callback, ticket: Ticket) -> None:
    """The call comes in ten minutes."""
    _tell("callback_reminder", callback, ticket, at=callback.slot_start)


def retried(callback: Callback, ticket: Ticket) -> None:
    """Nobody answered; the next call comes at another time."""
    _tell("callback_retry", callback, ticket, at=callback.slot_start)


def exhausted(callback: Callback, ticket: Ticket) -> None:
    """The call could not be made; another can be booked."""
    _tell("callback_exhausted", callback, ticket)


def _tell(template: str, callback: Callback, ticket: Ticket, *, at: datetime | None = None) -> None:
    values: dict[str, Any] = {
        "reference": ticket.reference,
        # Derived when the message is written out, so that it lies in no table.
        "link": {"path": f"/t/{ticket.reference}#{{token}}", "purpose": ACCESS, "parts": [ticket.reference]},
    }
    if at is not None:
        values |= {"slot_at": at, "announced_number": settings.current().desk_phone}
    notify, to = (
        (notify_email, ticket.contact_email) if ticket.contact_email else (notify_sms, ticket.contact_phone)
    )
    if to is not None:
        notify(
            template,
            to=to,
            language=ticket.language.value,
            dedupe=f"{template}:{callback.id}:{callback.turn}",
            subject_ref=("callback", callback.id),
            **values,
        )
