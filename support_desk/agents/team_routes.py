"""The people of the desk and their shifts, as supervisors and admins manage them."""

from typing import Any
from uuid import UUID

from support_desk.agents import service, shifts_service
from support_desk.agents.schemas import (
    AddShift,
    AgentList,
    AgentView,
    CreateAgent,
    NewAgentView,
    ShiftList,
    ShiftQuery,
    ShiftView,
    UpdateAgent,
)
from support_desk.agents.shifts_service import Hours
from support_desk.core.access import agent
from support_desk.core.http import Blueprint, require_if_match, with_etag
from support_desk.core.paging import Page
from support_desk.core.schemas import PageArguments

blp = Blueprint(
    "team", __name__, url_prefix="/api/v1/agent", description="The people of the desk and their shifts"
)


@blp.get("/agents")
@agent("agents.read")
@blp.arguments(PageArguments, location="query")
@blp.response(200, AgentList)
def list_agents(query: dict[str, Any]) -> Page[service.AgentView]:
    """Everybody of the desk."""
    return service.page_agents(**query)


@blp.post("/agents")
@agent("agents.manage")
@blp.arguments(CreateAgent)
@blp.response(201, NewAgentView)
def create_agent(body: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Add a person; the password is shown once."""
    view, password = service.create_agent(
        body["email"], body["name"], body["role"], languages=tuple(body["languages"])
    )
    return with_etag({**vars(view), "password": password}, view.version, 201)


@blp.get("/agents/<uuid:agent_id>")
@agent("agents.read")
@blp.response(200, AgentView)
def get_agent(agent_id: UUID) -> tuple[service.AgentView, int, dict[str, str]]:
    """A person of the desk."""
    view = service.get_agent(agent_id)
    return with_etag(view, view.version)


@blp.patch("/agents/<uuid:agent_id>")
@agent("agents.manage")
@blp.arguments(UpdateAgent)
@blp.response(200, AgentView)
def update_agent(body: dict[str, Any], agent_id: UUID) -> tuple[service.AgentView, int, dict[str, str]]:
    """Change name, role or languages, disable or enable; takes effect at once."""
    seen = service.get_agent(agent_id).version
    require_if_match(seen)
    view = service.update_agent(agent_id, version=seen, **body)
    return with_etag(view, view.version)


@blp.get("/shifts")
@agent("shifts.read")
@blp.arguments(ShiftQuery, location="query")
@blp.response(200, ShiftList)
def list_shifts(query: dict[str, Any]) -> Page[shifts_service.ShiftView]:
    """Who takes calls when."""
    return shifts_service.page_shifts(query.pop("agent_id"), **query)


@blp.post("/shifts")
@agent("shifts.manage")
@blp.arguments(AddShift)
@blp.response(201, ShiftView)
def add_shift(body: dict[str, Any]) -> shifts_service.ShiftView:
    """Put an agent on shift."""
    hours = Hours(body["starts_at"], body["ends_at"], tuple(body["languages"]))
    return shifts_service.add_shift(body["agent_id"], body["weekday"], hours)


@blp.delete("/shifts/<uuid:shift_id>")
@agent("shifts.manage")
@blp.response(204)
def remove_shift(shift_id: UUID) -> None:
    """Take an agent off a shift."""
    shifts_service.remove_shift(shift_id)
