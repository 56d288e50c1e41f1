"""Posting to the ledger, reading it back, and proving that balances are what the journal says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.accounts.errors import CommandKeyReused, InsufficientBalance
from support_desk.accounts.ledger import Line, balanced, days_left, reversal, transfer
from support_desk.accounts.ledger_models import (
    House,
    LedgerAccount,
    LedgerPosting,
    LedgerTransaction,
    TransactionKind,
    Unit,
)
from support_desk.accounts.models import PrimeMembership, PrimeStatus
from support_desk.core import clock
from support_desk.core.db import db, new_id
from support_desk.core.errors import NotFound


def house_account(house: House, unit: Unit) -> UUID:
    """The shop's own side for a unit."""
    return _ledger_account(unit, house=house)


def _ledger_account(unit: Unit, *, account_id: UUID | None = None, house: House | None = None) -> UUID:
    query = sa.select(LedgerAccount.id).where(
        LedgerAccount.unit == unit,
        LedgerAccount.account_id == account_id if account_id else LedgerAccount.house == house,
    )
    found = db.session.scalar(query)
    if found is None:
        db.session.execute(
            insert(LedgerAccount)
            .values(id=new_id(), account_id=account_id, house=house, unit=unit, balance=0 if account_id else None)
            .on_conflict_do_nothing()
        )
        found = db.session.scalar(query)
    assert found is not None
    return found


def post(
    kind: TransactionKind,
    lines: Iterable[Line],
    *,
    key: str,
    reason: str | None = None,
    reverses_id: UUID | None = None,
) -> UUID:
    """Post a transaction once: the same key again returns the same transaction.

    Raises Unbalanced, InsufficientBalance, CommandKeyReused (the key posted something else).
    """
    lines = balanced(lines)
    targets = {
        (line.owner, line.unit): _ledger_account(line.unit, house=line.owner)
        if isinstance(line.owner, House)
        else _ledger_account(line.unit, account_id=line.owner)
        for line in lines
    }
    # Always in one order, so that two transactions over the same accounts queue instead of blocking each other.
    locked = sa.select(LedgerAccount.id, LedgerAccount.balance).where(
        LedgerAccount.id.in_(targets.values()), LedgerAccount.account_id.is_not(None)
    )
    have = dict(db.session.execute(locked.order_by(LedgerAccount.id).with_for_update()).all())
    amounts = {targets[line.owner, line.unit]: line.amount for line in lines}
    posted = _posted(key)
    if posted is not None:
        if posted.kind != kind or _amounts(posted.id) != amounts:
            raise CommandKeyReused
        return posted.id
    for target, amount in amounts.items():
        if target in have and (have[target] or 0) + amount < 0:
            raise InsufficientBalance
    transaction_id = new_id()
    db.session.execute(
        sa.insert(LedgerTransaction).values(
            id=transaction_id,
            key=key,
            kind=kind,
            reason=reason,
            reverses_id=reverses_id,
            postings_count=len(lines),
            posted_at=clock.now(),
        )
    )
    db.session.execute(
        sa.insert(LedgerPosting),
        [
            {
                "transaction_id": transaction_id,
                "ledger_account_id": targets[line.owner, line.unit],
                "unit": line.unit,
                "amount": line.amount,
            }
            for line in lines
        ],
    )
    return transaction_id


def _posted(key: str) -> LedgerTransaction | None:
    return db.session.scalar(sa.select(LedgerTransaction).where(LedgerTransaction.key == key))


def _amounts(transaction_id: UUID) -> dict[UUID, int]:
    query = sa.select(LedgerPosting.ledger_account_id, LedgerPosting.amount)
    rows = db.session.execute(query.where(LedgerPosting.transaction_id == transaction_id))
    return dict(rows.all())


def find_transaction(key: str) -> UUID | None:
    """The transaction that a key posted."""
    posted = _posted(key)
    return posted.id if posted else None


def transaction_lines(transaction_id: UUID) -> tuple[Line, ...]:
    """What a transaction posted; raises NotFound."""
    rows = db.session.execute(
        sa.select(LedgerAccount.account_id, LedgerAccount.house, LedgerPosting.unit, LedgerPosting.amount)
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.ledger_account_id)
        .where(LedgerPosting.transaction_id == transaction_id)
        .order_by(LedgerPosting.unit, LedgerPosting.amount)
    ).all()
    if not rows:
        raise NotFound
    return tuple(
        Line(owner, unit, amount)
        for account_id, house, unit, amount in rows
        if (owner := account_id or house) is not None
    )


def adjust(account_id: UUID, unit: Unit, amount: int, *, reason: str, key: str) -> UUID:
    """Give (positive) or take back (negative) as goodwill, with the reason; returns the transaction."""
    lines = transfer(House.GOODWILL, account_id, {unit: amount})
    return post(TransactionKind.ADJUSTMENT, lines, key=key, reason=reason)


def reverse(transaction_id: UUID, *, reason: str, key: str) -> UUID:
    """Undo a transaction by a new one that points at it; each is reversed at most once."""
    lines = reversal(transaction_lines(transaction_id))
    return post(TransactionKind.REVERSAL, lines, key=key, reason=reason, reverses_id=transaction_id)


def carry_over(source_id: UUID, target_id: UUID, *, key: str, reason: str | None = None) -> UUID | None:
    """Move gift balance, points and the Prime days left today to another account, once.

    Returns the transaction, or None when there was nothing to move.
    """
    earlier = find_transaction(key)
    if earlier is not None:
        return earlier
    source, target = (_locked_membership(account_id) for account_id in sorted((source_id, target_id)))
    if source_id > target_id:
        source, target = target, source
    have = _locked_balances(source_id)
    today = clock.today()
    have[Unit.PRIME_DAY] = days_left(source.started_on, have[Unit.PRIME_DAY], on=today)
    amounts = {unit: amount for unit, amount in have.items() if amount}
    if not amounts:
        return None
    if Unit.PRIME_DAY in amounts:
        _continue_membership(source, target, _locked_balances(target_id)[Unit.PRIME_DAY])
    lines = transfer(source_id, target_id, amounts)
    return post(TransactionKind.CARRY_OVER, lines, key=key, reason=reason)


def _locked_membership(account_id: UUID) -> PrimeMembership:
    found = db.session.get(PrimeMembership, account_id, with_for_update=True, populate_existing=True)
    if found is None:
        found = PrimeMembership(account_id=account_id, status=PrimeStatus.NONE)
        db.session.add(found)
        db.session.flush()
    return found


def _locked_balances(account_id: UUID) -> dict[Unit, int]:
    rows = db.session.execute(
        sa.select(LedgerAccount.unit, LedgerAccount.balance)
        .where(LedgerAccount.account_id == account_id)
        .order_by(LedgerAccount.id)
        .with_for_update()
    )
    have: Mapping[Unit, int | None] = dict(rows.all())
    return {unit: have.get(unit) or 0 for unit in Unit}


def _continue_membership(source: PrimeMembership, target: PrimeMembership, target_days: int) -> None:
    """Make the target's membership one that the days moved today lengthen, and end the source's today."""
    today = clock.today()
    if days_left(target.started_on, target_days, on=today) == 0:
        # Days already used stay in the balance, so the beginning moves instead: paid until today plus what comes.
        target.started_on = today - timedelta(days=target_days)
        target.status, target.plan = source.status, source.plan
    source.status, source.plan = PrimeStatus.CANCELLED, None
    db.session.flush()


def journal_differences() -> list[tuple[UUID, Unit, int, int]]:
    """Customers' balances that are not the sum of their postings: (account, unit, kept, summed)."""
    summed = sa.func.coalesce(sa.func.sum(LedgerPosting.amount), 0)
    rows = db.session.execute(
        sa.select(LedgerAccount.account_id, LedgerAccount.unit, LedgerAccount.balance, summed)
        .outerjoin(LedgerPosting, LedgerPosting.ledger_account_id == LedgerAccount.id)
        .where(LedgerAccount.account_id.is_not(None))
        .group_by(LedgerAccount.id)
        .having(LedgerAccount.balance != summed)
        .order_by(LedgerAccount.account_id)
    )
    return [(account_id, unit, kept or 0, int(total)) for account_id, unit, kept, total in rows if account_id]


def house_total(unit: Unit) -> int:
    """What the shop's own side sums to for a unit: minus what all customers have."""
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(LedgerPosting.amount), 0))
        .join(LedgerAccount, LedgerAccount.id == LedgerPosting.ledger_account_id)
        .where(LedgerAccount.house.is_not(None), LedgerPosting.unit == unit)
    )
    return int(db.session.scalar(query) or 0)
