"""Filling the directory from a file."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.cli import ScriptInfo
from sqlalchemy.orm import scoped_session

from support_desk.accounts import service
from support_desk.accounts.commands import accounts, demo
from support_desk.accounts.demo import demo_lines
from support_desk.accounts.import_lines import BadLine, parse_line, read_lines
from support_desk.accounts.import_service import ImportReport, batches, finish_import, import_batch
from support_desk.core.db import Model, db
from support_desk.core.http import DeskFlask
from tests.accounts.factories import a_line, an_order, load, numbered
from tests.data import shared_data


def counts() -> dict[str, int]:
    """How many rows each table of the directory has."""
    tables = [
        table for name, table in Model.metadata.tables.items() if name.startswith(("customer", "order", "ledger"))
    ]
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in tables
        if table.name != "ledger_accounts"
    }


def test_a_file_imported_again_changes_nothing(db_session: scoped_session[Any]):
    lines = [
        a_line(orders=[an_order(), an_order()], gift_balance_yen=100),
        a_line(emails=["a@example.jp", "b@example.jp"]),
    ]
    assert load(*lines).added_count == 2
    before = counts()
    again = load(*lines)
    assert (again.added_count, again.known_count, again.bad) == (0, 2, [])
    assert counts() == before


def test_what_the_desk_changed_is_not_undone_by_another_import(db_session: scoped_session[Any]):
    line = a_line(gift_balance_yen=100)
    load(line)
    account = service.find_account_by_public_id(line["account_id"])
    assert account is not None
    service.replace_email(account.id, "new@example.jp", key="k")
    load({**line, "gift_balance_yen": 9999})
    assert service.get_account(account.id).email == "new@example.jp"
    assert service.holdings(account.id).gift_balance_yen == 100


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"emails": []}, "/emails"),
        ({"emails": ["nobody"]}, "/emails/0"),
        ({"emails": "a@example.jp"}, "/emails"),
        ({"phone_e164": "12"}, "/phone_e164"),
        ({"postal_code": "123"}, "/postal_code"),
        ({"previous_postal_codes": ["x"]}, "/previous_postal_codes/0"),
        ({"name": ""}, "/name"),
        ({"name": "a\x00b"}, "/name"),
        ({"name": "\ud800"}, "/name"),
        ({"account_id": None}, "/account_id"),
        ({"registered_at": "2026-01-01T00:00:00"}, "/registered_at"),
        ({"registered_at": "yesterday"}, "/registered_at"),
        ({"gift_balance_yen": -1}, "/gift_balance_yen"),
        ({"gift_balance_yen": 1.5}, "/gift_balance_yen"),
        ({"gift_balance_yen": "100"}, "/gift_balance_yen"),
        ({"gift_balance_yen": True}, "/gift_balance_yen"),
        ({"points": 10**30}, "/points"),
        ({"prime": {"status": "gold"}}, "/prime/status"),
        ({"prime": {"status": "active", "renews_at": "2026-13-01"}}, "/prime/renews_at"),
        ({"orders": [an_order(amount=-5)]}, "/orders/0/amount"),
        ({"orders": [an_order(), an_order(currency="USD")]}, "/orders/1/currency"),
        ({"orders": [an_order(item=None, title=None, category=None)]}, "/orders/0"),
        ({"orders": [an_order(order_id="!")]}, "/orders/0/order_id"),
        ({"address": None}, "/address"),
        ({"has_payment_method": "yes"}, "/has_payment_method"),
    ],
)
def test_a_bad_line_is_told_by_number_and_reason_and_good_ones_are_kept(
    db_session: scoped_session[Any], wrong: dict[str, Any], pointer: str
):
    bad = json.dumps(a_line(**wrong)).encode()
    report = load(a_line(), bad, a_line())
    assert report.added_count == 2
    assert [(line.number, line.reason.split(":")[0]) for line in report.bad] == [(2, pointer)]


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"7", b"null", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"points": ' + b"9" * 5000 + b"}"],
)
def test_what_is_no_json_object_is_a_bad_line(content: bytes):
    assert isinstance(parse_line(numbered(content)[0]), BadLine)


def test_reasons_name_fields_and_never_what_stands_in_them(db_session: scoped_session[Any]):
    report = load(a_line(emails=["secret-person-at-home"], phone_e164="0312secret", prime={"status": "secret"}))
    assert "secret" not in report.bad[0].reason


def test_of_two_lines_with_one_email_the_later_is_bad(db_session: scoped_session[Any]):
    report = load(a_line(emails=["Twice@example.jp"]), a_line(emails=["twice@EXAMPLE.jp"]))
    assert [(line.number, line.reason) for line in report.bad] == [
        (2, "/emails/0: the address of another account")
    ]
    later = load(a_line(emails=["twice@example.jp"]))
    assert [line.number for line in later.bad] == [1]


def test_of_two_lines_with_one_phone_the_later_is_bad(db_session: scoped_session[Any]):
    report = load(a_line(phone_e164="+819012340001"), a_line(phone_e164="090-1234-0001"))
    assert [(line.number, line.reason) for line in report.bad] == [
        (2, "/phone_e164: the number of another account")
    ]


def test_an_order_belongs_to_one_account(db_session: scoped_session[Any]):
    order = an_order()
    report = load(a_line(orders=[order]), a_line(orders=[order]), a_line(orders=[an_order()] * 2))
    assert [line.number for line in report.bad] == [2, 3]
    assert all(line.reason.startswith("/orders") for line in report.bad)


def test_of_two_lines_with_one_account_id_the_later_is_bad(db_session: scoped_session[Any]):
    report = load(a_line(account_id="SAME"), a_line(account_id="SAME"))
    assert [line.number for line in report.bad] == [2]


def test_a_former_email_may_be_another_accounts_present_one(db_session: scoped_session[Any]):
    assert (
        load(a_line(emails=["own@example.jp", "shared@example.jp"]), a_line(emails=["shared@example.jp"])).bad
        == []
    )


def test_dates_of_channels_and_address_are_taken_where_given(db_session: scoped_session[Any]):
    line = a_line(email_since="2025-02-03", phone_since="2025-03-04T05:06:07Z", address_since="2025-04-05")
    assert load(line, a_line()).dated_by_registration_count == 1
    account = service.find_account_by_public_id(line["account_id"])
    assert account is not None
    since = {channel.kind: channel.since.isoformat() for channel in service.channels(account.id)}
    assert since == {"email": "2025-02-02T15:00:00+00:00", "phone": "2025-03-04T05:06:07+00:00"}
    assert service.addresses(account.id)[0].since.isoformat() == "2025-04-04T15:00:00+00:00"


def test_prime_is_paid_until_the_day_in_the_file(db_session: scoped_session[Any]):
    line = a_line(prime={"status": "active", "plan": "annual", "renews_at": "2027-01-27"})
    load(line)
    account = service.find_account_by_public_id(line["account_id"])
    assert account is not None
    prime = service.holdings(account.id).prime
    assert (prime.status, prime.plan, prime.paid_until) == ("active", "annual", date(2027, 1, 27))


def test_order_statistics_are_counted_at_the_end(db_session: scoped_session[Any]):
    report = load(a_line(orders=[an_order(), an_order(title="Blue bottle", item=None, amount=500)]))
    finish_import(report)
    counted = service.order_statistics()
    assert counted.total == 2
    assert counted.days == {date(2026, 3, 1): 2}
    assert counted.amounts == {1980: 1, 500: 1}
    assert counted.words["blue"] == 1
    assert counted.words["kitchen"] == 2


def run_command(app: DeskFlask, command: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(command, [*arguments, "--json"], obj=ScriptInfo(create_app=lambda: app))
    return result.exit_code, json.loads(result.stdout)


def test_the_command_keeps_good_lines_and_fails_when_one_was_bad(
    app: DeskFlask, db_session: scoped_session[Any], tmp_path: Path
):
    file = tmp_path / "customers.jsonl.gz"
    good, other = (json.dumps(a_line(), ensure_ascii=False).encode() for _ in range(2))
    file.write_bytes(gzip.compress(b"\n".join([good, b"", b"nonsense", other])))
    code, told = run_command(app, accounts, "import", str(file))
    assert code == 1
    assert (told["read"], told["added"]) == (3, 2)
    assert [bad["line"] for bad in told["bad"]] == [3]


def test_an_import_that_was_killed_before_it_counted_is_made_good_by_the_next(
    app: DeskFlask, db_session: scoped_session[Any], tmp_path: Path
):
    line = a_line(orders=[an_order()])
    load(line)
    file = tmp_path / "customers.jsonl"
    file.write_text(json.dumps(line))
    assert run_command(app, accounts, "import", str(file))[1]["known"] == 1
    assert service.order_statistics().total == 1


def test_a_file_cut_short_keeps_what_came_before_and_fails(
    app: DeskFlask, db_session: scoped_session[Any], tmp_path: Path
):
    file = tmp_path / "customers.jsonl.gz"
    whole = gzip.compress(b"\n".join(json.dumps(a_line()).encode() for _ in range(600)))
    file.write_bytes(whole[: len(whole) - 40])
    code, told = run_command(app, accounts, "import", str(file))
    assert code == 1
    assert "cannot be read to its end" in told["unreadable"]


def test_the_demo_command_may_be_repeated(app: DeskFlask, db_session: scoped_session[Any]):
    assert run_command(app, demo, "load")[0] == 0
    code, told = run_command(app, demo, "load")
    assert (code, told["added"], told["known"]) == (0, 0, 300)


def test_a_real_file_is_taken_whole(db_session: scoped_session[Any]):
    data = shared_data()
    lines = list(read_lines(data / "accounts_dev.jsonl.gz") if data else demo_lines(date(2026, 11, 22)))[:500]
    report = ImportReport()
    for batch in batches(lines):
        import_batch(batch, report)
    finish_import(report)
    assert report.bad == []
    assert report.added_count == len(lines)
    db_session.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    for line in lines[::25]:
        given = json.loads(line.content)
        account = service.find_account_by_public_id(given["account_id"])
        assert account is not None
        kept = service.holdings(account.id)
        assert (kept.gift_balance_yen, kept.points) == (given["gift_balance_yen"], given["points"])
        assert str(kept.prime.paid_until) == str(given["prime"]["renews_at"])
        assert len(service.orders(account.id)) == len(given["orders"])
