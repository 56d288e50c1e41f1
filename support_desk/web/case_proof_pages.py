"""Proving on the case page who one is: codes, orders that are remembered, and orders that are recognised."""

from __future__ import annotations

from functools import partial
from urllib.parse import quote
from uuid import UUID

from flask import Response, request

from support_desk.core.access import public
from support_desk.core.errors import Unprocessable
from support_desk.core.schemas import NUL
from support_desk.verification import service as verification
from support_desk.verification.errors import InvalidCode
from support_desk.verification.quiz import GRIDS
from support_desk.verification.schemas import AnswerChallenge
from support_desk.verification.summary_service import OFFERED
from support_desk.web import case_cookie, forms
from support_desk.web.case_pages import RECALLED_ORDERS, form_of_case, show_case
from support_desk.web.recall_form import read_orders
from support_desk.web.site import go, render, site

_ORDER_FIELDS = ("order_number", "item", "date", "amount_yen")
_NAMES = {f"/{name}_{number}": f"{name}_{number}" for name in _ORDER_FIELDS for number in RECALLED_ORDERS}


@site.post("/t/<string:reference>/challenges")
@public
def start_challenge(reference: str) -> Response:
    """Ask for a code, or for the chance to tell about orders."""
    ticket, values = form_of_case(reference)
    kind = values.get("kind", "")
    if kind not in OFFERED:
        raise Unprocessable
    verification.start_challenge(ticket.id, kind)
    return go(f"/t/{reference}#{kind}")


@site.post("/t/<string:reference>/challenges/<uuid:challenge_id>/code")
@public
def answer_code(reference: str, challenge_id: UUID) -> Response:
    """A code that was sent."""
    ticket, values = form_of_case(reference)
    kind = verification.get_challenge(ticket.id, challenge_id).kind
    field = f"code-{kind}"
    forms.show_again(partial(show_case, ticket.id), {}, {"/code": field})
    body = forms.load(AnswerChallenge(), {"code": values.get("code", "")})
    if verification.answer_code(ticket.id, challenge_id, body["code"]) is not verification.CodeAnswer.ACCEPTED:
        # Counted: nothing is rolled back.
        state = forms.refused(InvalidCode(errors=[forms.wrong_code()]), {}, {"/code": field})
        return show_case(ticket.id, state, InvalidCode.status)
    return go(f"/t/{reference}#{kind}")


@site.get("/t/<string:reference>/challenges/<uuid:challenge_id>/link/<string:token>")
@public
def link_page(reference: str, challenge_id: UUID, token: str) -> Response:
    """The link of a mail: a button, and the same page for every address (mail scanners follow links)."""
    return _link_page(reference, challenge_id, token)


@site.post("/t/<string:reference>/challenges/<uuid:challenge_id>/link/<string:token>")
@public
def answer_link(reference: str, challenge_id: UUID, token: str) -> Response:
    """The button: it counts in the browser that holds the case, so that nobody confirms a stranger's case."""
    ticket = case_cookie.find_ticket(reference)
    if ticket is not None and NUL not in token:
        answer = verification.answer_link(ticket.id, challenge_id, token)
        if answer is verification.CodeAnswer.ACCEPTED:
            return go(f"/t/{reference}#email_code")
    return _link_page(reference, challenge_id, token, refused=True)


def _link_page(reference: str, challenge_id: UUID, token: str, *, refused: bool = False) -> Response:
    here = f"/t/{quote(reference)}/challenges/{challenge_id}/link/{quote(token)}"
    return render("proof_link", InvalidCode.status if refused else 200, action=here, here=here, refused=refused)


@site.post("/t/<string:reference>/challenges/<uuid:challenge_id>/orders")
@public
def answer_recall(reference: str, challenge_id: UUID) -> Response:
    """What is remembered of orders."""
    ticket, values = form_of_case(reference)
    forms.show_again(partial(show_case, ticket.id), values, _NAMES)
    orders = read_orders(values, RECALLED_ORDERS)
    body = forms.load(AnswerChallenge(), {"orders": orders})
    verification.answer_recall(ticket.id, challenge_id, body["orders"])
    return go(f"/t/{reference}#order_recall")


@site.post("/t/<string:reference>/challenges/<uuid:challenge_id>/tiles")
@public
def answer_quiz(reference: str, challenge_id: UUID) -> Response:
    """The tiles that were ticked; a grid without a tick is an answer too."""
    ticket, _ = form_of_case(reference)
    grids = [{"tile_ids": request.form.getlist(f"tiles_{number}")} for number in range(1, GRIDS + 1)]
    body = forms.load(AnswerChallenge(), {"grids": grids})
    verification.answer_quiz(ticket.id, challenge_id, body["grids"])
    return go(f"/t/{reference}#order_quiz")
