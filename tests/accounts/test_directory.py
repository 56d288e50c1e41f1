"""Finding accounts by what a claim says, and keeping what is personal unreadable in the database."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import scoped_session

from support_desk.accounts import service
from support_desk.accounts.errors import AddressTaken, CommandKeyReused
from support_desk.accounts.models import CustomerAddress, CustomerIdentifier
from support_desk.audit.service import list_entries
from support_desk.core.db import Model, db
from support_desk.core.errors import NotFound
from support_desk.core.japan import name_keys
from tests.accounts.factories import an_account, an_order


def kinds(account_id: Any, **claimed: Any) -> set[tuple[str, bool]]:
    return {
        (match.kind, match.former) for match in service.find_matches(**claimed) if match.account_id == account_id
    }


def test_every_identifier_names_its_account(db_session: scoped_session[Any]):
    order = an_order(order_id="250-1234567-7654321")
    account_id = an_account(
        emails=["Now@Example.jp", "before@example.jp"],
        phone_e164="+819012340009",
        name="渡邉 光",
        name_kana="ワタナベ ヒカル",
        postal_code="1500001",
        previous_postal_codes=["100-0001"],
        orders=[order],
    )
    assert kinds(account_id, emails=["now@example.jp"]) == {("email", False)}
    assert kinds(account_id, emails=["before@example.jp"]) == {("email", True)}
    assert kinds(account_id, phones=["+819012340009"]) == {("phone", False)}
    for spelling in ("渡辺光", "わたなべ ひかる", "Hikaru Watanabe"):
        assert kinds(account_id, name_keys=name_keys(spelling)) == {("name", False)}, spelling
    assert kinds(account_id, postal_codes=["1500001"]) == {("postal_code", False)}
    assert kinds(account_id, postal_codes=["1000001"]) == {("postal_code", True)}
    assert kinds(account_id, order_numbers=["25012345677654321"]) == {("order_number", False)}
    assert service.find_matches() == []
    assert service.find_matches(emails=["nobody@example.jp"], phones=["+819012340000"]) == []


def test_a_postal_code_left_long_ago_names_nobody(db_session: scoped_session[Any], clock: Any):
    account_id = an_account(previous_postal_codes=["1500001"])
    left = sa.update(CustomerIdentifier).where(CustomerIdentifier.former)
    db_session.execute(left.values(left_at=clock.at))
    clock.move(days=729)
    assert kinds(account_id, postal_codes=["1500001"]) == {("postal_code", True)}
    clock.move(days=3)
    assert kinds(account_id, postal_codes=["1500001"]) == set()


def test_a_household_has_one_address_key_and_a_person_one_name_key(db_session: scoped_session[Any]):
    home = {"prefecture": "東京都", "city": "千代田区", "town": "千代田", "street": "1-1"}
    one = service.get_account(an_account(name="山田 花子", address=home))
    other = service.get_account(an_account(name="山田 太郎", name_kana="ヤマダ タロウ", address=home))
    again = service.get_account(an_account(name="山田花子"))
    assert one.address_key == other.address_key != again.address_key
    assert (one.name_key, one.kana_key) == (again.name_key, again.kana_key)
    assert one.name_key != other.name_key


def test_unknown_accounts_are_not_found(db_session: scoped_session[Any]):
    account_id = an_account()
    unknown = type(account_id)(int=7)
    assert service.find_account_by_public_id("nobody") is None
    for read in (service.get_account, service.holdings):
        with pytest.raises(NotFound):
            read(unknown)


def test_orders_in_flight_and_cards_are_seen(db_session: scoped_session[Any]):
    account_id = an_account(
        orders=[
            an_order(status="shipped", payment_methods=["convenience_store"]),
            an_order(status="processing", placed_at="2026-02-01T00:30:00+09:00", payment_methods=["debit_card"]),
            an_order(status="returned", placed_at="2025-02-01T00:30:00+09:00"),
        ],
        has_payment_method=None,
    )
    kept = service.holdings(account_id)
    assert kept.orders_in_flight_count == 2
    assert str(kept.card_used_on) == "2026-02-01"
    assert kept.has_payment_method is None


def test_nothing_personal_is_readable_in_the_database(db_session: scoped_session[Any]):
    an_account(
        emails=["verysecret@example.jp", "oldsecret@example.jp"],
        phone_e164="+819012340042",
        name="秘密野 名子",
        name_kana="ヒミツノ ナコ",
        postal_code="1500001",
        previous_postal_codes=["1000001"],
        address={"prefecture": "東京都", "city": "渋谷区", "town": "神宮前", "street": "9-8-7"},
    )
    secrets = [
        "secret",
        "90123400",
        "12340042",
        "秘密野",
        "ヒミツ",
        "1500001",
        "1000001",
        "渋谷",
        "神宮前",
        "9-8-7",
    ]
    own = [
        table
        for name, table in Model.metadata.tables.items()
        if name.startswith(("customer", "account", "ledger"))
    ]
    assert len(own) >= 8
    for table in own:
        for (row,) in db_session.execute(sa.text(f"SELECT row_to_json(t)::text FROM {table.name} t")):
            readable = row + str([bytes.fromhex(part) for part in hex_values(row)])
            for secret in secrets:
                assert secret not in readable, table.name
                assert secret.encode().hex() not in readable, table.name


def hex_values(row: str) -> list[str]:
    """Binary columns, as PostgreSQL writes them in JSON."""
    return [part.split('"')[0] for part in row.split('"\\\\x')[1:]]


def test_the_same_text_is_encrypted_differently_each_time(db_session: scoped_session[Any]):
    for _ in range(2):
        an_account(postal_code="1500001")
    sealed = db_session.scalars(sa.select(sa.type_coerce(CustomerAddress.postal_code, sa.LargeBinary()))).all()
    assert len(set(sealed)) == 2


def test_a_replaced_email_is_a_former_one_and_still_names_the_account(db_session: scoped_session[Any], clock: Any):
    account_id = an_account(emails=["old@example.jp"])
    version = service.replace_email(account_id, "New@example.jp", key="k")
    assert version == 2
    assert service.replace_email(account_id, "New@example.jp", key="k") == 2
    known = {(channel.address, channel.state): channel for channel in service.channels(account_id)}
    assert known["New@example.jp", "current"].set_by_desk
    assert known["old@example.jp", "former"].left_at == clock.at
    assert kinds(account_id, emails=["old@example.jp"]) == {("email", True)}
    assert kinds(account_id, emails=["new@example.jp"]) == {("email", False)}
    assert service.replace_email(account_id, "old@example.jp", key="back") == 3
    assert kinds(account_id, emails=["old@example.jp"]) == {("email", False)}
    tags = [entry.tag for entry in list_entries("account", account_id)]
    assert tags == ["account:email:replaced"] * 2


def test_an_email_of_another_account_is_refused(db_session: scoped_session[Any]):
    an_account(emails=["taken@example.jp"])
    account_id = an_account()
    with pytest.raises(AddressTaken):
        service.replace_email(account_id, "taken@example.jp", key="k")


def test_the_database_itself_refuses_one_address_for_two_accounts(db_session: scoped_session[Any]):
    one, other = an_account(), an_account()
    for kind in ("email", "phone"):
        statement = sa.text(
            "UPDATE customer_channels SET mac = (SELECT mac FROM customer_channels WHERE account_id = :one"
            " AND kind = :kind) WHERE account_id = :other AND kind = :kind"
        )
        with pytest.raises(sa.exc.IntegrityError), db_session.begin_nested():
            db_session.execute(statement, {"one": one, "other": other, "kind": kind})


def test_a_phone_number_goes_to_whoever_confirmed_it_last(db_session: scoped_session[Any]):
    loser, winner = an_account(phone_e164="+819012340055"), an_account(phone_e164=None)
    service.replace_phone(winner, "090-1234-0055", key="k")
    assert service.get_account(winner).phone == "+819012340055"
    assert service.get_account(loser).phone is None
    assert service.get_account(loser).version == 2
    assert kinds(loser, phones=["+819012340055"]) == {("phone", True)}


def test_a_command_key_is_of_one_account(db_session: scoped_session[Any]):
    one, other = an_account(), an_account()
    service.replace_email(one, "one@example.jp", key="k")
    with pytest.raises(CommandKeyReused):
        service.replace_email(other, "other@example.jp", key="k")


def test_a_closed_account_is_named_by_nothing(db_session: scoped_session[Any], clock: Any):
    account_id = an_account(emails=["closed@example.jp"])
    db.session.execute(
        sa.text("UPDATE customers SET closed_at = :at WHERE id = :id"), {"at": clock.at, "id": account_id}
    )
    assert service.find_matches(emails=["closed@example.jp"]) == []
