"""Who bears a ticket's token: checked from the reference alone, before any table is asked."""

from __future__ import annotations

from datetime import timedelta

from flask import Request

from support_desk.agents.access import cookie_name
from support_desk.agents.tokens_service import PREFIX
from support_desk.core import clock, settings
from support_desk.core.access import Access, Caller
from support_desk.core.errors import Forbidden, NotAuthenticated, NotFound
from support_desk.core.secrets import token_matches
from support_desk.tickets.models import Ticket
from support_desk.tickets.service import ACCESS, find_by_reference

TOKEN_OUTLIVES_CLOSING = timedelta(days=90)


def authenticate_claimant(request: Request, access: Access) -> Caller:
    """The claimant of the ticket in the path; another's, an unknown and an expired one are the same NotFound."""
    scheme, _, credential = request.headers.get("Authorization", "").partition(" ")
    credential = credential.strip()
    if credential.startswith(PREFIX) or (not credential and cookie_name(settings.current()) in request.cookies):
        # Nobody of the desk acts as the claimant, not even on a ticket they may work on.
        raise Forbidden
    if scheme.lower() != "bearer" or not credential:
        raise NotAuthenticated
    ticket = find_ticket_by_token(str((request.view_args or {}).get("reference", "")), credential)
    if ticket is None:
        raise NotFound
    return Caller(kind="claimant", ticket_id=ticket.id)


def find_ticket_by_token(reference: str, token: str) -> Ticket | None:
    """The ticket that this token opens, if it is that ticket's; equal work whatever is wrong."""
    good = token_matches(ACCESS, token, reference)
    ticket = find_by_reference(reference)
    return ticket if good and ticket is not None and not has_expired(ticket) else None


def has_expired(ticket: Ticket) -> bool:
    """Whether the ticket was closed so long ago that its token opens nothing any more."""
    return ticket.closed_at is not None and ticket.closed_at + TOKEN_OUTLIVES_CLOSING <= clock.now()
