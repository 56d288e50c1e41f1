"""The customer's authenticator app: RFC 6238, one step either side, each step once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.accounts.commands_service import locked_customer
from support_desk.accounts.own_proof_models import Authenticator
from support_desk.accounts.passwords import LONGEST
from support_desk.accounts.passwords_service import verify_password
from support_desk.accounts.restrictions_service import require_unrestricted
from support_desk.audit import service as audit
from support_desk.core import clock, settings, totp
from support_desk.core.budgets import Rule, spend
from support_desk.core.codes import normalise_code
from support_desk.core.db import db

# Whoever holds a session, and not the password, tries no more often.
CONFIRMATIONS = Rule("authenticator-confirmations", 10, timedelta(hours=1))
# Compared where there is no authenticator, so that the answer takes as long.
_NOBODYS = "A" * 32


@dataclass(frozen=True)
class Enrolment:
    """What an app reads, shown once; nothing changes before a code of it was shown."""

    secret: str
    otpauth_uri: str


def begin_authenticator(account_id: UUID) -> Enrolment:
    """Make a secret for a new app; the app before it stays in force until the new one is confirmed.

    Raises AccountRestricted.
    """
    require_unrestricted(account_id, "change")
    secret = totp.new_secret()
    row = insert(Authenticator).values(account_id=account_id, waiting_secret=secret)
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=[Authenticator.account_id], set_={"waiting_secret": row.excluded.waiting_secret}
        )
    )
    chosen = settings.current()
    account = locked_customer(account_id)
    uri = totp.provisioning_uri(secret, account=account.public_id, issuer=chosen.shop_name)
    return Enrolment(secret, uri)


def confirm_authenticator(account_id: UUID, code: str, password: str) -> bool:
    """Put the new app in force by a code of it and the password; False where one is wrong: the try is counted.

    Raises AccountRestricted.
    """
    require_unrestricted(account_id, "change")
    at = clock.now()
    within = spend(f"authenticator:{account_id}", CONFIRMATIONS, at=at)
    customer = locked_customer(account_id)
    known = verify_password(customer.password_hash, password[: LONGEST + 1])
    row = db.session.get(Authenticator, account_id, with_for_update=True, populate_existing=True)
    step = _step(row.waiting_secret if row else None, code, at, None)
    if not within or not known or row is None or step is None:
        return False
    row.secret, row.waiting_secret, row.last_step, row.confirmed_at = row.waiting_secret, None, step, at
    db.session.flush()
    audit.record("account", account_id, "account:authenticator:confirmed")
    return True


def find_authenticator_step(account_id: UUID | None, code: str, *, at: datetime) -> int | None:
    """The step this code belongs to, if it is right and unused; the same work where there is no authenticator."""
    row = db.session.execute(
        sa.select(Authenticator.secret, Authenticator.last_step).where(
            Authenticator.account_id == sa.literal(account_id, sa.Uuid())
        )
    ).first()
    return _step(row.secret if row else None, code, at, row.last_step if row else None)


def use_authenticator_step(account_id: UUID, step: int) -> bool:
    """Use the step up; False where it, or a later one, was used meanwhile."""
    taken = db.session.execute(
        sa.update(Authenticator)
        .where(
            Authenticator.account_id == account_id,
            sa.or_(Authenticator.last_step.is_(None), Authenticator.last_step < step),
        )
        .values(last_step=step)
        .returning(Authenticator.account_id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _step(secret: str | None, code: str, at: datetime, last_step: int | None) -> int | None:
    digits = normalise_code(code, "digits")
    step = totp.matching_step(secret or _NOBODYS, digits, at=at, last_step=last_step)
    return step if secret is not None else None
