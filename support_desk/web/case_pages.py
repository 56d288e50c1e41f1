"""The case page: where the case stands, the one next thing to do, and everything that can be done."""

from __future__ import annotations

import hashlib
from functools import partial
from uuid import UUID

from flask import Response, request

from support_desk.callbacks.service import ClaimantCallback
from support_desk.core.access import public
from support_desk.core.idempotency import once
from support_desk.core.references import read_reference
from support_desk.intake import case_links_service, case_service
from support_desk.intake.schemas import AskCaseLink
from support_desk.tickets import service as tickets
from support_desk.tickets.access import find_ticket_by_token
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Author, Ticket, Visibility
from support_desk.tickets.schemas import WriteMessage
from support_desk.verification import service as verification
from support_desk.verification.quiz_service import QuizGrid
from support_desk.verification.summary_service import ChallengeSummary
from support_desk.web import case_cookie, forms
from support_desk.web.call_times import CallDay, free_times, phone_for_people
from support_desk.web.language import page_language
from support_desk.web.site import go, render, site, texts

CODE_KINDS = ("email_code", "sms_code", "letter_code", "recovery_code", "totp")
RECALLED_ORDERS = (1, 2, 3)
# Errors of these fields are shown where they were typed.
NAMES = {f"/{name}": name for name in ("new_password", "new_email", "body", "slot", "phone")} | {
    "/slot_start": "slot",
    "/number/phone": "phone",
}


@site.get("/t")
@public
def find_case() -> Response:
    """Reference and key lead to the case; whoever lost the link asks for it again."""
    notice = texts()("case_link_sent") if request.args.get("sent") else None
    return _door("", forms.FormState(), 200, notice=notice)


@site.post("/t")
@public
def open_case() -> Response:
    """Open a case by reference and access key."""
    values = forms.typed()
    typed = values.get("reference", "")
    forms.show_again(partial(_door, typed), values, {"/reference": "reference", "/token": "token"})
    forms.require_readable(values)
    ticket = find_ticket_by_token(read_reference(typed) or "", values.get("token", ""))
    if ticket is None:
        return _door(typed, forms.FormState(message=texts()("case_gone")), 404)
    return case_cookie.give(go(f"/t/{ticket.reference}"), ticket)


@site.post("/t/link")
@public
def send_case_link() -> Response:
    """Send the link again: the same words for everybody."""
    values = forms.typed()
    names = {"/reference": "link_reference", "/contact": "contact"}
    forms.show_again(partial(_door, values.get("reference", "")), values, names)
    forms.require_readable(values)
    body: dict[str, str] = {name: values[name] for name in ("reference", "contact") if name in values}
    case_links_service.ask_for_link(**forms.load(AskCaseLink(), body))
    return go("/t?sent=1")


@site.get("/t/<string:reference>")
@public
def case(reference: str) -> Response:
    """The case, or the door to it for a browser that has no key yet."""
    ticket = case_cookie.find_ticket(reference)
    if ticket is None:
        return _door(reference, forms.FormState(), 200)
    return show_case(ticket.id, forms.FormState(), 200)


@site.post("/t/<string:reference>/messages")
@public
def write_message(reference: str) -> Response:
    """A message to the desk."""
    ticket, values = form_of_case(reference)
    body = forms.load(WriteMessage(), {name: values[name] for name in ("body",) if name in values})

    def post() -> dict[str, str]:
        message = tickets.post_message(
            ticket.id,
            author=Author.CLAIMANT,
            author_id=None,
            body=body["body"],
            visibility=Visibility.PUBLIC,
        )
        return {"message_id": str(message.id)}

    once(post, dict, key=forms.form_key(), body=body)
    return go(f"/t/{reference}#messages")


@site.post("/t/<string:reference>/withdrawal")
@public
def withdraw(reference: str) -> Response:
    """Withdraw the case."""
    ticket, _ = form_of_case(reference)
    tickets.withdraw(ticket.id)
    return go(f"/t/{reference}")


def form_of_case(reference: str) -> tuple[Ticket, dict[str, str]]:
    """The case and what was typed on its page; a refusal from now on shows the page again with it."""
    ticket = case_cookie.get_ticket(reference)
    values = forms.typed()
    forms.show_again(partial(show_case, ticket.id), values, NAMES)
    forms.require_readable(values)
    return ticket, values


def show_case(ticket_id: UUID, form: forms.FormState, status: int) -> Response:
    """The case page."""
    language = page_language()
    shown = case_service.view_case(ticket_id)
    open_call = shown.callback is not None and shown.callback.state not in ("done", "unreachable", "cancelled")
    challenges = {challenge.kind: challenge for challenge in shown.verification.challenges}
    days = [] if shown.status is Status.CLOSED else free_times(language, spoken=shown.language)
    return render(
        "case",
        status,
        here=f"/t/{shown.reference}",
        case=shown,
        form=form,
        form_token=case_cookie.form_token(),
        form_key=forms.new_form_key(),
        received=request.args.get("received"),
        call_refused=request.args.get("call") == "refused",
        step=request.args.get("step", ""),
        challenges=challenges,
        quiz=_quiz(ticket_id, challenges.get("order_quiz"), language),
        code_kinds=CODE_KINDS,
        recalled_orders=RECALLED_ORDERS,
        waiting=any(each.state in ("preparing", "answered") for each in challenges.values()),
        actions={action["action"]: action for action in shown.restoration["actions"]},
        call_open=open_call,
        desk_number=phone_for_people(shown.callback.announced_number, language) if shown.callback else "",
        days=days,
        mark=_mark(shown, days),
    )


def _quiz(ticket_id: UUID, challenge: ChallengeSummary | None, language: str) -> list[QuizGrid]:
    """The grids of a quiz that waits for its answer."""
    if challenge is None or challenge.state != "ready":
        return []
    return verification.show_challenge(verification.get_challenge(ticket_id, challenge.id), language).grids or []


def _mark(case: case_service.Case, days: list[CallDay]) -> str:
    """What the page compares to see whether there is something new: made of what it shows, and of nothing else."""
    call: ClaimantCallback | None = case.callback
    seen = (
        case.status.value,
        [(each.kind, each.state, each.asked_at) for each in case.verification.challenges],
        case.restoration,
        (call.state, call.slot_start, call.can_change) if call else None,
        len(case.messages),
        bool(days),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def _door(reference: str, form: forms.FormState, status: int, *, notice: str | None = None) -> Response:
    return render("find_case", status, here="/t", form=form, reference=reference, notice=notice)
