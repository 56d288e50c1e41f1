"""Who bears a ticket's token: checked from the reference alone, before any table is asked."""

from __future__ import annotations

from datetime import timedelta

from flask import Request

from support_desk.core import clock
from support_desk.core.access import Access, Caller
from support_desk.core.errors import Forbidden, NotAuthenticated, NotFound
from support_desk.core.secrets import token_matches
from support_desk.tickets.models import Ticket
from support_desk.tickets.service import ACCESS, find_by_reference

TOKEN_OUTLIVES_CLOSING = timedelta(days=90)
_SCHEME = "bearer "
_AGENT_COOKIES = ("desk_session", "__Host-desk_session")


def authenticate_claimant(request: Request, access: Access) -> Caller:
    """The claimant of the ticket in the path; another's, an unknown and an expired one are the same NotFound."""
    credential = request.headers.get("Authorization", "")
    if not credential:
        # An agent must not act as the claimant; the claimant's own token is needed even in the agent's browser.
        raise Forbidden if any(name in request.cookies for name in _AGENT_COOKIES) else NotAuthenticated
    if not credential.lower().startswith(_SCHEME):
        raise NotAuthenticated
    reference = str((request.view_args or {}).get("reference", ""))
    good = token_matches(ACCESS, credential[len(_SCHEME) :].strip(), reference)
    ticket = find_by_reference(reference)
    if not good or ticket is None or has_expired(ticket):
        raise NotFound
    return Caller(kind="claimant", ticket_id=ticket.id)


def has_expired(ticket: Ticket) -> bool:
    """Whether the ticket was closed so long ago that its token opens nothing any more."""
    return ticket.closed_at is not None and ticket.closed_at + TOKEN_OUTLIVES_CLOSING <= clock.now()
