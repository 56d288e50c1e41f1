"""Commands on one account: each key is applied once, under the account's lock."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.errors import CommandKeyReused
from support_desk.accounts.models import AccountCommand, Customer
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import NotFound


def locked_customer(account_id: UUID) -> Customer:
    """The account, locked until the transaction ends; raises NotFound."""
    customer = db.session.get(Customer, account_id, with_for_update=True, populate_existing=True)
    if customer is None:
        raise NotFound
    return customer


def apply_once(account_id: UUID, verb: str, key: str, effect: Callable[[Customer], None]) -> int:
    """Run `effect` unless this key applied this verb before. Returns the account's version after it, then as now.

    Raises NotFound, CommandKeyReused (the key was given for another account).
    """
    customer = locked_customer(account_id)
    done = db.session.get(AccountCommand, (key, verb))
    if done is not None:
        if done.account_id != account_id:
            raise CommandKeyReused
        return done.version_after
    effect(customer)
    db.session.add(
        AccountCommand(
            key=key,
            verb=verb,
            account_id=account_id,
            version_after=customer.account_version,
            applied_at=clock.now(),
        )
    )
    db.session.flush()
    return customer.account_version


def was_applied(key: str, verb: str) -> bool:
    """Whether a command was applied."""
    query = sa.select(AccountCommand.key).where(AccountCommand.key == key, AccountCommand.verb == verb)
    return db.session.scalar(query) is not None
