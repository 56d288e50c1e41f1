"""What agents see of a restoration, and the little they may add."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.core.access import agent, caller
from support_desk.core.http import API, Blueprint, require_if_match, with_etag
from support_desk.restoration import plans, service
from support_desk.restoration.schemas import ActionResultView, AgentRestorationView, PlanRestoration
from support_desk.restoration.view_service import view_for_agent
from support_desk.tickets import service as tickets

blp = Blueprint("agent_restoration", __name__, url_prefix=f"{API}/agent", description="Restorations, for agents")


@blp.get("/tickets/<uuid:ticket_id>/restoration")
@agent("restoration.read")
@blp.response(200, AgentRestorationView)
def get_restoration(ticket_id: UUID) -> Any:
    """The plan, its holds, and what came back."""
    tickets.get_ticket(ticket_id)
    document = view_for_agent(ticket_id)
    return with_etag(document, document.get("version", 0))


@blp.post("/tickets/<uuid:ticket_id>/restoration")
@agent("restoration.plan")
@blp.arguments(PlanRestoration)
@blp.response(201, AgentRestorationView)
def plan_restoration(body: dict[str, Any], ticket_id: UUID) -> Any:
    """Write down what the claimant asks for; the level is verification's to give."""
    tickets.get_ticket(ticket_id)
    _require_version(ticket_id)
    for wanted in body["actions"]:
        service.plan_for_agent(ticket_id, wanted["action"], new_email=wanted.get("new_email"))
    document = view_for_agent(ticket_id)
    return with_etag(document, document.get("version", 0), 201)


@blp.post("/tickets/<uuid:ticket_id>/restoration/actions/<string:action>/authorisation")
@agent("restoration.authorise")
@blp.response(200, ActionResultView)
@blp.alt_response(202, schema=ActionResultView, description="It waits for the customer's confirmation")
def authorise(ticket_id: UUID, action: str) -> Any:
    """Approve an action where one agent suffices."""
    tickets.get_ticket(ticket_id)
    _require_version(ticket_id)
    agent_id = caller().agent_id
    assert agent_id is not None
    result = service.authorise_by_agent(ticket_id, action, agent_id)
    return result, 202 if result.state == service.AWAITS_CONFIRMATION else 200


def _require_version(ticket_id: UUID) -> None:
    restoration = plans.find_by_ticket(ticket_id)
    require_if_match(restoration.version if restoration else 0)
