"""The snapshot when a case begins, and the comparison with what is there later."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.restoration.entitlements import compare, values_of
from support_desk.restoration.models import Entitlement, EntitlementState, Kind, Restoration

DONE = (EntitlementState.MATCHED, EntitlementState.ADJUSTED)


def take_snapshot(restoration: Restoration) -> None:
    """Write down what the account holds now."""
    values = values_of(accounts.holdings(restoration.account_id))
    db.session.add_all(
        Entitlement(restoration_id=restoration.id, kind=kind, expected=values[kind]) for kind in Kind
    )
    db.session.flush()


def list_entitlements(restoration_id: UUID) -> list[Entitlement]:
    """The three entitlements, gift balance first."""
    order = list(Kind)
    rows = db.session.scalars(sa.select(Entitlement).where(Entitlement.restoration_id == restoration_id))
    return sorted(rows, key=lambda row: order.index(row.kind))


def reconcile(restoration: Restoration) -> bool:
    """Compare what is there now with the snapshot; whether all of it is back."""
    values = values_of(accounts.holdings(restoration.account_id))
    rows = list_entitlements(restoration.id)
    for row in rows:
        if row.state is EntitlementState.ADJUSTED:
            continue
        found = compare(row.kind, row.expected, values[row.kind])
        row.actual, row.difference, row.state = values[row.kind], found.difference, found.state
        row.compared_at = clock.now()
    db.session.flush()
    return all(row.state in DONE for row in rows)
