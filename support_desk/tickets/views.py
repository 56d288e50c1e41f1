"""A ticket as the desk sees it: every personal value masked before it leaves the service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from support_desk.tickets import masking
from support_desk.tickets.models import Message, Ticket

_PLAIN = (
    "id",
    "reference",
    "issue",
    "status",
    "channel",
    "language",
    "account_ref",
    "value_at_risk_yen",
    "value_tier",
    "priority",
    "tags",
    "assignee_id",
    "over_budget",
    "version",
    "resolved_at",
    "first_replied_at",
    "solved_at",
    "closed_at",
    "created_at",
    "updated_at",
)


def desk_item(ticket: Ticket) -> dict[str, Any]:
    """The ticket as a line of a list (`TicketItemView`)."""
    return {
        **{name: getattr(ticket, name) for name in _PLAIN},
        "name": masking.mask_name(ticket.contact_name),
        "sla": None,
        "viewers": [],
    }


def desk_ticket(ticket: Ticket, messages: Sequence[Message], filed_behind: Sequence[Ticket]) -> dict[str, Any]:
    """The ticket with its conversation (`DeskTicketView`)."""
    return {
        **desk_item(ticket),
        "linked_account_refs": ticket.linked_account_refs,
        "contact": {
            "name": masking.mask_name(ticket.contact_name),
            "name_kana": masking.mask_name(ticket.contact_name_kana),
            "email": masking.mask_email(ticket.contact_email),
            "phone": masking.mask_phone(ticket.contact_phone),
        },
        "claimed": {
            "email": masking.mask_email(ticket.claimed_email),
            "phone": masking.mask_phone(ticket.claimed_phone),
            "postal_code_given": ticket.claimed_postal_code is not None,
            "order_number_given": ticket.claimed_order_number is not None,
        },
        "messages": messages,
        "filed_behind": filed_behind,
    }
