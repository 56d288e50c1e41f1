"""Putting challenges to a claimant: the same rows, the same work and the same time for everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.accounts import service as accounts
from support_desk.core import clock
from support_desk.core.budgets import spend
from support_desk.core.db import db, new_id
from support_desk.core.errors import NotFound
from support_desk.core.japan import is_jp_mobile
from support_desk.core.secrets import mac
from support_desk.notifications import service as notifications
from support_desk.outbox.service import promise
from support_desk.tickets import service as tickets
from support_desk.verification import contested_service, evidence_service, letters_service, quiz_attempts_service
from support_desk.verification.codes import (
    ASK_AGAIN_AFTER,
    CODE_LIVES,
    FORMS,
    LINK_PURPOSE,
    LIVES,
    OWN,
    PREPARING,
    RESEND_AFTER,
    RESERVED_SENDS,
    SENDS,
    TEMPLATES,
    code_reference,
    link_parts,
)
from support_desk.verification.errors import CaseOver
from support_desk.verification.models import RUNNING, Challenge, ChallengeKind, ChallengePurpose, ChallengeState

# Rounds of two seconds that a challenge waits for its ticket to be resolved before it is ready all the same.
_PATIENCE = 60


def start_challenge(
    ticket_id: UUID,
    kind: str,
    purpose: str = ChallengePurpose.IDENTIFY,
    *,
    agent_id: UUID | None = None,
    at_once: bool = False,
) -> Challenge:
    """Put a challenge to the claimant of a ticket; asked again, the running one (a code is sent anew after 60 s).

    `at_once` has the worker look again without that wait, because the claimant added something to be found by.
    Nothing here depends on whether the ticket names an account: the worker prepares it. Raises CaseOver.
    """
    if tickets.get_ticket(ticket_id).closed_at is not None:
        raise CaseOver
    return _put(ticket_id, ChallengeKind(kind), ChallengePurpose(purpose), agent_id=agent_id, at_once=at_once)


def start_confirmation(ticket_id: UUID, *, kind: str, address: str) -> Challenge:
    """Send a code to a new e-mail address or phone (normalised) that is to replace a registered one."""
    wanted = ChallengeKind(kind)
    running = _running(ticket_id, wanted, ChallengePurpose.CONFIRM_CHANNEL)
    if running is not None and running.address != address:
        running.state = ChallengeState.DEAD
        db.session.flush()
    return _put(ticket_id, wanted, ChallengePurpose.CONFIRM_CHANNEL, address=address)


def _put(
    ticket_id: UUID,
    kind: ChallengeKind,
    purpose: ChallengePurpose,
    *,
    agent_id: UUID | None = None,
    address: str | None = None,
    at_once: bool = False,
) -> Challenge:
    at = clock.now()
    mine = (Challenge.ticket_id == ticket_id, Challenge.kind == kind, Challenge.purpose == purpose)
    db.session.execute(
        sa.update(Challenge)
        .where(*mine, Challenge.state.in_(RUNNING), Challenge.expires_at <= at)
        .values(state=ChallengeState.DEAD, updated_at=at)
        .execution_options(synchronize_session=False)
    )
    fresh = (
        insert(Challenge)
        .values(
            id=new_id(),
            ticket_id=ticket_id,
            kind=kind,
            purpose=purpose,
            state=ChallengeState.PREPARING,
            asked_count=1,
            asked_at=at,
            send_number=0,
            tries=0,
            set_by_desk=False,
            address=address,
            agent_id=agent_id,
            created_at=at,
            updated_at=at,
        )
        .on_conflict_do_nothing(
            index_elements=[Challenge.ticket_id, Challenge.kind, Challenge.purpose],
            index_where=sa.text("state IN ('preparing', 'ready')"),
        )
        .returning(Challenge.id, Challenge.asked_count)
    )
    pause = ASK_AGAIN_AFTER.get(kind, RESEND_AFTER)
    waited = (Challenge.state == ChallengeState.READY, Challenge.asked_at <= at - pause)
    again = (
        sa.update(Challenge)
        .where(*mine, *((Challenge.state.in_(RUNNING),) if at_once else waited))
        .values(asked_count=Challenge.asked_count + 1, asked_at=at, updated_at=at)
        .returning(Challenge.id, Challenge.asked_count)
        .execution_options(synchronize_session=False)
    )
    asked = db.session.execute(fresh).first()
    if asked is None and kind in ASK_AGAIN_AFTER:
        asked = db.session.execute(again).first()
    if asked is not None:
        _promise_preparing(asked.id, asked.asked_count, 0, at)
    running = _running(ticket_id, kind, purpose)
    assert running is not None
    return running


def _running(ticket_id: UUID, kind: ChallengeKind, purpose: ChallengePurpose) -> Challenge | None:
    return db.session.scalar(
        sa.select(Challenge)
        .where(
            Challenge.ticket_id == ticket_id,
            Challenge.kind == kind,
            Challenge.purpose == purpose,
            Challenge.state.in_(RUNNING),
        )
        .execution_options(populate_existing=True)
    )


def _promise_preparing(challenge_id: UUID, asked: int, waited: int, at: datetime) -> None:
    promise(
        "verification.prepare",
        due_at=at + PREPARING,
        dedupe=f"verification.prepare:{challenge_id}:{asked}:{waited}",
        challenge_id=challenge_id,
        asked=asked,
        waited=waited,
    )


def get_challenge(ticket_id: UUID, challenge_id: UUID) -> Challenge:
    """The challenge of this ticket; raises NotFound, for another ticket's too."""
    challenge = db.session.scalar(
        sa.select(Challenge).where(
            Challenge.id == challenge_id,
            Challenge.ticket_id == ticket_id,
            Challenge.purpose == ChallengePurpose.IDENTIFY,
        )
    )
    if challenge is None:
        raise NotFound
    return challenge


def list_challenges(ticket_id: UUID) -> list[Challenge]:
    """What was put to the claimant to show who they are, oldest first; the newest hundred."""
    newest = db.session.scalars(
        sa.select(Challenge)
        .where(Challenge.ticket_id == ticket_id, Challenge.purpose == ChallengePurpose.IDENTIFY)
        .order_by(Challenge.id.desc())
        .limit(100)
    )
    return list(newest)[::-1]


def prepare_challenge(challenge_id: UUID, asked: int, waited: int = 0) -> None:
    """In the worker: send the code if there is somewhere to send it, and make the challenge ready either way."""
    challenge = db.session.get(Challenge, challenge_id, with_for_update=True, populate_existing=True)
    if challenge is None or challenge.state not in RUNNING or challenge.asked_count != asked:
        return
    at = clock.now()
    ticket = tickets.get_ticket(challenge.ticket_id)
    identifying = challenge.purpose != ChallengePurpose.CONFIRM_CHANNEL
    if identifying and ticket.resolved_at is None and waited < _PATIENCE:
        _promise_preparing(challenge_id, asked, waited + 1, at)
        return
    if challenge.kind is ChallengeKind.LETTER_CODE and ticket.account_id is not None:
        letters_service.prepare_letter(challenge, ticket.account_id, ticket.language, at)
    elif challenge.kind in OWN and ticket.account_id is not None:
        _expect_own(challenge, ticket.account_id, at)
    elif challenge.kind in FORMS:
        if identifying:
            if ticket.account_id is not None:
                _send_to_registered(challenge, ticket.account_id, ticket.language, at)
        elif challenge.address is not None:
            _send(challenge, challenge.address, ticket.language, at)
    elif challenge.kind is ChallengeKind.ORDER_QUIZ:
        challenge.quiz_attempt_id = quiz_attempts_service.attempt_for(ticket, at)
    challenge.state = ChallengeState.READY
    challenge.ready_at = at
    challenge.expires_at = at + LIVES[challenge.kind]
    db.session.flush()


def _expect_own(challenge: Challenge, account_id: UUID, at: datetime) -> None:
    """Let a code that the customer has at hand count, for the account as it is now."""
    if contested_service.is_contested(account_id):
        return
    challenge.send_number = 1
    challenge.code_expires_at = at + LIVES[challenge.kind]
    challenge.account_id = account_id
    challenge.account_version = accounts.get_account(account_id).version


def _send_to_registered(challenge: Challenge, account_id: UUID, language: str, at: datetime) -> None:
    """Send to the account's current confirmed channel; a contact address never gets a code."""
    if contested_service.is_contested(account_id):
        return
    wanted = FORMS[challenge.kind].channel
    for channel in accounts.channels(account_id):
        if channel.kind == wanted and channel.state == "current" and channel.confirmed:
            if _send(challenge, channel.address, language, at):
                challenge.account_id = account_id
                challenge.account_version = accounts.get_account(account_id).version
                challenge.channel_since = channel.since
                challenge.set_by_desk = channel.set_by_desk
            return


def _send(challenge: Challenge, address: str, language: str, at: datetime) -> bool:
    """Send a new code unless the address has had its share; the older code is dead from then on."""
    if challenge.kind is ChallengeKind.SMS_CODE and not is_jp_mobile(address):
        return False
    if challenge.code_expires_at is not None and at < challenge.code_expires_at - CODE_LIVES + RESEND_AFTER:
        return False
    key = mac("verification-sends", FORMS[challenge.kind].channel, address)
    if not all(spend(key, rule, at=at) for rule in SENDS) and not _reserved(challenge, at):
        return False
    # The tries stay as they are: given back with a new code, they would show that one was sent.
    challenge.send_number += 1
    challenge.code_expires_at = at + CODE_LIVES
    notify = notifications.notify_sms if challenge.kind is ChallengeKind.SMS_CODE else notifications.notify_email
    linked = challenge.kind is ChallengeKind.EMAIL_CODE and challenge.purpose is ChallengePurpose.IDENTIFY
    notify(
        TEMPLATES[challenge.purpose],
        to=address,
        language=language,
        dedupe=f"challenge:{challenge.id}:{challenge.send_number}",
        subject_ref=("challenge", challenge.id),
        code=code_reference(
            challenge.kind, challenge.purpose, challenge.ticket_id, challenge.id, challenge.send_number
        ),
        minutes=int(CODE_LIVES.total_seconds()) // 60,
        link=_link(challenge) if linked else None,
    )
    return True


def _reserved(challenge: Challenge, at: datetime) -> bool:
    """Whether the case may have a code sent although strangers spent what the address gets."""
    if challenge.purpose is not ChallengePurpose.IDENTIFY:
        return False
    if not evidence_service.has_other_group(tickets.get_ticket(challenge.ticket_id), challenge.kind):
        return False
    key = mac("verification-sends-reserved", challenge.ticket_id, challenge.kind)
    return all(spend(key, rule, at=at) for rule in RESERVED_SENDS)


def _link(challenge: Challenge) -> dict[str, Any]:
    """The way to confirm without typing: a page of the case, so that only who holds the case can use it."""
    reference = tickets.get_ticket(challenge.ticket_id).reference
    return {
        "path": f"/t/{reference}/challenges/{challenge.id}/link/{{token}}",
        "purpose": LINK_PURPOSE,
        "parts": link_parts(challenge.ticket_id, challenge.id, challenge.send_number),
    }
