"""Known or unknown, capped or in dispute: the same answers, bytes and rows, until a right code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.verification import service
from tests.statements import Statements
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner

UUIDS = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
RANDOM_HEADERS = {"X-Request-Id"}


def seen(answer: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer with what is random in every answer masked."""
    headers = [(name, value) for name, value in answer.headers if name not in RANDOM_HEADERS]
    body = re.sub(rb"urn:request:[0-9a-f]{32}", b"urn:request:R", UUIDS.sub(b"ID", answer.data))
    return answer.status_code, headers, body


def walk(claimant: Claimant, clock: Any, run_jobs: Any, kind: str) -> list[Any]:
    """Everything a stranger can see of one kind of challenge, in order."""
    found = [seen(claimant.see())]
    started = claimant.ask(kind)
    challenge = started.get_json()["id"]
    found += [seen(started), seen(claimant.look(challenge)), seen(claimant.ask(kind))]
    early = {"orders": [{"item": "青い水筒"}]} if kind == "order_recall" else {"code": "AAAA-AAAA"}
    if kind != "order_recall":
        found.append(seen(claimant.answer(challenge, **early)))
    clock.move(seconds=2)
    run_jobs()
    found += [seen(claimant.look(challenge)), seen(claimant.see())]
    found += [seen(claimant.answer(challenge, **early)) for _ in range(6)]
    run_jobs()
    found += [seen(claimant.look(challenge)), seen(claimant.see())]
    clock.move(seconds=61)
    found.append(seen(claimant.ask(kind)))
    clock.move(seconds=2)
    run_jobs()
    found += [seen(claimant.see()), seen(claimant.answer(challenge, **early))]
    clock.move(minutes=11)
    found += [seen(claimant.see()), seen(claimant.answer(challenge, code="1234-5678"))]
    return found


@pytest.fixture
def cast(clock: Any, db_session: Any) -> dict[str, Owner | None]:
    """Accounts that a stranger must not tell apart, and none."""
    people = {
        "known": an_owner(),
        "without phone": an_owner(phone=None),
        "without orders": an_owner(orders=0),
        "in dispute": an_owner(),
        "capped": an_owner(),
    }
    service.mark_contested(people["in dispute"].id, ticket_id=None, why="stopped")
    db_session.commit()
    return {"unknown": None, **people}


@pytest.mark.parametrize(
    "kind", ["email_code", "sms_code", "letter_code", "recovery_code", "totp", "order_recall"]
)
def test_every_public_answer_is_equal_byte_for_byte(
    client: FlaskClient, cast: dict[str, Owner | None], clock: Any, run_jobs: Any, kind: str
) -> None:
    capped = cast["capped"]
    for _ in range(4):
        walk(Claimant(client, a_case_naming(capped)), clock, run_jobs, kind)
    start = clock.at
    walks = {}
    for who, owner in cast.items():
        clock.set(start)
        claimant = Claimant(client, a_case_naming(owner))
        run_jobs()
        walks[who] = walk(claimant, clock, run_jobs, kind)
    for who, found in walks.items():
        assert found == walks["unknown"], who


@pytest.mark.parametrize("kind", ["email_code", "sms_code", "letter_code", "recovery_code", "totp"])
def test_a_wrong_code_is_the_same_sql_whoever_is_claimed(
    client: FlaskClient, cast: dict[str, Owner | None], clock: Any, run_jobs: Any, kind: str
) -> None:
    logs = {}
    for who, owner in cast.items():
        claimant = Claimant(client, a_case_naming(owner))
        challenge = claimant.ask(kind).get_json()["id"]
        clock.move(seconds=2)
        run_jobs()
        with Statements(db.session.connection().engine) as noted:
            claimant.answer(challenge, code="AAAA-AAAA")
        logs[who] = noted.texts
    assert len(logs["unknown"]) >= 4
    for who, texts in logs.items():
        assert texts == logs["unknown"], who


def test_nothing_public_asks_the_directory(
    client: FlaskClient, cast: dict[str, Owner | None], run_jobs: Any
) -> None:
    claimant = Claimant(client, a_case_naming(cast["known"]))
    run_jobs()
    with Statements(db.session.connection().engine) as noted:
        challenge = claimant.ask("email_code").get_json()["id"]
        claimant.look(challenge)
        claimant.see()
        claimant.answer(challenge, code="AAAA-AAAA")
        recall = claimant.ask("order_recall").get_json()["id"]
        claimant.answer(recall, orders=[{"item": "青い水筒"}])
    assert len(noted.texts) > 10
    assert not [text for text in noted.texts if "customer" in text or "orders" in text]


def test_another_ticket_or_challenge_is_the_same_404_as_none(
    client: FlaskClient, cast: dict[str, Owner | None], run_jobs: Any
) -> None:
    mine = Claimant(client, a_case_naming(cast["known"]))
    theirs = Claimant(client, a_case_naming(cast["capped"]))
    foreign = theirs.ask("email_code").get_json()["id"]
    none = "018f0000-0000-7000-8000-000000000000"
    assert seen(mine.look(foreign)) == seen(mine.look(none))
    assert seen(mine.answer(foreign, code="AAAA-AAAA")) == seen(mine.answer(none, code="AAAA-AAAA"))
    assert seen(mine.answer(foreign, orders=[{}])) == seen(mine.answer(none, orders=[{}]))
    assert mine.look(foreign).status_code == 404
    stolen = Claimant(client, mine.case)
    stolen.base = theirs.base
    assert stolen.see().status_code == 404
