"""The password assistant, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.core.access import public
from support_desk.core.http import API, Blueprint, answer, request_language
from support_desk.intake import reset_service
from support_desk.intake.schemas import (
    AcceptedView,
    AddPostalCode,
    ChoosePassword,
    DoneResetView,
    ProvedResetView,
    ProveReset,
    ResetView,
    StartReset,
)
from support_desk.tickets import service as tickets
from support_desk.verification.errors import InvalidCode

blp = Blueprint("password_resets", __name__, url_prefix=API, description="The password assistant")


@blp.post("/password-resets")
@public
@blp.arguments(StartReset)
@blp.response(202, ResetView)
def start_reset(body: dict[str, Any]) -> dict[str, UUID]:
    """Ask for a code by e-mail or phone number; the same answer for every identifier."""
    return {"id": reset_service.start_reset(body["identifier"], request_language())}


@blp.post("/password-resets/<uuid:reset_id>/postal-code")
@public
@blp.arguments(AddPostalCode)
@blp.response(202, AcceptedView)
def add_postal_code(body: dict[str, Any], reset_id: UUID) -> dict[str, str]:
    """Add the postal code when no mail came; the same answer for everybody."""
    reset_service.add_postal_code(reset_id, body["postal_code"])
    return {"state": "accepted"}


@blp.post("/password-resets/<uuid:reset_id>/code")
@public
@blp.arguments(ProveReset)
@blp.response(200, ProvedResetView)
def prove_reset(body: dict[str, Any], reset_id: UUID) -> Any:
    """Enter the code from the mail."""
    token = reset_service.prove(reset_id, body["code"])
    return answer(InvalidCode()) if token is None else {"reset_token": token}


@blp.post("/password-resets/<uuid:reset_id>/password")
@public
@blp.arguments(ChoosePassword)
@blp.response(200, DoneResetView)
def choose_password(body: dict[str, Any], reset_id: UUID) -> dict[str, Any]:
    """Choose the new password; a refused one can be tried again with the same token."""
    ticket, result = reset_service.choose_password(reset_id, body["reset_token"], body["new_password"])
    return {
        "case": {"reference": ticket.reference, "access_token": tickets.access_token(ticket)},
        "state": result.state,
        "not_before": result.not_before,
    }
