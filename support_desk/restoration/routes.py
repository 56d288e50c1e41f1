"""The customers' own steps, and the stop link."""

from __future__ import annotations

from typing import Any

from flask import Response

from support_desk.core.access import caller, claimant, public
from support_desk.core.http import API, Blueprint, answer
from support_desk.restoration import service
from support_desk.restoration.schemas import (
    ActionResultView,
    ConfirmChannel,
    RequestAction,
    RestorationView,
    StoppedView,
)
from support_desk.restoration.view_service import view_for_claimant
from support_desk.verification.errors import InvalidCode

blp = Blueprint("restoration", __name__, url_prefix=API, description="What comes back, and when")


@blp.get("/tickets/<string:reference>/restoration")
@claimant
@blp.response(200, RestorationView)
def get_restoration(reference: str) -> dict[str, Any]:
    """The plan, its holds, and what came back."""
    return view_for_claimant(_ticket_id())


@blp.post("/tickets/<string:reference>/restoration/actions/<string:action>")
@claimant
@blp.arguments(RequestAction)
@blp.response(200, ActionResultView)
@blp.alt_response(202, schema=ActionResultView, description="Agents must approve it first")
def request_action(body: dict[str, Any], reference: str, action: str) -> Any:
    """Ask for a step: `set_password`, `replace_email` or `lift_restrictions`."""
    return _answered(service.request_action(_ticket_id(), action, **body))


@blp.post("/tickets/<string:reference>/restoration/actions/<string:action>/confirmation")
@claimant
@blp.arguments(ConfirmChannel)
@blp.response(200, ActionResultView)
@blp.alt_response(202, schema=ActionResultView, description="Agents must approve it first")
def confirm_action(body: dict[str, Any], reference: str, action: str) -> Any:
    """Confirm a new channel by the code that was sent to it; the hold starts now."""
    result = service.confirm_channel(_ticket_id(), action, body["code"])
    return answer(InvalidCode()) if result is None else _answered(result)


@blp.post("/stop/<string:token>")
@public
@blp.response(200, StoppedView)
def stop(token: str) -> dict[str, str]:
    """This was not me: stop the case that a notice told of."""
    service.stop(token)
    return {"state": "stopped"}


def _ticket_id() -> Any:
    return caller().ticket_id


def _answered(result: service.ActionResult) -> tuple[service.ActionResult, int] | Response:
    return result, 202 if result.state == service.NEEDS_AGENTS else 200
