"""ID-checked mail, attacked from inside: two agents, two days, one account, once."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.verification.models import EvidenceItem, IdMail
from tests.agents.people import a_token, an_agent
from tests.tickets.cases import Case
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner

SCOPES = ("verification.read", "verification.work", "approvals.decide")


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    found = an_owner()
    db_session.commit()
    return found


class Desk:
    """Two agents and one case."""

    def __init__(self, client: FlaskClient, run_jobs: Any, clock: Any, case: Case) -> None:
        self.client, self.base = client, f"/api/v1/agent/tickets/{case.id}/challenges"
        self.one, self.other = (a_token(an_agent("supervisor"), *SCOPES, hours=99) for _ in range(2))
        db.session.commit()
        run_jobs()
        started = client.post(self.base, json={"kind": "id_mail"}, headers=self.one)
        assert started.status_code == 201, started.text
        self.id = started.get_json()["id"]
        clock.move(seconds=2)
        run_jobs()

    def record(self, who: dict[str, str], result: str = "delivered", **more: str) -> Any:
        body = {"tracking_number": "123-4567-8901", "result": result, **more}
        return self.client.post(f"{self.base}/{self.id}/record", json=body, headers=who)

    def decide(self, who: dict[str, str], decision: str = "approve") -> Any:
        body = {"decision": decision, "reason": "追跡番号を確認しました"}
        return self.client.post(f"{self.base}/{self.id}/approval", json=body, headers=who)


@pytest.fixture
def desk(client: FlaskClient, run_jobs: Any, clock: Any, owner: Owner) -> Desk:
    return Desk(client, run_jobs, clock, a_case_naming(owner))


def shown() -> list[tuple[str, str]]:
    return [(each.evidence_group, each.kind) for each in db.session.scalars(sa.select(EvidenceItem))]


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_recorded_by_one_and_approved_by_another_two_days_later_it_is_evidence(desk: Desk, clock: Any) -> None:
    assert desk.record(desk.one).get_json()["state"] == "answered"
    assert shown() == []
    clock.move(hours=48)
    assert desk.decide(desk.other).get_json()["state"] == "accepted"
    assert shown() == [("POST", "id_mail")]
    assert code_of(desk.decide(desk.other)) == (409, "already_recorded")
    assert len(shown()) == 1


def test_nobody_approves_their_own_record(desk: Desk, clock: Any) -> None:
    desk.record(desk.one)
    clock.move(days=3)
    assert code_of(desk.decide(desk.one)) == (403, "same_agent")
    assert shown() == []
    mail = db.session.scalars(sa.select(IdMail)).one()
    mail.decided_by = mail.recorded_by
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()


def test_it_is_approved_not_before_forty_eight_hours(desk: Desk, clock: Any) -> None:
    desk.record(desk.one)
    clock.move(hours=47, minutes=59)
    assert code_of(desk.decide(desk.other)) == (409, "approval_too_early")
    assert shown() == []


def test_mail_that_came_back_or_was_rejected_proves_nothing(desk: Desk, clock: Any) -> None:
    desk.record(desk.one, "returned")
    clock.move(hours=48)
    assert desk.decide(desk.other).get_json()["state"] == "dead"
    assert shown() == []


def test_a_rejection_ends_it_at_once(desk: Desk, clock: Any) -> None:
    desk.record(desk.one)
    assert desk.decide(desk.other, "reject").get_json()["state"] == "dead"
    clock.move(hours=48)
    assert code_of(desk.decide(desk.other)) == (409, "already_recorded")
    assert shown() == []


def test_it_is_recorded_once_and_decided_only_when_recorded(desk: Desk) -> None:
    assert desk.decide(desk.other).status_code == 404
    desk.record(desk.one)
    assert code_of(desk.record(desk.other)) == (409, "already_recorded")
    assert desk.record(desk.one, tracking_number="").status_code == 422
    assert desk.record(desk.one, "approved").status_code == 422


def test_a_case_without_an_account_has_nothing_to_prove(client: FlaskClient, run_jobs: Any, clock: Any) -> None:
    desk = Desk(client, run_jobs, clock, a_case_naming(None))
    assert code_of(desk.record(desk.one)) == (409, "case_unresolved")


def test_the_claimant_can_neither_start_nor_answer_it(client: FlaskClient, owner: Owner, desk: Desk) -> None:
    claimant = Claimant(client, a_case_naming(owner))
    assert claimant.ask("id_mail").status_code == 422
    other = client.post(
        f"/api/v1/agent/tickets/{claimant.case.id}/challenges/{desk.id}/record",
        json={"tracking_number": "1", "result": "delivered"},
        headers=desk.one,
    )
    assert other.status_code == 404, "the challenge of another case"
    assert desk.record({}).status_code == 401


def test_the_tracking_number_is_not_in_the_open(desk: Desk) -> None:
    desk.record(desk.one, tracking_number="987-6543-2109")
    for table in ("id_mails", "audit_entries", "challenges"):
        text = "".join(db.session.scalars(sa.text(f'SELECT t::text FROM "{table}" AS t')).all())
        assert "987-6543" not in text
