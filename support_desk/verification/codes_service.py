"""Checking codes: count first, compare after, and do the same work whatever comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.core import clock
from support_desk.core.budgets import Rule, give_back, spend
from support_desk.core.codes import code_matches
from support_desk.core.db import db
from support_desk.core.secrets import mac, token_matches
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification import evidence_service, letters_service
from support_desk.verification.codes import (
    CODE_LIVES,
    LINK_LIVES,
    LINK_PURPOSE,
    RESERVED_WRONG_CODES,
    TRIES,
    TYPED,
    WRONG_CODES,
    WRONG_LETTERS,
    code_reference,
    link_parts,
)
from support_desk.verification.models import Challenge, ChallengeKind, ChallengePurpose, ChallengeState


class CodeAnswer(StrEnum):
    """What is told about a code. INVALID is a return value: a refusal that must be counted."""

    ACCEPTED = "accepted"
    INVALID = "invalid"


def answer_code(
    ticket_id: UUID, challenge_id: UUID, code: str, purpose: str = ChallengePurpose.IDENTIFY
) -> CodeAnswer:
    """Check a code that shows who the claimant is, or resets a password; a right one becomes evidence."""
    wanted = ChallengePurpose(purpose)
    assert wanted is not ChallengePurpose.CONFIRM_CHANNEL, "a channel somebody just named shows nothing"
    ticket = tickets.get_ticket(ticket_id)
    row = _check(ticket, challenge_id, code, wanted)
    if row is None:
        return CodeAnswer.INVALID
    evidence_service.record_evidence(
        ticket,
        kind=row.kind,
        challenge_id=challenge_id,
        channel_since=row.channel_since,
        set_by_desk=row.set_by_desk,
    )
    return CodeAnswer.ACCEPTED


def answer_link(ticket_id: UUID, challenge_id: UUID, token: str) -> CodeAnswer:
    """Check the link of a mailed code: it counts once, for half an hour, as the code itself would.

    Nobody guesses 256 bits, so that a wrong link costs no budget, and a spent one does not stop a right link.
    """
    at = clock.now()
    ticket = tickets.get_ticket(ticket_id)
    row = db.session.scalar(
        sa.select(Challenge)
        .where(
            Challenge.id == challenge_id,
            Challenge.ticket_id == ticket_id,
            Challenge.kind == ChallengeKind.EMAIL_CODE,
            Challenge.purpose == ChallengePurpose.IDENTIFY,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    equal = token_matches(LINK_PURPOSE, token, *link_parts(ticket_id, challenge_id, row.send_number if row else 0))
    good = (
        row is not None
        and equal
        and row.state is ChallengeState.READY
        and row.code_expires_at is not None
        and at < row.code_expires_at - CODE_LIVES + LINK_LIVES
        and _still_meant(ticket, row, ChallengePurpose.IDENTIFY)
    )
    _close(challenge_id, good, row is not None, at)
    if not good or row is None:
        return CodeAnswer.INVALID
    evidence_service.record_evidence(
        ticket,
        kind=ChallengeKind.EMAIL_CODE,
        challenge_id=challenge_id,
        channel_since=row.channel_since,
        set_by_desk=row.set_by_desk,
    )
    return CodeAnswer.ACCEPTED


def answer_confirmation(ticket_id: UUID, challenge_id: UUID, code: str) -> CodeAnswer:
    """Check a code that was sent to a new channel; it confirms the channel and is no evidence."""
    row = _check(tickets.get_ticket(ticket_id), challenge_id, code, ChallengePurpose.CONFIRM_CHANNEL)
    return CodeAnswer.INVALID if row is None else CodeAnswer.ACCEPTED


def _check(ticket: Ticket, challenge_id: UUID, code: str, purpose: ChallengePurpose) -> Any | None:
    """The challenge if the code is right, else None. The counters' row locks make parallel tries queue."""
    at = clock.now()
    key = budget_key(ticket)
    within = spend(key, WRONG_CODES, at=at)
    row = _take_try(ticket.id, challenge_id, purpose, at)
    kind = row.kind if row is not None else ChallengeKind.EMAIL_CODE
    reserve = _Reserve.of(ticket, key, kind)
    reserved = (not within or reserve.always) and reserve.open and spend(reserve.key, reserve.rule, at=at)
    match = _match(ticket, challenge_id, kind, purpose, row.send_number if row is not None else 0, code, at)
    good = (
        row is not None
        and (reserved if reserve.always else within or reserved)
        and match is not None
        and row.send_number > 0
        and row.code_expires_at > at
        and _still_meant(ticket, row, purpose)
        and match()
    )
    _close(challenge_id, good, row is not None, at)
    if not good:
        return None
    if reserved:
        give_back(reserve.key, reserve.rule, at=at)
    if within:
        give_back(key, WRONG_CODES, at=at)
    return row


@dataclass(frozen=True)
class _Reserve:
    """The tries that strangers cannot use up: of a letter the case's own, else those that another group opens."""

    key: bytes
    rule: Rule
    open: bool
    # Whether every try of this kind is counted here, spent by others or not.
    always: bool

    @classmethod
    def of(cls, ticket: Ticket, key: bytes, kind: ChallengeKind) -> _Reserve:
        opened = evidence_service.has_other_group(ticket, kind)
        if kind is ChallengeKind.LETTER_CODE:
            return cls(mac("budget", "letters of a ticket", ticket.id), WRONG_LETTERS, True, True)
        return cls(mac("budget", "reserved", key.hex(), kind), RESERVED_WRONG_CODES, opened, False)


def _match(
    ticket: Ticket,
    challenge_id: UUID,
    kind: ChallengeKind,
    purpose: ChallengePurpose,
    send_number: int,
    code: str,
    at: datetime,
) -> Callable[[], bool] | None:
    """How a right code is used up, which fails where it was used meanwhile; None for a wrong code."""
    if kind is ChallengeKind.LETTER_CODE:
        letter_id = letters_service.letter_matches(ticket.account_id, code, at)
        return None if letter_id is None else partial(letters_service.use_letter, letter_id, at)
    if kind is ChallengeKind.RECOVERY_CODE:
        code_id = accounts.find_recovery_code(ticket.account_id, code)
        return None if code_id is None else partial(accounts.use_recovery_code, code_id)
    if kind is ChallengeKind.TOTP:
        step = accounts.find_authenticator_step(ticket.account_id, code, at=at)
        return None if step is None else partial(_use_step, ticket, step)
    reference = code_reference(kind, purpose, ticket.id, challenge_id, send_number)
    return _by_closing if code_matches(code, **reference) else None  # type: ignore[arg-type]


def _use_step(ticket: Ticket, step: int) -> bool:
    return ticket.account_id is not None and accounts.use_authenticator_step(ticket.account_id, step)


def _by_closing() -> bool:
    """A code that was sent is used up with its challenge."""
    return True


def _take_try(ticket_id: UUID, challenge_id: UUID, purpose: ChallengePurpose, at: datetime) -> Any | None:
    """Use up one try of a challenge that still has one; None when nothing may be compared."""
    return db.session.execute(
        sa.update(Challenge)
        .where(
            Challenge.id == challenge_id,
            Challenge.ticket_id == ticket_id,
            Challenge.purpose == purpose,
            Challenge.kind.in_(TYPED),
            Challenge.state == ChallengeState.READY,
            Challenge.tries < TRIES,
        )
        .values(tries=Challenge.tries + 1, updated_at=at)
        .returning(
            Challenge.kind,
            Challenge.send_number,
            Challenge.tries,
            Challenge.code_expires_at,
            Challenge.account_id,
            Challenge.account_version,
            Challenge.channel_since,
            Challenge.set_by_desk,
        )
        .execution_options(synchronize_session=False)
    ).first()


def _still_meant(ticket: Ticket, row: Any, purpose: ChallengePurpose) -> bool:
    """Whether the code was sent for the account as it stands: a changed password or channel kills codes."""
    if purpose is ChallengePurpose.CONFIRM_CHANNEL:
        return True
    if row.account_id is None or row.account_id != ticket.account_id:
        return False
    return accounts.get_account(row.account_id).version == row.account_version


def _close(challenge_id: UUID, good: bool, tried: bool, at: datetime) -> None:
    """Accept the challenge once, or let it die with its last try; run for every answer, to take the same time."""
    db.session.execute(
        sa.update(Challenge)
        .where(
            Challenge.id == challenge_id,
            Challenge.state == ChallengeState.READY,
            sa.literal(tried),
            sa.or_(sa.literal(good), Challenge.tries >= TRIES),
        )
        .values(
            state=ChallengeState.ACCEPTED if good else ChallengeState.DEAD,
            answered_at=at,
            updated_at=at,
        )
        .execution_options(synchronize_session=False)
    )


def budget_key(ticket: Ticket) -> bytes:
    """What the tries of this ticket are counted by: the account's, once the ticket is resolved."""
    return ticket.budget_key or mac("budget", "ticket", ticket.id)
