"""The page of one ticket: conversation, what may be done, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, request

from support_desk.agents.service import names_of
from support_desk.core.access import agent
from support_desk.core.db import db
from support_desk.core.errors import DeskError, PreconditionFailed, Unprocessable
from support_desk.core.idempotency import once
from support_desk.desk.case_service import case_at_a_glance
from support_desk.restoration import plans
from support_desk.restoration import service as restoration
from support_desk.restoration.schemas import PlannedAction
from support_desk.tickets import service as tickets
from support_desk.tickets.lifecycle import Mover, Status, may_move
from support_desk.tickets.models import Author, Ticket
from support_desk.tickets.schemas import WriteReply
from support_desk.tickets.views import desk_ticket
from support_desk.web.desk_pages import HOME, agent_id, desk_pages, go, render, texts
from support_desk.web.desk_words import policy_words
from support_desk.web.forms import new_form_key


@dataclass(frozen=True)
class Draft:
    """A reply or note that was typed and not sent."""

    body: str = ""
    visibility: str = "public"


@desk_pages.get("/tickets/<uuid:ticket_id>")
@agent("tickets.read")
def ticket_page(ticket_id: UUID) -> Response:
    """The case at a glance."""
    return _page(tickets.get_ticket(ticket_id))


@desk_pages.post("/tickets/<uuid:ticket_id>/messages")
@agent("tickets.write")
def write_message(ticket_id: UUID) -> Response:
    """Send a reply or keep a note; what cannot be sent stays in the composer."""
    form = request.form
    draft = Draft(form.get("body", "").replace("\r\n", "\n"), form.get("visibility", "public"))
    fields = {"body": draft.body, "visibility": draft.visibility}
    if form.get("last_seen_message_id"):
        fields["last_seen_message_id"] = form["last_seen_message_id"]

    def work() -> Mapping[str, Any]:
        _seen(ticket_id)
        message = tickets.post_message(
            ticket_id, author=Author.AGENT, author_id=agent_id(), **_loaded(WriteReply(), fields)
        )
        return {"message_id": str(message.id)}

    try:
        with db.session.begin_nested():
            once(work, lambda ids: ids, key=form.get("form_key") or new_form_key(), body=fields)
    except DeskError as error:
        return _page(tickets.get_ticket(ticket_id), error=error, draft=draft)
    return go(_path(ticket_id), "noted" if draft.visibility == "internal" else "replied")


@desk_pages.post("/tickets/<uuid:ticket_id>/status")
@agent("tickets.write")
def change_status(ticket_id: UUID) -> Response:
    """Move the ticket to another status."""

    def work() -> None:
        try:
            status = Status(request.form.get("status", ""))
        except ValueError:
            raise Unprocessable from None
        tickets.change(_seen(ticket_id), status=status)

    return _do(ticket_id, work, "moved")


@desk_pages.post("/tickets/<uuid:ticket_id>/claim")
@agent("tickets.write")
def claim_ticket(ticket_id: UUID) -> Response:
    """Take the ticket to work on it."""
    return _do(ticket_id, lambda: tickets.claim(ticket_id, agent_id()), "claimed")


@desk_pages.post("/tickets/<uuid:ticket_id>/release")
@agent("tickets.write")
def release_ticket(ticket_id: UUID) -> Response:
    """Give the ticket back to whoever comes next."""
    return _do(ticket_id, lambda: tickets.change(_seen(ticket_id), assignee_id=None), "released")


@desk_pages.post("/tickets/<uuid:ticket_id>/restoration")
@agent("restoration.plan")
def plan_restoration(ticket_id: UUID) -> Response:
    """Write down, for a claimant on the phone, what they could ask for alone."""
    form = request.form

    def work() -> None:
        _seen_plan(ticket_id)
        wanted = {name: form[name].strip() for name in ("action", "new_email") if form.get(name)}
        restoration.plan_for_agent(ticket_id, **_loaded(PlannedAction(), wanted))

    return _do(ticket_id, work, "planned")


@desk_pages.post("/tickets/<uuid:ticket_id>/restoration/<string:action>/authorisation")
@agent("restoration.authorise")
def authorise_action(ticket_id: UUID, action: str) -> Response:
    """Approve an action where one agent suffices; the level is verification's to give."""

    def work() -> None:
        _seen_plan(ticket_id)
        restoration.authorise_by_agent(ticket_id, action, agent_id())

    return _do(ticket_id, work, "authorised")


@desk_pages.get("/tickets/<uuid:ticket_id>/timeline")
@agent("tickets.read")
def ticket_timeline(ticket_id: UUID) -> Response:
    """Everything that happened to the ticket, oldest first."""
    ticket = tickets.get_ticket(ticket_id)
    entries = tickets.timeline(ticket_id, for_claimant=False)
    people = {UUID(entry.actor_id) for entry in entries if entry.actor_id and entry.actor in ("agent", "intake")}
    names = {str(person): name for person, name in names_of(people).items()}
    return render("timeline", ticket=ticket, entries=entries, names=names)


def _path(ticket_id: UUID) -> str:
    return f"{HOME}/tickets/{ticket_id}"


def _seen(ticket_id: UUID) -> Ticket:
    """The ticket, locked, if it still is what the page showed; raises PreconditionFailed."""
    ticket = tickets.lock_ticket(ticket_id)
    if request.form.get("version") != str(ticket.version):
        raise PreconditionFailed
    return ticket


def _seen_plan(ticket_id: UUID) -> None:
    """Refuse a write to a plan that is no longer what the page showed."""
    tickets.get_ticket(ticket_id)
    found = plans.find_by_ticket(ticket_id)
    if found is None or request.form.get("version") != str(found.version):
        raise PreconditionFailed


def _loaded(schema: ma.Schema, fields: Mapping[str, str]) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(fields)
    except ma.ValidationError:
        raise Unprocessable from None
    return loaded


def _do(ticket_id: UUID, work: Any, notice: str) -> Response:
    """Do what a form asks; a refusal is shown on the ticket's page as it is now."""
    try:
        with db.session.begin_nested():
            work()
    except DeskError as error:
        return _page(tickets.get_ticket(ticket_id), error=error)
    return go(_path(ticket_id), notice)


def _page(ticket: Ticket, *, error: DeskError | None = None, draft: Draft | None = None) -> Response:
    messages = tickets.list_messages(ticket.id, for_claimant=False)
    people = {message.author_id for message in messages} | {ticket.assignee_id}
    return render(
        "ticket",
        error.status if error else 200,
        case=case_at_a_glance(ticket, agent_id()),
        words=policy_words(texts()),
        ticket=desk_ticket(ticket, messages, tickets.list_open_behind(ticket.id)),
        names=names_of({person for person in people if person is not None}),
        moves=[status for status in Status if may_move(ticket.status, status, Mover.AGENT)],
        last_seen_message_id=messages[-1].id if messages else "",
        form_key=new_form_key(),
        draft=draft or Draft(),
        kept=draft is not None,
        problem=error.title(texts().language) if error else None,
    )
