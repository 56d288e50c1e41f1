"""The password assistant: identifier, code by mail, new password; every answer the same for every identifier."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from support_desk.core import clock
from support_desk.core.budgets import spend
from support_desk.core.db import db
from support_desk.core.japan import normalise_postal_code
from support_desk.core.secrets import blind_index, derive_token, token_matches
from support_desk.intake.errors import InvalidResetToken
from support_desk.intake.limits import POSTAL_CODES, spend_identifiers, spend_network
from support_desk.intake.models import PasswordReset, ResetState
from support_desk.outbox import service as outbox
from support_desk.restoration import service as restoration
from support_desk.restoration.service import ActionResult
from support_desk.tickets import service as tickets
from support_desk.tickets.lifecycle import Status
from support_desk.tickets.models import Ticket
from support_desk.tickets.service import Claimed, Contact
from support_desk.verification import service as verification

TOKEN = "password_reset"  # noqa: S105 - a purpose, not a token
TOKEN_LIVES = timedelta(minutes=30)


def start_reset(identifier: str, language: str) -> UUID:
    """Open a case for whoever forgot a password and ask for the code; returns the reset's id.

    The identifier is taken as it is: whether it names an account is the worker's question.
    """
    at = clock.now()
    spend_network("resets", at=at)
    claimed = Claimed(email=identifier) if "@" in identifier or "＠" in identifier else Claimed(phone=identifier)
    within, _ = spend_identifiers(tickets.identifiers_of(Contact(), claimed), at=at)
    ticket = tickets.open_ticket(
        issue="forgot_password",
        language=language,
        channel="assistant",
        contact=Contact(),
        claimed=claimed,
        description=None,
        over_budget=not within,
        # The customer goes on alone: nobody at the desk is waited for.
        status=Status.PENDING,
    )
    outbox.promise("verification.resolve", ticket_id=ticket.id)
    challenge = verification.start_challenge(ticket.id, "email_code", purpose="reset")
    reset = PasswordReset(ticket_id=ticket.id, challenge_id=challenge.id, state=ResetState.ASKED)
    db.session.add(reset)
    db.session.flush()
    return reset.id


def add_postal_code(reset_id: UUID, postal_code: str) -> None:
    """Take the postal code too and look again; an unknown reset and a spent budget look the same."""
    at = clock.now()
    spend_network("resets", at=at)
    reset = _find(reset_id)
    if not spend(blind_index("reset", str(reset_id)), POSTAL_CODES, at=at):
        return
    if reset is None or reset.state is not ResetState.ASKED or normalise_postal_code(postal_code) is None:
        return
    tickets.correct_claims(reset.ticket_id, postal_code=postal_code)
    outbox.promise("verification.resolve", ticket_id=reset.ticket_id)
    reset.challenge_id = verification.start_challenge(
        reset.ticket_id, "email_code", purpose="reset", at_once=True
    ).id


def prove(reset_id: UUID, code: str) -> str | None:
    """The reset token for a right code; None for every other code, and for an unknown reset."""
    at = clock.now()
    spend_network("codes", at=at)
    reset = _find(reset_id, lock=True)
    if reset is None or reset.challenge_id is None:
        return None
    answer = verification.answer_code(reset.ticket_id, reset.challenge_id, code, purpose="reset")
    if answer is not verification.CodeAnswer.ACCEPTED:
        return None
    reset.state = ResetState.PROVED
    reset.proved_at = at
    db.session.flush()
    return derive_token(TOKEN, reset_id)


def choose_password(reset_id: UUID, reset_token: str, new_password: str) -> tuple[Ticket, ActionResult]:
    """Set the new password by the evidence of the reset's own case; the token is used up by success alone.

    Raises InvalidResetToken, PasswordRefused, and NotVerified where the policy wants more than the code.
    """
    good = token_matches(TOKEN, reset_token, reset_id)
    reset = _find(reset_id, lock=True)
    if not good or reset is None or reset.state is not ResetState.PROVED or _is_old(reset):
        raise InvalidResetToken
    result = restoration.request_action(
        reset.ticket_id, "set_password", new_password=new_password, pointer="/new_password"
    )
    reset.state = ResetState.DONE
    db.session.flush()
    return tickets.get_ticket(reset.ticket_id), result


def _find(reset_id: UUID, *, lock: bool = False) -> PasswordReset | None:
    return db.session.get(PasswordReset, reset_id, with_for_update=lock or None)


def _is_old(reset: PasswordReset) -> bool:
    return reset.proved_at is None or reset.proved_at + TOKEN_LIVES <= clock.now()
