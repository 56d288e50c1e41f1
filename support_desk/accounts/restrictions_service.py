"""Shutting parts of an account after a recovery, and opening them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.commands_service import apply_once
from support_desk.accounts.errors import AccountRestricted as AccountRestrictedError
from support_desk.accounts.events import AccountRestricted, AccountUnrestricted
from support_desk.accounts.models import AccountRestriction, Customer, RestrictedPart
from support_desk.accounts.views import Restriction
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.events import announce


def restrictions(account_id: UUID) -> list[Restriction]:
    """The parts that are shut now."""
    return [
        Restriction(row.part.value, row.since, row.until, tuple(row.lift_with)) for row in _open_rows(account_id)
    ]


def _open_rows(account_id: UUID) -> Sequence[AccountRestriction]:
    return db.session.scalars(
        sa.select(AccountRestriction)
        .where(AccountRestriction.account_id == account_id, AccountRestriction.lifted_at.is_(None))
        .order_by(AccountRestriction.part)
    ).all()


def restrict(account_id: UUID, *, parts: Iterable[str], key: str) -> None:
    """Shut these parts (`spend`, `change`) until each is lifted; what is shut already begins anew."""
    wanted = sorted(RestrictedPart(part) for part in set(parts))

    def shut(customer: Customer) -> None:
        rows = {row.part: row for row in _open_rows(customer.id)}
        for part in wanted:
            row = rows.get(part)
            if row is None:
                row = AccountRestriction(account_id=customer.id, part=part)
                db.session.add(row)
            row.since, row.until, row.lift_with = clock.now(), None, []
        db.session.flush()
        audit.record("account", customer.id, "account:restriction:set", parts=",".join(wanted))
        announce(AccountRestricted(customer.id, tuple(wanted)))

    apply_once(account_id, f"restrict:{','.join(wanted)}", key, shut)


def announce_lifting(
    account_id: UUID, part: str, *, until: datetime | None, lift_with: Iterable[str] = ()
) -> None:
    """Tell the customer until when a part stays shut and what would lift it sooner; it lifts nothing."""
    for row in _open_rows(account_id):
        if row.part == RestrictedPart(part):
            row.until, row.lift_with = until, sorted(set(lift_with))
    db.session.flush()


def lift_restriction(account_id: UUID, part: str, *, key: str) -> None:
    """Open a part again; nothing happens when it is open."""
    wanted = RestrictedPart(part)

    def lift(customer: Customer) -> None:
        for row in _open_rows(customer.id):
            if row.part == wanted:
                row.lifted_at = clock.now()
                audit.record("account", customer.id, "account:restriction:lifted", part=wanted.value)
                announce(AccountUnrestricted(customer.id, wanted.value))
        db.session.flush()

    apply_once(account_id, f"lift:{wanted}", key, lift)


def require_unrestricted(account_id: UUID, part: str) -> None:
    """Refuse what a restricted account may not do: raises AccountRestricted (403). Every `/account` write asks."""
    if any(row.part == RestrictedPart(part) for row in _open_rows(account_id)):
        raise AccountRestrictedError
