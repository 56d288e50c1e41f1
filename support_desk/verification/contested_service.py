"""Accounts that two people claim, or whose recovery was stopped: there, only proof in person counts."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.accounts import service as accounts
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.verification.models import ContestedAccount


def mark_contested(account_id: UUID, *, ticket_id: UUID | None, why: str) -> None:
    """From now on the contested rule binds every row for this account; `why` is a code such as `stopped`."""
    at = clock.now()
    fresh = insert(ContestedAccount).values(
        account_id=account_id, ticket_id=ticket_id, why=why, since=at, settled_at=None
    )
    db.session.execute(
        fresh.on_conflict_do_update(
            index_elements=[ContestedAccount.account_id],
            set_={"ticket_id": ticket_id, "why": why, "since": at, "settled_at": None},
            where=ContestedAccount.settled_at.is_not(None),
        )
    )
    audit.record("account", account_id, "verification:account:contested", why=why)


def settle_contested(account_id: UUID) -> None:
    """The dispute is decided: the ordinary rows bind again."""
    db.session.execute(
        sa.update(ContestedAccount)
        .where(ContestedAccount.account_id == account_id, ContestedAccount.settled_at.is_(None))
        .values(settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    audit.record("account", account_id, "verification:account:settled")


def is_contested(account_id: UUID) -> bool:
    """Whether the account is in dispute, or suspended by a stop."""
    disputed = db.session.scalar(
        sa.select(ContestedAccount.account_id).where(
            ContestedAccount.account_id == account_id, ContestedAccount.settled_at.is_(None)
        )
    )
    return disputed is not None or accounts.get_account(account_id).suspended_at is not None
