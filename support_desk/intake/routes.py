"""Help, postal codes, opening a case and looking at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.core.access import caller, claimant, public
from support_desk.core.http import API, Blueprint, request_language
from support_desk.core.idempotency import needs_key, once
from support_desk.intake import case_links_service, case_service, help_service, opening_service, postal_service
from support_desk.intake.schemas import (
    AcceptedView,
    AskCaseLink,
    CaseView,
    HelpMenuView,
    OpenedTicketView,
    OpenTicket,
    TownsView,
)
from support_desk.tickets import service as tickets
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.service import Claimed, Contact

blp = Blueprint("intake", __name__, url_prefix=API, description="Help, and opening a case")

_POSTAL_CODE = {
    "in": "path",
    "name": "postal_code",
    "required": True,
    "description": "seven digits, with or without hyphen, full-width or not",
    "schema": {"type": "string", "pattern": "^[0-9]{3}-?[0-9]{4}$"},
}


@blp.get("/help-topics")
@public
@blp.response(200, HelpMenuView)
def get_help() -> help_service.Help:
    """The help menu in the caller's language, and whether the phone line is open now."""
    return help_service.show_help(request_language())


@blp.get("/postal-codes/<string:postal_code>", parameters=[_POSTAL_CODE])
@public
@blp.response(200, TownsView)
def get_towns(postal_code: str) -> dict[str, Any]:
    """The towns of a postal code."""
    return {"items": postal_service.find_towns(postal_code)}


@blp.post("/tickets")
@public
@needs_key
@blp.arguments(OpenTicket)
@blp.response(201, OpenedTicketView)
def open_ticket(body: dict[str, Any]) -> Any:
    """Open a case; needs an Idempotency-Key."""

    def work() -> dict[str, str | None]:
        ticket, callback = opening_service.open_case(
            **{
                **body,
                "contact": Contact(**body["contact"]),
                "claimed": Claimed(**body["claimed"]),
            }
        )
        return {"ticket_id": str(ticket.id), "callback": callback, "status": ticket.status.value}

    return once(work, _opened, required=True)


def _opened(ids: Any) -> dict[str, Any]:
    ticket = tickets.get_ticket(UUID(ids["ticket_id"]))
    return {
        "reference": ticket.reference,
        "access_token": tickets.access_token(ticket),
        "status": Status(ids["status"]),
        "links": case_service.links_of(ticket),
        "next_steps": opening_service.steps_after_opening(ticket, ids["callback"]),
    }


@blp.get("/tickets/<string:reference>")
@claimant
@blp.response(200, CaseView)
def get_case(reference: str) -> case_service.Case:
    """The whole case: status, next steps, verification, restoration, callback, messages, timeline."""
    ticket_id = caller().ticket_id
    assert ticket_id is not None
    return case_service.view_case(ticket_id)


@blp.post("/case-links")
@public
@blp.arguments(AskCaseLink)
@blp.response(202, AcceptedView)
def ask_case_link(body: dict[str, Any]) -> dict[str, str]:
    """Have a case's link sent again to its contact address; the same answer for everybody."""
    case_links_service.ask_for_link(**body)
    return {"state": "accepted"}
