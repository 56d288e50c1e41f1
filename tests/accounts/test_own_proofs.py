"""Authenticators, saved codes and the second step of a sign-in, attacked."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.accounts import service
from support_desk.accounts.models import Customer
from support_desk.accounts.own_proof_models import Authenticator, RecoveryCode, SignInStep
from support_desk.core import totp
from support_desk.core.db import db, transaction
from support_desk.core.http import DeskFlask
from tests.accounts.factories import an_account
from tests.accounts.test_sign_in import PASSWORD, bearer, sign_in
from tests.data import shared_data

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
# RFC 6238, appendix B, SHA-1, the last six digits.
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
SECOND = "/api/v1/account/sessions/second-step"


def vectors() -> list[tuple[int, str]]:
    """The vectors of the standard: from the shared data where it lies, else those above."""
    found = shared_data()
    if found is None:
        return VECTORS
    listed = json.loads((found / "standards" / "rfc6238_vectors.json").read_text())["vectors"]
    return [(each["unix_time"], each["totp"][-6:]) for each in listed if each["algorithm"] == "SHA1"]


def of_app(at: datetime, secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(at)


@pytest.fixture
def owner(client: FlaskClient, clock: Any) -> UUID:
    """A customer with 2-step on, a mobile phone and an app."""
    account_id = an_account(emails=["owner@example.jp"], phone_e164="+819012345678", password=PASSWORD)
    db.session.get_one(Customer, account_id).two_step = True
    db.session.add(Authenticator(account_id=account_id, secret=SECRET, confirmed_at=clock.at))
    db.session.commit()
    return account_id


@pytest.fixture
def begin(client: FlaskClient, owner: UUID, run_jobs: Any) -> Any:
    """Give the right password; returns the token of the second step."""

    def start() -> str:
        answer = sign_in(client, "owner@example.jp")
        assert (answer.status_code, set(answer.json)) == (202, {"second_step_token"})
        run_jobs()
        return answer.json["second_step_token"]

    return start


def finish(client: FlaskClient, token: str, code: str) -> Any:
    return client.post(SECOND, json={"second_step_token": token, "code": code})


def refused(answer: Any) -> bool:
    return answer.status_code == 401 and answer.json["code"] == "sign_in_failed"


def sms_code(texts: Any) -> str:
    found = re.search(r"^\d{4}-?\d{4}$", texts()[-1]["text"], re.M)
    assert found
    return found[0]


@pytest.mark.parametrize(("seconds", "code"), vectors())
def test_the_vectors_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.matching_step(SECRET, code, at=at, last_step=None) == seconds // 30
    assert totp.matching_step(SECRET, code, at=at, last_step=seconds // 30) is None, "each step once"


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_one_step_either_side_counts(clock: Any, owner: UUID, seconds: int, good: bool) -> None:
    code = of_app(datetime.fromtimestamp(clock.at.timestamp() + seconds, UTC))
    found = service.find_authenticator_step(owner, code, at=clock.at)
    assert (found is not None) is good


def test_a_password_alone_opens_no_session_and_the_sms_does(
    client: FlaskClient, begin: Any, owner: UUID, texts: Any
) -> None:
    token = begin()
    assert client.get("/api/v1/account", headers=bearer(token)).status_code == 401
    assert texts()[-1]["to"] == "+819012345678"
    code = sms_code(texts)
    answer = finish(client, token, code)
    assert answer.status_code == 201
    assert client.get("/api/v1/account", headers=bearer(answer.json["token"])).status_code == 200
    assert refused(finish(client, token, code)), "once"


def test_the_app_does_too_and_each_of_its_codes_once(client: FlaskClient, begin: Any, clock: Any) -> None:
    code = of_app(clock.at)
    assert finish(client, begin(), f"{code[:3]} {code[3:]}").status_code == 201
    assert refused(finish(client, begin(), code)), "a code that was read over a shoulder"
    clock.move(seconds=31)
    assert finish(client, begin(), of_app(clock.at)).status_code == 201


def test_the_code_of_another_sign_in_does_not_count(
    client: FlaskClient, begin: Any, texts: Any, clock: Any
) -> None:
    begin()
    code = sms_code(texts)
    clock.move(seconds=61)
    assert refused(finish(client, begin(), code))


def test_a_second_step_dies_with_five_tries_and_after_ten_minutes(
    client: FlaskClient, begin: Any, clock: Any, texts: Any
) -> None:
    token = begin()
    code = sms_code(texts)
    for _ in range(5):
        assert refused(finish(client, token, "0000-0000"))
    assert refused(finish(client, token, code))
    clock.move(minutes=2)
    token = begin()
    clock.move(minutes=10)
    assert refused(finish(client, token, sms_code(texts)))
    assert refused(finish(client, token, of_app(clock.at)))


def test_wrong_second_steps_are_counted_over_all_sign_ins(client: FlaskClient, begin: Any, clock: Any) -> None:
    for _ in range(2):
        token = begin()
        for _ in range(5):
            assert refused(finish(client, token, "000000"))
    clock.move(hours=1)
    assert refused(finish(client, begin(), of_app(clock.at))), "ten from one network"
    clock.move(hours=24)
    assert finish(client, begin(), of_app(clock.at)).status_code == 201


def test_sms_of_sign_ins_are_limited(begin: Any, clock: Any, texts: Any) -> None:
    for _ in range(20):
        begin()
        clock.move(seconds=61)
    assert len(texts()) == 5


def test_a_change_of_the_account_ends_a_sign_in_half_way(
    client: FlaskClient, begin: Any, owner: UUID, clock: Any
) -> None:
    token = begin()
    service.set_password(owner, service.hash_password("another long one 文字"), key="reset")
    db.session.commit()
    assert refused(finish(client, token, of_app(clock.at)))


def test_a_suspended_account_is_not_signed_in_half_way(
    client: FlaskClient, begin: Any, owner: UUID, clock: Any
) -> None:
    token = begin()
    db.session.get_one(Customer, owner).suspended_at = clock.at
    db.session.commit()
    assert refused(finish(client, token, of_app(clock.at)))


def test_a_password_reset_leaves_two_step_on(client: FlaskClient, owner: UUID, clock: Any) -> None:
    service.set_password(owner, service.hash_password(PASSWORD + "9"), key="reset")
    db.session.commit()
    assert sign_in(client, "owner@example.jp", PASSWORD + "9").status_code == 202
    assert service.get_account(owner).two_step


def test_every_wrong_second_step_is_the_same_answer(
    client: FlaskClient, begin: Any, texts: Any, clock: Any
) -> None:
    def told(answer: Any) -> Any:
        return answer.status_code, {**answer.json, "instance": None}

    token = begin()
    used = begin()
    assert finish(client, used, of_app(clock.at)).status_code == 201
    answers = [told(finish(client, given, "1234-5678")) for given in (token, used, "x" * 43, "なし")]
    assert all(each == answers[0] for each in answers)


def test_without_a_phone_or_app_the_password_is_answered_alike(
    client: FlaskClient, run_jobs: Any, texts: Any
) -> None:
    account_id = an_account(emails=["bare@example.jp"], phone_e164=None, password=PASSWORD)
    db.session.get_one(Customer, account_id).two_step = True
    db.session.commit()
    answer = sign_in(client, "bare@example.jp")
    assert answer.status_code == 202
    run_jobs()
    assert texts() == []
    step = db.session.scalars(sa.select(SignInStep)).one()
    assert not step.sms_sent
    assert refused(finish(client, answer.json["second_step_token"], of_app(datetime.now(UTC), "A" * 32)))


def signed_in(client: FlaskClient, account_id: UUID) -> dict[str, str]:
    token = service.open_session(account_id)
    db.session.commit()
    return bearer(token)


def test_ten_codes_are_shown_once_and_kept_as_hashes(client: FlaskClient, owner: UUID) -> None:
    answer = client.post("/api/v1/account/recovery-codes", headers=signed_in(client, owner))
    codes = answer.json["codes"]
    assert answer.status_code == 201
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    rows = db.session.scalars(sa.select(RecoveryCode)).all()
    assert all(row.code_hash.startswith("$argon2id$") for row in rows)
    text = "".join(db.session.scalars(sa.text("SELECT t::text FROM recovery_codes AS t")).all())
    assert not [code for code in codes if code in text or code.replace("-", "") in text]


def test_a_saved_code_counts_once_and_new_ones_void_the_old(client: FlaskClient, owner: UUID) -> None:
    headers = signed_in(client, owner)
    old = client.post("/api/v1/account/recovery-codes", headers=headers).json["codes"]
    found = service.find_recovery_code(owner, old[0].lower().replace("-", " "))
    assert found is not None
    assert service.use_recovery_code(found)
    assert not service.use_recovery_code(found)
    assert service.find_recovery_code(owner, old[0]) is None
    client.post("/api/v1/account/recovery-codes", headers=headers)
    assert service.find_recovery_code(owner, old[1]) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecoveryCode)) == 10


def test_the_saved_code_of_another_account_does_not_count(client: FlaskClient, owner: UUID) -> None:
    other = an_account()
    codes = client.post("/api/v1/account/recovery-codes", headers=signed_in(client, owner)).json["codes"]
    assert service.find_recovery_code(other, codes[0]) is None
    assert service.find_recovery_code(None, codes[0]) is None


@pytest.mark.parametrize("path", ["recovery-codes", "authenticator"])
def test_a_restricted_account_gets_no_new_proofs(client: FlaskClient, owner: UUID, path: str) -> None:
    service.restrict(owner, parts={"change"}, key="recovery")
    answer = client.post(f"/api/v1/account/{path}", headers=signed_in(client, owner))
    assert (answer.status_code, answer.json["code"]) == (403, "account_restricted")
    assert client.post(f"/api/v1/account/{path}").status_code == 401


def test_a_new_app_counts_after_a_code_of_it_and_the_password(
    client: FlaskClient, owner: UUID, clock: Any
) -> None:
    headers = signed_in(client, owner)
    shown = client.post("/api/v1/account/authenticator", headers=headers).json
    assert shown["otpauth_uri"].startswith("otpauth://totp/")
    assert service.find_authenticator_step(owner, of_app(clock.at), at=clock.at), "the app before it counts still"
    path = "/api/v1/account/authenticator/confirmation"
    fresh = of_app(clock.at, shown["secret"])
    for code, password in ((fresh, "not the password"), (of_app(clock.at), PASSWORD), ("000000", PASSWORD)):
        answer = client.post(path, json={"code": code, "password": password}, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (422, "wrong_code")
    assert client.post(path, json={"code": fresh, "password": PASSWORD}, headers=headers).status_code == 204
    assert service.find_authenticator_step(owner, of_app(clock.at), at=clock.at) is None
    assert service.find_authenticator_step(owner, fresh, at=clock.at) is None, "the code that confirmed is used"
    clock.move(seconds=31)
    assert service.find_authenticator_step(owner, of_app(clock.at, shown["secret"]), at=clock.at)
    text = "".join(db.session.scalars(sa.text("SELECT t::text FROM authenticators AS t")).all())
    assert shown["secret"] not in text


def test_a_stolen_session_guesses_the_password_ten_times_an_hour(
    client: FlaskClient, owner: UUID, clock: Any
) -> None:
    headers = signed_in(client, owner)
    secret = client.post("/api/v1/account/authenticator", headers=headers).json["secret"]
    path = "/api/v1/account/authenticator/confirmation"
    for _ in range(10):
        client.post(path, json={"code": of_app(clock.at, secret), "password": "a guess"}, headers=headers)
    body = {"code": of_app(clock.at, secret), "password": PASSWORD}
    assert client.post(path, json=body, headers=headers).status_code == 422


def test_of_many_sign_ins_with_one_app_code_at_once_one_succeeds(real_db: DeskFlask, clock: Any) -> None:
    with real_db.app_context(), transaction():
        account_id = an_account(emails=["owner@example.jp"], password=PASSWORD)
        db.session.get_one(Customer, account_id).two_step = True
        db.session.add(Authenticator(account_id=account_id, secret=SECRET, confirmed_at=clock.at))
    client = real_db.test_client()
    tokens = [sign_in(client, "owner@example.jp").json["second_step_token"] for _ in range(8)]
    code = of_app(clock.at)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda token: finish(real_db.test_client(), token, code).status_code, tokens))
    assert sorted(answers) == [201] + [401] * 7
