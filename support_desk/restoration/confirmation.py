"""A new channel is confirmed by a code that only its owner reads."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.core.db import db
from support_desk.notifications import service as notifications
from support_desk.restoration.models import ActionState, Restoration, RestorationAction
from support_desk.tickets import service as tickets

CONFIRM = "confirm_channel"
LENGTH = 8
CODE_LIFE = timedelta(minutes=10)


def send_confirmation(action_id: UUID, send_number: int) -> None:
    """Mail the code to the new address; an address that another account has is told so instead, and no code."""
    row = db.session.get_one(RestorationAction, action_id)
    if row.state is not ActionState.PLANNED or row.send_number != send_number or row.new_email is None:
        return
    restoration = db.session.get_one(Restoration, row.restoration_id)
    ticket = tickets.get_ticket(restoration.ticket_id)
    taken = any(not match.former for match in accounts.find_matches(emails=[row.new_email]))
    common = {
        "to": row.new_email,
        "language": ticket.language.value,
        "dedupe": f"restoration:{row.id}:{CONFIRM}:{send_number}",
        "subject_ref": ("restoration", restoration.id),
        "reference": ticket.reference,
    }
    if taken:
        notifications.notify_email("address_in_use", **common)
        return
    code = {
        "alphabet": "crockford",
        "length": LENGTH,
        "kind": CONFIRM,
        "case_id": str(restoration.ticket_id),
        "challenge_id": str(row.id),
        "send_number": send_number,
    }
    notifications.notify_email("confirm_channel_code", code=code, **common)
