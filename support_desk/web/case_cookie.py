"""The cookie that opens one case page: its ticket's access token, sent to that page alone."""

from __future__ import annotations

from flask import Response, request

from support_desk.core.access import Caller, set_caller
from support_desk.core.errors import NotFound
from support_desk.core.schemas import NUL
from support_desk.tickets import service as tickets
from support_desk.tickets.access import find_ticket_by_token
from support_desk.tickets.models import Ticket
from support_desk.web import forms
from support_desk.web.site import set_cookie

COOKIE = "case"
_DAYS_90_SECONDS = 90 * 24 * 3600


def give(response: Response, ticket: Ticket) -> Response:
    """Let this browser open the case page from now on."""
    token = tickets.access_token(ticket)
    return set_cookie(response, COOKIE, token, path=f"/t/{ticket.reference}", max_age_seconds=_DAYS_90_SECONDS)


def find_ticket(reference: str) -> Ticket | None:
    """The case this browser may open, if it may."""
    ticket = find_ticket_by_token(reference, _token()) if NUL not in reference else None
    if ticket is not None:
        set_caller(Caller(kind="claimant", ticket_id=ticket.id))
    return ticket


def get_ticket(reference: str) -> Ticket:
    """The case for a form of its page; the form must carry this browser's token. Raises NotFound, FormExpired."""
    ticket = find_ticket(reference)
    if ticket is None:
        raise NotFound
    forms.require_guard(_token())
    return ticket


def form_token() -> str:
    """What the forms of the open case page carry."""
    return forms.guard(_token())


def _token() -> str:
    return request.cookies.get(COOKIE, "")
