"""Signing in, signing out, and what the signed-in customer sees."""

from __future__ import annotations

import statistics
import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import scoped_session

from support_desk.accounts import passwords_service, service
from support_desk.accounts import sign_in_service as sign_ins
from support_desk.accounts.errors import AccountRestricted, PasswordRefused, PasswordSame
from support_desk.accounts.models import AccountSession, Customer
from support_desk.core.db import db
from tests.accounts.factories import an_account, an_order

PASSWORD = "青い水筒と赤い自転車 17"
PATH = "/api/v1/account/sessions"


def sign_in(client: FlaskClient, identifier: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post(PATH, json={"identifier": identifier, "password": password}, **more)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "identifier",
    ["Owner@Example.JP", "owner@example.jp", "080-1234-9999", "+818012349999", "０８０１２３４９９９９"],
)
def test_email_or_phone_in_any_spelling_signs_in(client: FlaskClient, identifier: str):
    an_account(emails=["Owner@example.jp"], phone_e164="+818012349999", password=PASSWORD)
    answer = sign_in(client, identifier)
    assert answer.status_code == 201
    assert set(answer.json) == {"token"}


def test_the_account_shows_value_whole_and_identity_masked(client: FlaskClient):
    an_account(
        emails=["owner@example.jp"],
        phone_e164="+818012349999",
        gift_balance_yen=3000,
        points=120,
        prime={"status": "active", "plan": "annual", "renews_at": "2027-05-01"},
        password=PASSWORD,
    )
    token = sign_in(client, "owner@example.jp").json["token"]
    shown = client.get("/api/v1/account", headers=bearer(token)).json
    assert shown["gift_balance_yen"] == 3000
    assert shown["points"] == 120
    assert shown["prime"] == {"status": "active", "plan": "annual", "paid_until": "2027-05-01"}
    assert shown["email"] == "o***@example.jp"
    assert shown["phone"] == "+81********99"
    assert shown["name"] == "山＊"
    assert shown["two_step"] is False
    assert shown["restrictions"] == []


def test_signing_out_ends_the_session_alone(client: FlaskClient):
    an_account(emails=["owner@example.jp"], password=PASSWORD)
    one, other = (sign_in(client, "owner@example.jp").json["token"] for _ in range(2))
    assert client.delete(f"{PATH}/current", headers=bearer(one)).status_code == 204
    assert client.get("/api/v1/account", headers=bearer(one)).status_code == 401
    assert client.get("/api/v1/account", headers=bearer(other)).status_code == 200


@pytest.mark.parametrize("header", [{}, bearer(""), bearer("x" * 43), {"Authorization": "Basic eDp5"}])
def test_nobody_sees_an_account_without_a_session(client: FlaskClient, header: dict[str, str]):
    assert client.get("/api/v1/account", headers=header).status_code == 401
    assert client.delete(f"{PATH}/current", headers=header).status_code == 401


def test_a_session_expires(client: FlaskClient, clock: Any):
    an_account(emails=["owner@example.jp"], password=PASSWORD)
    token = sign_in(client, "owner@example.jp").json["token"]
    clock.move(days=13, hours=23)
    assert client.get("/api/v1/account", headers=bearer(token)).status_code == 200
    clock.move(hours=2)
    assert client.get("/api/v1/account", headers=bearer(token)).status_code == 401


def test_tokens_are_kept_as_hashes_only(client: FlaskClient):
    an_account(emails=["owner@example.jp"], password=PASSWORD)
    token = sign_in(client, "owner@example.jp").json["token"]
    row = db.session.query(AccountSession).one()
    assert token.encode() not in row.token_hash


def failing(client: FlaskClient) -> dict[str, Any]:
    """One answer for each reason for which a sign-in fails."""
    an_account(emails=["with@example.jp", "former@example.jp"], password=PASSWORD)
    an_account(emails=["without@example.jp"])
    closed = an_account(emails=["closed@example.jp"], password=PASSWORD)
    suspended = an_account(emails=["suspended@example.jp"], password=PASSWORD)
    at = db.session.get(Customer, closed).registered_at
    db.session.get(Customer, closed).closed_at = at
    db.session.get(Customer, suspended).suspended_at = at
    db.session.flush()
    return {
        "wrong": sign_in(client, "with@example.jp", "something else entirely"),
        "former": sign_in(client, "former@example.jp"),
        "no password yet": sign_in(client, "without@example.jp"),
        "unknown e-mail": sign_in(client, "nobody@example.jp"),
        "unknown phone": sign_in(client, "090-1234-0000"),
        "no identifier at all": sign_in(client, "???"),
        "too long": sign_in(client, "with@example.jp", "x" * 999),
        "closed": sign_in(client, "closed@example.jp"),
        "suspended": sign_in(client, "suspended@example.jp"),
    }


def test_every_failing_sign_in_is_answered_alike(client: FlaskClient):
    answers = failing(client)
    bodies = set()
    for why, answer in answers.items():
        assert answer.status_code == 401, why
        bodies.add(answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], ""))
    assert len(bodies) == 1


def test_every_failing_sign_in_hashes_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    verified: list[str] = []
    real = passwords_service._matches

    def counting(password_hash: str, peppered: bytes) -> bool:
        verified.append(password_hash)
        return real(password_hash, peppered)

    monkeypatch.setattr(passwords_service, "_matches", counting)
    answers = failing(client)
    assert len(verified) == len(answers)
    assert {text.split("$")[3] for text in verified} == {"m=19456,t=2,p=1"}


def test_an_unknown_identifier_takes_as_long_as_a_wrong_password(client: FlaskClient):
    an_account(emails=["with@example.jp"], password=PASSWORD)

    def seconds(identifier: str) -> float:
        started = time.perf_counter()
        sign_in(client, identifier, "something else entirely")
        return time.perf_counter() - started

    seconds("with@example.jp")
    known = statistics.median(seconds("with@example.jp") for _ in range(7))
    unknown = statistics.median(seconds("nobody@example.jp") for _ in range(7))
    assert 0.3 < known / unknown < 3


def test_wrong_tries_are_counted_and_a_stranger_does_not_shut_the_owner_out(client: FlaskClient, clock: Any):
    an_account(emails=["owner@example.jp"], password=PASSWORD)
    stranger = {"environ_base": {"REMOTE_ADDR": "198.51.100.7"}}
    for _ in range(sign_ins.FROM_ONE_NETWORK.limit):
        assert sign_in(client, "owner@example.jp", "guess guess guess", **stranger).status_code == 401
    assert sign_in(client, "owner@example.jp", **stranger).status_code == 401
    assert sign_in(client, "owner@example.jp").status_code == 201
    clock.move(minutes=16)
    assert sign_in(client, "owner@example.jp", **stranger).status_code == 201


def test_signing_in_rightly_uses_up_nothing(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    an_account(emails=["owner@example.jp"], password=PASSWORD)
    monkeypatch.setattr(sign_ins, "verify_password", lambda *_: True)
    for _ in range(sign_ins.FROM_ONE_NETWORK.limit + 5):
        assert sign_in(client, "owner@example.jp").status_code == 201


def test_a_network_that_tries_too_often_is_told_to_wait(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sign_ins, "verify_password", lambda *_: False)
    for number in range(sign_ins.OF_A_NETWORK.limit):
        assert sign_in(client, f"nobody{number}@example.jp").status_code == 401
    refused = sign_in(client, "nobody@example.jp")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"


def test_a_new_password_ends_sessions_and_raises_the_version_once(client: FlaskClient):
    account_id = an_account(emails=["owner@example.jp"], password=PASSWORD)
    token = sign_in(client, "owner@example.jp").json["token"]
    before = service.get_account(account_id).version
    hashed = service.hash_password("another passphrase 99")
    assert service.set_password(account_id, hashed, key="k") == before + 1
    assert service.set_password(account_id, service.hash_password("a third one for once"), key="k") == before + 1
    assert client.get("/api/v1/account", headers=bearer(token)).status_code == 401
    assert sign_in(client, "owner@example.jp").status_code == 401
    assert sign_in(client, "owner@example.jp", "another passphrase 99").status_code == 201


def test_the_old_password_is_refused_as_the_new_one(db_session: scoped_session[Any]):
    account_id = an_account(password=PASSWORD)
    with pytest.raises(PasswordSame):
        service.check_password(account_id, PASSWORD)
    service.check_password(account_id, PASSWORD + "x")
    service.check_password(None, PASSWORD)


def test_the_owners_name_and_address_make_no_password(db_session: scoped_session[Any]):
    account_id = an_account(emails=["kuroshio.maru@example.jp"])
    with pytest.raises(PasswordRefused) as refused:
        service.check_password(account_id, "kuroshio.maru-88", pointer="/new_password")
    assert refused.value.errors[0].pointer == "/new_password"
    assert refused.value.code == "password_personal"


def test_without_the_pepper_the_hash_is_of_no_use(db_session: scoped_session[Any]):
    hashed = service.hash_password(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords_service.verify_password(hashed, PASSWORD)
    assert not passwords_service._matches(hashed, PASSWORD.encode())


def test_two_keyboards_type_the_same_password(db_session: scoped_session[Any]):
    hashed = service.hash_password("ﾊﾟｽﾜｰﾄﾞではない言葉")
    assert passwords_service.verify_password(hashed, "パスワードではない言葉")


def test_restrictions_are_shown_until_each_is_lifted(client: FlaskClient, clock: Any):
    account_id = an_account(emails=["owner@example.jp"], password=PASSWORD, orders=[an_order()])
    token = sign_in(client, "owner@example.jp").json["token"]
    service.restrict(account_id, parts={"spend", "change"}, key="r")
    service.announce_lifting(account_id, "spend", until=clock.at, lift_with=["sms_code", "email_code"])
    shown = client.get("/api/v1/account", headers=bearer(token)).json["restrictions"]
    assert [(row["part"], row["until"], row["lift_with"]) for row in shown] == [
        ("change", None, []),
        ("spend", "2026-11-25T01:00:00.000Z", ["email_code", "sms_code"]),
    ]
    with pytest.raises(AccountRestricted):
        service.require_unrestricted(account_id, "change")
    service.lift_restriction(account_id, "change", key="r")
    service.require_unrestricted(account_id, "change")
    service.restrict(account_id, parts={"spend", "change"}, key="r")  # the same command again
    assert [row.part for row in service.restrictions(account_id)] == ["spend"]
