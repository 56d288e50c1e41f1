"""The case page: where the case stands, the one next thing to do, and everything that can be done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import marshmallow as ma
from flask import Response, request

from support_desk.callbacks import service as callbacks
from support_desk.core.access import public
from support_desk.core.errors import DeskError, Unprocessable
from support_desk.core.parsing import problems_of
from support_desk.intake import service as intake
from support_desk.restoration import service as restoration
from support_desk.restoration.view_service import view_for_claimant
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification import service as verification
from support_desk.verification.errors import InvalidCode
from support_desk.verification.schemas import AnswerChallenge
from support_desk.web import case_cookie, forms
from support_desk.web.language import page_language
from support_desk.web.site import go, render, site, texts

CODE_KINDS = ("email_code", "sms_code")
KINDS = (*CODE_KINDS, "order_recall")
RECALLED_ORDERS = (1, 2, 3)
SLOTS_SHOWN = 40


@site.get("/t")
@public
def find_case() -> Response:
    """Reference and key lead to the case; whoever lost the link asks for it again."""
    return render("find_case", form=forms.FormState(), reference="", message=None)


@site.post("/t")
@public
def open_case() -> Response:
    """Open a case by reference and access key."""
    reference = request.form.get("reference", "").strip()
    ticket = intake.find_case(reference, request.form.get("token", "").strip())
    if ticket is None:
        state = forms.FormState({"reference": reference}, message=texts()("case_gone"))
        return render("find_case", 404, form=state, reference=reference, message=None)
    return case_cookie.give(go(f"/t/{ticket.reference}"), ticket)


@site.post("/t/link")
@public
def send_case_link() -> Response:
    """Send the link again: the same words for everybody."""
    values = forms.form_values()
    if values.get("reference") and values.get("contact") and not forms.unsafe(values):
        intake.ask_for_link(values["reference"][:100], values["contact"][:254])
    return render("find_case", form=forms.FormState(), reference="", message=texts()("case_link_sent"))


@site.get("/t/<string:reference>")
@public
def case(reference: str) -> Response:
    """The case, or the door to it for a browser that has no key yet."""
    ticket = case_cookie.find_ticket(reference)
    if ticket is None:
        return render(
            "find_case", form=forms.FormState({"reference": reference}), reference=reference, message=None
        )
    return _page(ticket, forms.FormState())


@site.post("/t/<string:reference>/challenges")
@public
def start_challenge(reference: str) -> Response:
    """Ask for a code, or for the chance to tell about orders."""
    ticket = case_cookie.get_ticket(reference)
    kind = request.form.get("kind", "")
    if kind in KINDS:
        verification.start_challenge(ticket.id, kind)
    return go(f"/t/{reference}#prove")


@site.post("/t/<string:reference>/challenges/<uuid:challenge_id>")
@public
def answer_challenge(reference: str, challenge_id: UUID) -> Response:
    """A code, or what is remembered of orders."""
    ticket = case_cookie.get_ticket(reference)
    values = forms.form_values()
    try:
        body = AnswerChallenge().load(_answer(values))
    except ma.ValidationError as error:
        problem = Unprocessable(errors=problems_of(error))
        return _page(ticket, forms.failed(problem, values, page_language()), 422)
    if "code" in body:
        good = verification.answer_code(ticket.id, challenge_id, body["code"])
        if good is not verification.CodeAnswer.ACCEPTED:
            return _page(ticket, forms.failed(InvalidCode(), {}, page_language()), 422)
    else:
        verification.answer_recall(ticket.id, challenge_id, body["orders"])
    return go(f"/t/{reference}#prove")


def _answer(values: dict[str, str]) -> dict[str, Any]:
    if "code" in values:
        return {"code": values["code"]}
    orders = []
    for number in RECALLED_ORDERS:
        order: dict[str, Any] = {}
        for name in ("order_number", "item", "date", "amount_yen"):
            if text := values.get(f"{name}_{number}"):
                order[name] = intake.read_yen(text) if name == "amount_yen" else text
        if order:
            orders.append(order)
    return {"orders": orders}


@site.post("/t/<string:reference>/steps/<string:action>")
@public
def request_step(reference: str, action: str) -> Response:
    """A step of the restoration."""
    ticket = case_cookie.get_ticket(reference)
    values = forms.form_values()
    wanted = {
        name: request.form[name] for name in ("new_password", "new_email") if request.form.get(name, "").strip()
    }
    try:
        with_body = {name: value[:1024] for name, value in wanted.items()}
        result = restoration.request_action(ticket.id, action, **with_body)
    except DeskError as error:
        return _page(ticket, forms.failed(error, values, page_language()), error.status)
    return go(f"/t/{reference}?step={result.state}#steps")


@site.post("/t/<string:reference>/steps/<string:action>/confirmation")
@public
def confirm_step(reference: str, action: str) -> Response:
    """The code that was sent to a new e-mail."""
    ticket = case_cookie.get_ticket(reference)
    try:
        result = restoration.confirm_channel(ticket.id, action, request.form.get("code", "")[:100])
    except DeskError as error:
        return _page(ticket, forms.failed(error, {}, page_language()), error.status)
    if result is None:
        return _page(ticket, forms.failed(InvalidCode(), {}, page_language()), 422)
    return go(f"/t/{reference}?step={result.state}#steps")


@site.post("/t/<string:reference>/callback")
@public
def change_callback(reference: str) -> Response:
    """Book, move or cancel the call."""
    ticket = case_cookie.get_ticket(reference)
    values = forms.form_values()
    try:
        _change_callback(ticket, values)
    except (DeskError, ValueError) as error:
        refusal = error if isinstance(error, DeskError) else Unprocessable()
        return _page(ticket, forms.failed(refusal, values, page_language()), refusal.status)
    return go(f"/t/{reference}#call")


def _change_callback(ticket: Ticket, values: dict[str, str]) -> None:
    booked = callbacks.find_active(ticket.id)
    if values.get("do") == "cancel":
        if booked:
            callbacks.cancel(booked.id, ticket_id=ticket.id)
        return
    start = datetime.fromisoformat(values.get("slot", ""))
    if booked:
        callbacks.move(booked.id, start, ticket_id=ticket.id, seen=lambda version: None)
        return
    given = values.get("number_kind") != "on_file"
    callbacks.book(
        ticket.id,
        slot_start=start,
        number_kind="given" if given else "on_file",
        phone=values.get("phone", "") if given else None,
    )


@site.post("/t/<string:reference>/messages")
@public
def write_message(reference: str) -> Response:
    """A message to the desk."""
    ticket = case_cookie.get_ticket(reference)
    values = forms.form_values()
    if values.get("body") and not forms.unsafe(values):
        try:
            tickets.post_message(
                ticket.id, author="claimant", author_id=None, body=values["body"][:10000], visibility="public"
            )
        except DeskError as error:
            return _page(ticket, forms.failed(error, values, page_language()), error.status)
    return go(f"/t/{reference}#messages")


@site.post("/t/<string:reference>/withdrawal")
@public
def withdraw(reference: str) -> Response:
    """Withdraw the case."""
    ticket = case_cookie.get_ticket(reference)
    try:
        tickets.withdraw(ticket.id)
    except DeskError as error:
        return _page(ticket, forms.failed(error, {}, page_language()), error.status)
    return go(f"/t/{reference}")


def _page(ticket: Ticket, form: forms.FormState, status: int = 200) -> Response:
    language = page_language()
    plan = view_for_claimant(ticket.id)
    booked = callbacks.find_newest(ticket.id)
    return render(
        "case",
        status,
        ticket=ticket,
        form=form,
        form_token=case_cookie.form_token(),
        received=request.args.get("received"),
        step=request.args.get("step"),
        steps=intake.next_steps(ticket, language),
        challenges={challenge.kind: challenge for challenge in verification.list_challenges(ticket.id)},
        kinds=KINDS,
        code_kinds=CODE_KINDS,
        recalled_orders=RECALLED_ORDERS,
        plan=plan,
        awaits_email=any(
            action["action"] == "replace_email" and action["awaits_confirmation"] for action in plan["actions"]
        ),
        callback=callbacks.view_for_claimant(booked) if booked else None,
        callback_open=callbacks.find_active(ticket.id) is not None,
        slots=callbacks.list_slots(language)[:SLOTS_SHOWN],
        messages=tickets.list_messages(ticket.id, for_claimant=True),
    )
