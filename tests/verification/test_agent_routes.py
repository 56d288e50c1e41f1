"""What agents see of a verification: groups and verdicts, never an answer, a score or a code."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.verification import service
from tests.agents.people import a_token, an_agent
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner
from tests.verification.test_codes import code_of


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    for _ in range(10):
        an_owner(orders=3)
    found = an_owner(orders=3, gift_balance_yen=54_321)
    db_session.commit()
    return found


@pytest.fixture
def headers(clock: Any, db_session: Any) -> dict[str, str]:
    token = a_token(an_agent(), "verification.read", "verification.work")
    db_session.commit()
    return token


def test_an_agent_sees_groups_and_verdicts_and_nothing_that_helps_to_guess(
    client: FlaskClient, owner: Owner, headers: dict[str, str], run_jobs: Any, clock: Any
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    sms = claimant.ask("sms_code").get_json()["id"]
    clock.move(seconds=2)
    run_jobs()
    code = code_of(sms)
    claimant.answer(sms, code=code)
    recall = claimant.ask("order_recall").get_json()["id"]
    claimant.answer(recall, orders=owner.recalled())
    run_jobs()
    answer = client.get(f"/api/v1/agent/tickets/{claimant.case.id}/verification", headers=headers)
    assert answer.status_code == 200, answer.text
    seen = answer.get_json()
    assert (seen["level"], seen["value_tier"], seen["masked_name"]) == ("strong", "V3", "森＊")
    passed = {group["group"] for group in seen["groups"] if group["passed"]}
    assert passed == {"TEL", "MEM"}
    verdicts = {verdict["action"]: verdict for verdict in seen["verdicts"]}
    assert verdicts["set_password"]["allowed"]
    assert verdicts["carry_over"]["needs"] == ["POST.id_mail"]
    for secret in (code, owner.email, owner.phone, "水筒", "54321", "bits", owner.orders[0]["order_id"]):
        assert secret not in answer.text


def test_an_unresolved_case_shows_an_agent_no_account(
    client: FlaskClient, headers: dict[str, str], run_jobs: Any
) -> None:
    case = a_case_naming(None)
    run_jobs()
    seen = client.get(f"/api/v1/agent/tickets/{case.id}/verification", headers=headers).get_json()
    assert (seen["resolved"], seen["account_ref"], seen["groups"], seen["verdicts"]) == (True, None, [], [])


def test_an_agent_enters_what_a_caller_remembers_and_hears_nothing_of_it(
    client: FlaskClient, owner: Owner, headers: dict[str, str], run_jobs: Any
) -> None:
    case = a_case_naming(owner)
    base = f"/api/v1/agent/tickets/{case.id}"
    started = client.post(f"{base}/challenges", json={"kind": "order_recall"}, headers=headers)
    assert started.status_code == 201
    path = f"{base}/challenges/{started.get_json()['id']}/answer"
    answer = client.post(path, json={"orders": owner.recalled()}, headers=headers)
    assert answer.get_json() == {"state": "received"}
    run_jobs()
    assert client.get(f"{base}/verification", headers=headers).get_json()["level"] == "light"


def test_an_agent_can_neither_ask_for_codes_nor_answer_them(
    client: FlaskClient, owner: Owner, headers: dict[str, str], run_jobs: Any, clock: Any
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    base = f"/api/v1/agent/tickets/{claimant.case.id}"
    assert client.post(f"{base}/challenges", json={"kind": "sms_code"}, headers=headers).status_code == 422
    sms = claimant.ask("sms_code").get_json()["id"]
    clock.move(seconds=2)
    run_jobs()
    path = f"{base}/challenges/{sms}/answer"
    assert client.post(path, json={"code": code_of(sms)}, headers=headers).status_code == 422
    own = f"/api/v1/tickets/{claimant.case.reference}/challenges/{sms}/answer"
    assert client.post(own, json={"code": code_of(sms)}, headers=headers).status_code in (403, 404)


def test_reading_takes_a_permission_and_so_does_work(
    client: FlaskClient, owner: Owner, db_session: Any, run_jobs: Any
) -> None:
    case = a_case_naming(owner)
    run_jobs()
    reader = a_token(an_agent("auditor"), "verification.read")
    nobody = a_token(an_agent(), "tickets.read")
    db_session.commit()
    base = f"/api/v1/agent/tickets/{case.id}"
    assert client.get(f"{base}/verification", headers=reader).status_code == 200
    assert client.post(f"{base}/challenges", json={"kind": "order_recall"}, headers=reader).status_code == 403
    assert client.get(f"{base}/verification", headers=nobody).status_code == 403
    assert client.get(f"{base}/verification").status_code == 401


def test_flags_are_shown(client: FlaskClient, owner: Owner, headers: dict[str, str], run_jobs: Any) -> None:
    first = Claimant(client, a_case_naming(owner))
    first.answer(first.ask("order_recall").get_json()["id"], orders=[{"item": "本"}])
    case = a_case_naming(owner)
    run_jobs()
    service.mark_contested(owner.id, ticket_id=case.id, why="rival_claim")
    db.session.commit()
    seen = client.get(f"/api/v1/agent/tickets/{case.id}/verification", headers=headers).get_json()
    assert set(seen["flags"]) == {"contested", "several_tickets", "history_tried_before"}


def test_the_claimant_is_told_a_level_only_once_it_was_used(
    client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    code = claimant.ask("email_code").get_json()["id"]
    clock.move(seconds=2)
    run_jobs()
    claimant.answer(code, code=code_of(code))
    assert (claimant.see().get_json()["state"], claimant.see().get_json()["level"]) == ("open", None)
    grant = service.mint_grant(claimant.case.id, "set_password", at=clock.at)
    db.session.commit()
    assert claimant.see().get_json()["level"] is None, "granted, but not used yet"
    service.consume_grant(grant.id, account_id=owner.id, action="set_password", at=clock.at)
    db.session.commit()
    assert (claimant.see().get_json()["state"], claimant.see().get_json()["level"]) == ("decided", "basic")
