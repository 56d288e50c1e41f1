"""Order recall: received alike, scored in the worker, within its budget, and forgotten."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.notifications.models import OutgoingMessage
from support_desk.outbox.models import PromisedJob
from support_desk.verification.models import Challenge, EvidenceItem
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner
from tests.verification.test_codes import code_of


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    for _ in range(20):
        an_owner(orders=3)
    found = an_owner(orders=3)
    db_session.commit()
    return found


def items() -> list[EvidenceItem]:
    return list(db.session.scalars(sa.select(EvidenceItem).order_by(EvidenceItem.id)))


def tell(claimant: Claimant, orders: list[dict[str, Any]], run_jobs: Any) -> str:
    challenge = claimant.ask("order_recall").get_json()["id"]
    answer = claimant.answer(challenge, orders=orders)
    assert (answer.status_code, answer.get_json()) == (200, {"state": "received"})
    run_jobs()
    return challenge


def test_an_owner_who_remembers_shows_order_history(client: FlaskClient, owner: Owner, run_jobs: Any) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    tell(claimant, owner.recalled(0, 1), run_jobs)
    [item] = items()
    assert (item.evidence_group, item.kind) == ("MEM", "order_recall")
    assert item.bits is not None
    assert item.bits > 8.7


def test_somebody_who_guesses_shows_nothing_of_weight(client: FlaskClient, owner: Owner, run_jobs: Any) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    tell(claimant, [{"item": "本", "date": "2025-01-01", "amount_yen": 100}], run_jobs)
    assert all(item.bits is not None and item.bits < 4.3 for item in items())


def test_what_was_remembered_is_kept_encrypted_and_only_until_it_is_scored(
    client: FlaskClient, owner: Owner, run_jobs: Any
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    challenge = claimant.ask("order_recall").get_json()["id"]
    claimant.answer(challenge, orders=[{"item": "とても珍しい品"}])
    raw = db.session.scalar(sa.text("SELECT facts FROM challenges WHERE facts IS NOT NULL"))
    assert raw is not None
    assert "珍しい".encode() not in bytes(raw)
    jobs = [str(ids) for ids in db.session.scalars(sa.select(PromisedJob.ids))]
    assert not [ids for ids in jobs if "珍しい" in ids]
    run_jobs()
    row = db.session.get(Challenge, challenge, populate_existing=True)
    assert row is not None
    assert row.facts is None


def test_the_first_answer_is_the_one_that_counts(client: FlaskClient, owner: Owner, run_jobs: Any) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    challenge = tell(claimant, [{"item": "本"}], run_jobs)
    answer = claimant.answer(challenge, orders=owner.recalled())
    assert answer.get_json() == {"state": "received"}
    row = db.session.get_one(Challenge, challenge, populate_existing=True)
    assert row.facts is None, "what comes later is not even kept"
    run_jobs()
    assert all(item.bits is not None and item.bits < 4.3 for item in items())


def test_one_attempt_in_thirty_days_whoever_opens_the_case(
    client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any
) -> None:
    tell(Claimant(client, a_case_naming(owner)), [{"item": "本"}], run_jobs)
    before = len(items())
    tell(Claimant(client, a_case_naming(owner)), owner.recalled(), run_jobs)
    assert len(items()) == before
    clock.move(days=31)
    tell(Claimant(client, a_case_naming(owner)), owner.recalled(), run_jobs)
    assert len(items()) == before + 1


def test_three_attempts_in_a_year(client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any) -> None:
    for _ in range(5):
        tell(Claimant(client, a_case_naming(owner)), owner.recalled(), run_jobs)
        clock.move(days=31)
    assert len(items()) == 3


def test_a_right_code_in_the_case_opens_one_more_attempt(
    client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any
) -> None:
    tell(Claimant(client, a_case_naming(owner)), [{"item": "本"}], run_jobs)
    before = len(items())
    mine = Claimant(client, a_case_naming(owner))
    sms = mine.ask("sms_code").get_json()["id"]
    clock.move(seconds=2)
    run_jobs()
    assert mine.answer(sms, code=code_of(sms)).status_code == 200
    tell(mine, owner.recalled(), run_jobs)
    assert len(items()) == before + 2, "the code, and the attempt it opened"
    tell(mine, owner.recalled(), run_jobs)
    assert len(items()) == before + 2


def test_an_answer_given_before_the_case_resolved_is_scored_after(
    client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    challenge = claimant.ask("order_recall").get_json()["id"]
    # The resolving is late.
    db.session.execute(
        sa.update(PromisedJob)
        .where(PromisedJob.job == "verification.resolve")
        .values(due_at=clock.at.replace(minute=1), available_at=clock.at.replace(minute=1))
    )
    claimant.answer(challenge, orders=owner.recalled())
    run_jobs()
    assert items() == []
    clock.move(minutes=2)
    run_jobs()
    clock.move(seconds=2)
    run_jobs()
    assert len(items()) == 1


def test_history_sends_nothing(client: FlaskClient, owner: Owner, run_jobs: Any) -> None:
    tell(Claimant(client, a_case_naming(owner)), owner.recalled(), run_jobs)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutgoingMessage)) == 0


def test_an_answer_of_orders_to_a_code_is_404_and_a_code_for_history_is_invalid(
    client: FlaskClient, owner: Owner, run_jobs: Any
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    code = claimant.ask("email_code").get_json()["id"]
    recall = claimant.ask("order_recall").get_json()["id"]
    assert claimant.answer(code, orders=[{}]).status_code == 404
    assert claimant.answer(recall, code="AAAA-AAAA").get_json()["code"] == "invalid_code"


@pytest.mark.parametrize(
    "order",
    [
        {"date": "yesterday"},
        {"amount_yen": "1000"},
        {"amount_yen": -1},
        {"amount_yen": 10**12},
        {"item": "\x00"},
        {"item": "x" * 201},
        {"colour": "red"},
        {"order_number": ["250"]},
    ],
)
def test_a_malformed_order_is_refused_and_spends_nothing(
    client: FlaskClient, owner: Owner, run_jobs: Any, order: dict[str, Any]
) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    challenge = claimant.ask("order_recall").get_json()["id"]
    assert claimant.answer(challenge, orders=[order]).status_code == 422
    assert claimant.answer(challenge, orders=owner.recalled()).status_code == 200
    run_jobs()
    assert len(items()) == 1
