"""What the database itself refuses, tried in plain SQL past all of our code; and the ledger's commands."""

from __future__ import annotations

import threading
import time
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import scoped_session

from support_desk.accounts import ledger_service, service
from support_desk.accounts.errors import CommandKeyReused, InsufficientBalance
from support_desk.accounts.ledger import Line, Unbalanced
from support_desk.accounts.ledger_models import House, TransactionKind, Unit
from support_desk.core.db import db, new_id, transaction
from support_desk.core.http import DeskFlask
from tests.accounts.factories import an_account

CHECK_NOW = "SET CONSTRAINTS ALL IMMEDIATE"


def run(statement: str, **values: Any) -> None:
    db.session.execute(sa.text(statement), values)


def refused(statement: str, **values: Any) -> str:
    """The database's words on refusing a statement."""
    with pytest.raises(DBAPIError) as error, db.session.begin_nested():
        run(statement, **values)
    return str(error.value.orig)


def ledger_account(account_id: UUID, unit: str = "JPY") -> UUID:
    found = db.session.scalar(
        sa.text("SELECT id FROM ledger_accounts WHERE account_id = :a AND unit = :u"), {"a": account_id, "u": unit}
    )
    assert isinstance(found, UUID)
    return found


def a_transaction(count: int = 2, kind: str = "adjustment") -> UUID:
    made = new_id()
    run(
        "INSERT INTO ledger_transactions (id, key, kind, postings_count, posted_at)"
        " VALUES (:id, :key, :kind, :count, '2026-01-01Z')",
        id=made,
        key=str(made),
        kind=kind,
        count=count,
    )
    return made


POST = (
    "INSERT INTO ledger_postings (transaction_id, ledger_account_id, unit, amount)"
    " VALUES (:transaction, :account, :unit, :amount)"
)


@pytest.fixture
def customer(db_session: scoped_session[Any]) -> UUID:
    return an_account(gift_balance_yen=5000, points=300)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_postings SET amount = amount + 1",
        "UPDATE ledger_transactions SET reason = 'other'",
        "DELETE FROM ledger_postings",
        "DELETE FROM ledger_transactions",
        "DELETE FROM ledger_accounts",
        "TRUNCATE ledger_postings",
        "TRUNCATE ledger_transactions CASCADE",
        "TRUNCATE ledger_accounts CASCADE",
    ],
)
def test_the_journal_cannot_be_changed(customer: UUID, statement: str):
    run(CHECK_NOW)
    assert "append-only" in refused(statement)


@pytest.mark.parametrize(
    "change", ["balance = balance + 1", "unit = 'POINT'", "account_id = NULL, house = 'sales', balance = NULL"]
)
def test_a_balance_moves_only_by_postings(customer: UUID, change: str):
    assert "balance moves only" in refused(
        f"UPDATE ledger_accounts SET {change} WHERE id = :id", id=ledger_account(customer)
    )


def test_a_balance_begins_at_zero(customer: UUID):
    run("SET CONSTRAINTS ALL DEFERRED")
    assert "begins at zero" in refused(
        "INSERT INTO ledger_accounts (id, account_id, unit, balance) VALUES (:id, :a, 'JPY', 7)",
        id=new_id(),
        a=customer,
    )


def test_a_transaction_that_does_not_sum_to_zero_is_refused(customer: UUID):
    house = ledger_service.house_account(House.GOODWILL, Unit.JPY)
    made = a_transaction()
    run(POST, transaction=made, account=ledger_account(customer), unit="JPY", amount=100)
    run(POST, transaction=made, account=house, unit="JPY", amount=-99)
    assert "does not sum to zero" in refused(CHECK_NOW)


def test_two_units_do_not_balance_each_other(customer: UUID):
    made = a_transaction()
    run(POST, transaction=made, account=ledger_account(customer), unit="JPY", amount=-100)
    run(POST, transaction=made, account=ledger_account(customer, "POINT"), unit="POINT", amount=100)
    assert "does not sum to zero" in refused(CHECK_NOW)


def test_a_posting_has_the_unit_of_its_account(customer: UUID):
    made = a_transaction()
    assert "foreign key" in refused(
        POST, transaction=made, account=ledger_account(customer), unit="POINT", amount=100
    )


def test_nothing_is_added_to_a_transaction_afterwards(customer: UUID):
    first = service.adjust(customer, Unit.JPY, 100, reason="sorry", key="adjust")
    run(CHECK_NOW)
    run("SET CONSTRAINTS ALL DEFERRED")
    other = an_account()
    run(POST, transaction=first, account=ledger_account(other), unit="JPY", amount=50)
    run(
        POST,
        transaction=first,
        account=ledger_service.house_account(House.SALES, Unit.JPY),
        unit="JPY",
        amount=-50,
    )
    assert "other postings than it announced" in refused(CHECK_NOW)


def test_an_empty_transaction_is_refused(customer: UUID):
    a_transaction()
    assert "other postings than it announced" in refused(CHECK_NOW)


def test_no_balance_falls_below_zero(customer: UUID):
    made = a_transaction()
    assert "ck_ledger_accounts_balance" in refused(
        POST, transaction=made, account=ledger_account(customer), unit="JPY", amount=-5001
    )


def test_a_key_posts_once(customer: UUID):
    made = a_transaction()
    assert "uq_ledger_transactions_key" in refused(
        "INSERT INTO ledger_transactions (id, key, kind, postings_count, posted_at)"
        " VALUES (:id, :key, 'grant', 2, '2026-01-01Z')",
        id=new_id(),
        key=str(made),
    )


def test_imported_balances_are_opening_transactions(customer: UUID):
    kept = service.holdings(customer)
    assert (kept.gift_balance_yen, kept.points) == (5000, 300)
    opening = service.find_transaction(f"opening:{customer}")
    assert opening is not None
    assert {(line.unit, line.amount) for line in ledger_service.transaction_lines(opening)} == {
        (Unit.JPY, 5000), (Unit.JPY, -5000), (Unit.POINT, 300), (Unit.POINT, -300),
    }  # fmt: skip
    assert service.journal_differences() == []


def test_goodwill_is_given_once_per_key(customer: UUID):
    first = service.adjust(customer, Unit.POINT, 50, reason="late parcel", key="goodwill-1")
    assert service.adjust(customer, Unit.POINT, 50, reason="late parcel", key="goodwill-1") == first
    assert service.holdings(customer).points == 350
    with pytest.raises(CommandKeyReused):
        service.adjust(customer, Unit.POINT, 51, reason="late parcel", key="goodwill-1")
    with pytest.raises(InsufficientBalance):
        service.adjust(customer, Unit.POINT, -351, reason="mistake", key="goodwill-2")
    with pytest.raises(Unbalanced):
        service.adjust(customer, Unit.POINT, 0, reason="nothing", key="goodwill-3")
    undone = service.reverse(first, reason="parcel came", key="undo-1")
    assert service.reverse(first, reason="parcel came", key="undo-1") == undone
    assert service.holdings(customer).points == 300


def test_a_carry_over_moves_everything_once(db_session: scoped_session[Any], clock: Any):
    prime = {"status": "active", "plan": "annual", "renews_at": "2027-05-01"}
    old, new = an_account(gift_balance_yen=7000, points=42, prime=prime), an_account(points=8)
    moved = service.carry_over(old, new, key="carry")
    assert service.carry_over(old, new, key="carry") == moved
    left, kept = service.holdings(old), service.holdings(new)
    assert (left.gift_balance_yen, left.points) == (0, 0)
    assert (kept.gift_balance_yen, kept.points) == (7000, 50)
    assert (kept.prime.status, kept.prime.plan, kept.prime.paid_until) == ("active", "annual", date(2027, 5, 1))
    assert left.prime.status == "cancelled"
    assert left.prime.paid_until == date(2026, 11, 25)
    assert service.journal_differences() == []


def test_days_carried_over_lengthen_a_running_membership(db_session: scoped_session[Any], clock: Any):
    ends = {"status": "active", "plan": "monthly", "renews_at": "2026-12-05"}
    old, new = an_account(prime=ends), an_account(prime=ends)
    service.carry_over(old, new, key="carry")
    assert service.holdings(new).prime.paid_until == date(2026, 12, 15)


steps = st.lists(
    st.tuples(st.sampled_from(["adjust", "carry"]), st.integers(0, 2), st.integers(0, 2), st.integers(-500, 500)),
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_any_history_keeps_totals_and_replays_to_the_balances(
    db_session: scoped_session[Any], history: list[tuple[str, int, int, int]]
):
    with db_session.begin_nested() as savepoint:
        people = [an_account(gift_balance_yen=1000, points=10) for _ in range(3)]
        given_yen = 0
        for number, (verb, one, other, amount) in enumerate(history):
            try:
                if verb == "adjust" and amount:
                    service.adjust(people[one], Unit.JPY, amount, reason="any", key=f"{savepoint}{number}")
                    given_yen += amount
                elif verb == "carry" and one != other:
                    service.carry_over(people[one], people[other], key=f"{savepoint}{number}")
            except InsufficientBalance:
                continue
        run(CHECK_NOW)
        assert sum(service.holdings(person).gift_balance_yen for person in people) == 3000 + given_yen
        assert sum(service.holdings(person).points for person in people) == 30
        assert service.journal_differences() == []
        for unit in Unit:
            kept = sum(service.balances(person)[unit] for person in people)
            assert ledger_service.house_total(unit) == -kept
        run("SET CONSTRAINTS ALL DEFERRED")
        savepoint.rollback()


def test_two_at_once_cannot_spend_one_balance_twice(real_db: DeskFlask):
    with real_db.app_context(), transaction():
        owner = an_account(gift_balance_yen=1000)
        ledger_service.house_account(House.SALES, Unit.JPY)
    outcomes: list[str] = []
    posted = threading.Event()

    def spend(key: str, *, first: bool) -> None:
        with real_db.app_context():
            try:
                with transaction():
                    if not first:
                        posted.wait(10)
                    lines = [Line(owner, Unit.JPY, -800), Line(House.SALES, Unit.JPY, 800)]
                    ledger_service.post(TransactionKind.SPENDING, lines, key=key)
                    posted.set()
                    time.sleep(0.5 if first else 0)  # the other comes while this one is not yet committed
                outcomes.append("spent")
            except InsufficientBalance:
                outcomes.append("refused")

    threads = [
        threading.Thread(target=spend, args=(key,), kwargs={"first": key == "one"}) for key in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["spent", "refused"]
    with real_db.app_context():
        assert service.holdings(owner).gift_balance_yen == 200
        assert service.journal_differences() == []
