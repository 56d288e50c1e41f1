"""The second step of a sign-in: an SMS to the registered phone, or the authenticator app."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.authenticators_service import find_authenticator_step, use_authenticator_step
from support_desk.accounts.models import ChannelKind, ChannelState, Customer, CustomerChannel
from support_desk.accounts.own_proof_models import SignInStep
from support_desk.accounts.sessions_service import open_session
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.budgets import Rule, give_back, spend
from support_desk.core.codes import code_matches
from support_desk.core.db import db
from support_desk.core.http import request_language
from support_desk.core.japan import is_jp_mobile
from support_desk.core.secrets import token_hash
from support_desk.notifications import service as notifications

LIVES = timedelta(minutes=10)
TRIES = 5
DAY = timedelta(hours=24)
# Only who knows the password gets here: few tries from one network, more from all together.
FROM_ONE_NETWORK = Rule("second-step-network", 10, DAY)
FROM_EVERYWHERE = Rule("second-step", 40, DAY)
SENDS = (
    Rule("second-step-sends-minute", 1, timedelta(seconds=60)),
    Rule("second-step-sends-hour", 5, timedelta(hours=1)),
    Rule("second-step-sends-day", 10, DAY),
)
_NOBODY = UUID(int=0)


def begin_second_step(account_id: UUID) -> str:
    """Ask for the second step of a sign-in whose password was right; returns its token, which is nowhere kept."""
    token = secrets.token_urlsafe(32)
    at = clock.now()
    customer = db.session.get_one(Customer, account_id)
    phone = _mobile(customer.id)
    sending = phone is not None and all(spend(f"second-step:{customer.id}", rule, at=at) for rule in SENDS)
    step = SignInStep(
        account_id=customer.id,
        account_version=customer.account_version,
        token_hash=token_hash(token),
        sms_sent=sending,
        created_at=at,
        expires_at=at + LIVES,
    )
    db.session.add(step)
    db.session.flush()
    if sending and phone is not None:
        notifications.notify_sms(
            "sign_in_code",
            to=phone,
            language=request_language(),
            dedupe=f"sign-in-step:{step.id}",
            subject_ref=("account", customer.id),
            code=_reference(customer.id, step.id),
            minutes=int(LIVES.total_seconds()) // 60,
        )
    return token


def finish_second_step(token: str, code: str, *, network: str) -> str | None:
    """The token of a new session for a right code, or None: the try is counted, whatever was wrong."""
    at = clock.now()
    step = _take_try(token, at)
    account_id = step.account_id if step else _NOBODY
    tried = (
        (f"second-step:{account_id}:{network}", FROM_ONE_NETWORK),
        (f"second-step:{account_id}", FROM_EVERYWHERE),
    )
    spent = [spend(key, rule, at=at) for key, rule in tried]
    mailed = code_matches(code, **_reference(account_id, step.id if step else _NOBODY))
    app_step = find_authenticator_step(account_id, code, at=at)
    customer = db.session.get(Customer, account_id)
    if step is None or customer is None or not all(spent) or not _may_go_on(customer, step.account_version):
        return None
    if not (mailed and step.sms_sent) and not (
        app_step is not None and use_authenticator_step(customer.id, app_step)
    ):
        return None
    db.session.execute(
        sa.update(SignInStep)
        .where(SignInStep.id == step.id)
        .values(used_at=at)
        .execution_options(synchronize_session=False)
    )
    for key, rule in tried:
        give_back(key, rule, at=at)
    audit.record("account", customer.id, "account:session:opened", two_step=True)
    return open_session(customer.id)


def _may_go_on(customer: Customer, version: int) -> bool:
    """A password or channel that changed since, a closed or suspended account: the first step counts no more."""
    return customer.closed_at is None and customer.suspended_at is None and customer.account_version == version


def _take_try(token: str, at: datetime) -> Any | None:
    return db.session.execute(
        sa.update(SignInStep)
        .where(
            SignInStep.token_hash == token_hash(token.strip()),
            SignInStep.expires_at > at,
            SignInStep.used_at.is_(None),
            SignInStep.tries < TRIES,
        )
        .values(tries=SignInStep.tries + 1)
        .returning(SignInStep.id, SignInStep.account_id, SignInStep.account_version, SignInStep.sms_sent)
        .execution_options(synchronize_session=False)
    ).first()


def _mobile(account_id: UUID) -> str | None:
    address = db.session.scalar(
        sa.select(CustomerChannel.address).where(
            CustomerChannel.account_id == account_id,
            CustomerChannel.kind == ChannelKind.PHONE,
            CustomerChannel.state == ChannelState.CURRENT,
            CustomerChannel.confirmed_at.is_not(None),
        )
    )
    return address if address is not None and is_jp_mobile(address) else None


def _reference(account_id: UUID, step_id: UUID) -> dict[str, Any]:
    return {
        "alphabet": "digits",
        "length": 8,
        "kind": "sign_in:sms_code",
        "case_id": str(account_id),
        "challenge_id": str(step_id),
        "send_number": 1,
    }
