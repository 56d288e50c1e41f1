"""The calls of the dashboard: the list, the call in hand, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import marshmallow as ma
from flask import Response, request

from support_desk.agents.service import names_of
from support_desk.callbacks import service as callbacks
from support_desk.callbacks.errors import NumberGone
from support_desk.callbacks.lifecycle import State
from support_desk.callbacks.schemas import RecordOutcome
from support_desk.core.access import agent
from support_desk.core.db import db
from support_desk.core.errors import DeskError, PreconditionFailed, UnknownParameter, Unprocessable
from support_desk.desk.case_service import call_in_hand
from support_desk.web.desk_pages import HOME, agent_id, desk_pages, go, render, texts

CALLS = f"{HOME}/callbacks"
_PAGE_SIZE = 25


@desk_pages.get("/callbacks")
@agent("callbacks.read")
def callback_list() -> Response:
    """The calls in the order in which they are due, and the one in hand."""
    return _page()


@desk_pages.post("/callbacks/claim-next")
@agent("callbacks.work")
def claim_next_call() -> Response:
    """Take the call that is due first."""
    found = callbacks.claim_next(agent_id())
    return go(CALLS, "call_claimed" if found else "no_call_due")


@desk_pages.post("/callbacks/<uuid:callback_id>/attempts")
@agent("callbacks.work")
def start_attempt(callback_id: UUID) -> Response:
    """Begin to dial: the attempt is written down before the number is shown."""

    def work() -> DeskError | None:
        return None if callbacks.start_attempt(callback_id, agent_id()) else NumberGone()

    return _do(work, "attempt_started")


@desk_pages.post("/callbacks/<uuid:callback_id>/attempts/<int:number>")
@agent("callbacks.work")
def record_outcome(callback_id: UUID, number: int) -> Response:
    """Record how the attempt ended."""

    def work() -> None:
        fields = {"outcome": request.form.get("outcome", "")}
        if note := request.form.get("note", "").strip():
            fields["note"] = note.replace("\r\n", "\n")
        try:
            body = RecordOutcome().load(fields)
        except ma.ValidationError:
            raise Unprocessable from None
        callbacks.record_outcome(callback_id, number, agent_id(), **body, seen=_require_seen)

    return _do(work, "outcome_recorded")


def _require_seen(version: int) -> None:
    if request.form.get("version") != str(version):
        raise PreconditionFailed


def _do(work: Callable[[], DeskError | None], notice: str) -> Response:
    """Do what a form asks; what `work` returns is a refusal whose effects stay."""
    try:
        with db.session.begin_nested():
            refused = work()
    except DeskError as error:
        refused = error
    return _page(refused) if refused else go(CALLS, notice)


def _page(error: DeskError | None = None) -> Response:
    try:
        state = State(request.args["state"]) if request.args.get("state") else None
    except ValueError:
        raise UnknownParameter from None
    found = callbacks.list_callbacks(
        state=state.value if state else None, limit=_PAGE_SIZE, cursor=request.args.get("cursor")
    )
    return render(
        "callbacks",
        error.status if error else 200,
        state=state.value if state else None,
        items=found.items,
        next_cursor=found.next_cursor,
        names=names_of({item["lease_agent_id"] for item in found.items if item["lease_agent_id"]}),
        hand=call_in_hand(agent_id()),
        problem=error.title(texts().language) if error else None,
    )
