"""Abuse cases that belong to no one feature."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis import Redis

from support_desk.core import clock as business
from support_desk.core.budgets import spend, used
from support_desk.core.db import db
from support_desk.embedded import Engines
from support_desk.verification import service
from support_desk.verification.codes import WRONG_CODES
from tests.accounts.factories import an_account
from tests.intake.forms import a_form, send
from tests.intake.sameness import masked
from tests.verification.owners import Claimant, a_case_naming, an_owner


def _contacted(mails: Any, address: str) -> int:
    return sum(mail["To"] == address for mail in mails())


def test_the_right_name_with_a_wrong_postal_code_looks_like_the_reverse(
    client: FlaskClient, db_session: Any, run_jobs: Any, clock: Any
) -> None:
    an_account(name="小野寺 実", name_kana="オノデラ ミノル", postal_code="1500001")
    start, seen = clock.at, []
    for name, postal_code in (("小野寺 実", "1500002"), ("大野 実", "1500001"), ("小野寺 実", "1500001")):
        clock.set(start)
        contact = {"name": name, "email": f"reach{len(seen)}@example.net"}
        opened = send(client, a_form(contact=contact, claimed={"postal_code": postal_code}))
        run_jobs()
        case = opened.get_json()
        bearer = {"Authorization": f"Bearer {case['access_token']}"}
        looks = [client.get(case["links"]["self"] + part, headers=bearer) for part in ("", "/verification")]
        seen.append([masked(answer) for answer in (opened, *looks)])
    assert seen[0] == seen[1] == seen[2]


def test_a_receipt_depends_on_the_contact_alone(
    client: FlaskClient, db_session: Any, run_jobs: Any, mails: Any, clock: Any
) -> None:
    victim = {"email": "in.recovery@example.jp"}
    for number in range(6):
        contact = {"name": "誰か", "email": f"stranger{number}@example.net"}
        assert send(client, a_form(contact=contact, claimed=victim)).status_code == 201
    for _ in range(6):
        contact = {"name": "誰か", "email": "bombed@example.net"}
        assert send(client, a_form(contact=contact, claimed={"postal_code": "1500001"})).status_code == 201
    run_jobs()
    assert [_contacted(mails, f"stranger{number}@example.net") for number in range(6)] == [1] * 6
    assert _contacted(mails, "bombed@example.net") == 3


def test_a_resend_gives_no_tries_back(client: FlaskClient, db_session: Any, run_jobs: Any, clock: Any) -> None:
    claimant = Claimant(client, a_case_naming(an_owner()))
    challenge = claimant.ask("email_code").get_json()["id"]
    clock.move(seconds=3)
    run_jobs()
    for _ in range(3):
        claimant.answer(challenge, code="AAAA-AAAB")
    clock.move(seconds=61)
    assert claimant.ask("email_code").get_json()["id"] == challenge
    clock.move(seconds=3)
    run_jobs()
    states = []
    for _ in range(2):
        claimant.answer(challenge, code="AAAA-AAAB")
        states.append(claimant.look(challenge).get_json()["state"])
    assert states == ["ready", "dead"]


def test_rotating_addresses_wins_no_further_tries(
    client: FlaskClient, db_session: Any, run_jobs: Any, clock: Any
) -> None:
    owner = an_owner()
    for number in range(6):
        claimant = Claimant(client, a_case_naming(owner))
        challenge = claimant.ask("email_code").get_json()["id"]
        clock.move(seconds=3)
        run_jobs()
        for _ in range(5):
            path = f"{claimant.base}/challenges/{challenge}/answer"
            client.post(
                path,
                json={"code": "AAAA-AAAB"},
                headers=claimant.case.headers,
                environ_overrides={"REMOTE_ADDR": f"198.51.100.{number}"},
            )
    assert used(service.account_budget_key(owner.id), WRONG_CODES, at=business.now()) == WRONG_CODES.limit


def test_a_wiped_redis_gives_no_budget_back(engines: Engines, db_session: Any, clock: Any) -> None:
    key = b"k" * 32
    for _ in range(WRONG_CODES.limit):
        assert spend(key, WRONG_CODES, at=business.now())
    with Redis.from_url(engines.redis_url) as redis:
        redis.flushall()
    assert not spend(key, WRONG_CODES, at=business.now())


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-Host"])
def test_a_forged_host_reaches_no_link(
    client: FlaskClient, db_session: Any, run_jobs: Any, mails: Any, header: str
) -> None:
    before = len(mails())
    forged = "host=evil.example.com" if header == "Forwarded" else "evil.example.com"
    opened = send(client, a_form(), **{header: forged})
    assert opened.status_code == 201
    assert "evil" not in opened.get_data(as_text=True)
    run_jobs()
    [mail] = mails()[before:]
    links = re.findall(r"https?://[^/\s]+", mail.get_body(("plain",)).get_content())
    assert links
    assert not [link for link in links if "evil" in link]


def test_answers_are_neither_cached_nor_named_to_other_sites(client: FlaskClient, db_session: Any) -> None:
    case = send(client, a_form()).get_json()
    db.session.commit()
    bearer = {"Authorization": f"Bearer {case['access_token']}"}
    for path in (case["links"]["self"], case["links"]["page"], "/api/v1/help-topics", "/stop/" + "x" * 43):
        answer = client.get(path, headers=bearer)
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["Referrer-Policy"] == "no-referrer", path
        assert case["access_token"] not in str(answer.headers), path
