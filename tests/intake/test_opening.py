"""Opening a case over HTTP: one answer for everybody."""

import pytest
import sqlalchemy as sa

from support_desk.core.db import db
from support_desk.notifications.models import OutgoingMessage
from support_desk.outbox.models import PromisedJob
from support_desk.tickets.models import Ticket
from tests.agents.people import a_token, an_agent
from tests.intake.forms import a_form, send


@pytest.fixture(autouse=True)
def _frozen(clock):
    """Time stands still."""


def _tickets():
    return db.session.scalar(sa.select(sa.func.count()).select_from(Ticket))


def _newest():
    return db.session.scalars(
        sa.select(Ticket).order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(1)
    ).one()


def test_a_case_is_opened_with_a_token_links_and_next_steps(client):
    answer = send(client, a_form())
    assert answer.status_code == 201
    case = answer.get_json()
    assert set(case) == {"reference", "access_token", "status", "links", "next_steps"}
    assert case["status"] == "new"
    assert case["links"]["self"] == f"/api/v1/tickets/{case['reference']}"
    assert [step["code"] for step in case["next_steps"]] == ["prove_identity", "book_callback"]
    assert answer.headers["Cache-Control"] == "no-store"
    seen = client.get(case["links"]["self"], headers={"Authorization": f"Bearer {case['access_token']}"})
    assert seen.status_code == 200
    assert [message["body"] for message in seen.get_json()["messages"]] == ["メールアドレスが使えなくなりました。"]


def test_the_worker_is_asked_to_resolve_and_the_receipt_goes_to_the_contact_address(client, db_session):
    send(client, a_form())
    ticket = _newest()
    promised = db_session.scalars(sa.select(PromisedJob).where(PromisedJob.job == "verification.resolve")).all()
    assert [job.ids for job in promised] == [{"ticket_id": str(ticket.id)}]
    [receipt] = db_session.scalars(sa.select(OutgoingMessage).where(OutgoingMessage.subject_id == ticket.id))
    assert (receipt.template, receipt.address) == ("ticket_receipt", "reach.me@example.com")


def test_the_receipts_link_opens_the_case(client, mails, run_jobs):
    case = send(client, a_form()).get_json()
    run_jobs()
    [mail] = [mail for mail in mails() if "reach.me" in mail["To"]]
    text = mail.get_body(("plain",)).get_content()
    assert f"/t/{case['reference']}#{case['access_token']}" in text
    assert "山田" not in text


def test_without_an_idempotency_key_nothing_is_opened(client):
    answer = client.post("/api/v1/tickets", json=a_form())
    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_missing")
    assert _tickets() == 0


def test_the_same_key_opens_one_case_and_hands_out_the_same_token(client):
    first = send(client, a_form(), key="same")
    again = send(client, a_form(), key="same")
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert again.headers["Idempotency-Replayed"] == "true"
    assert _tickets() == 1
    other = send(client, a_form(description="別の内容"), key="same")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"issue": "lost_cat"}, "/issue"),
        ({"language": "fr"}, "/language"),
        ({"contact": {"name": "A"}}, "/contact/email"),
        ({"contact": {"name": "A", "email": "nobody"}}, "/contact/email"),
        ({"contact": {"name": "A", "phone": "12"}}, "/contact/phone"),
        ({"contact": {"name": "  ", "email": "a@example.com"}}, "/contact/name"),
        ({"contact": {"name": "A" * 101, "email": "a@example.com"}}, "/contact/name"),
        ({"contact": {"name": ["A"], "email": "a@example.com"}}, "/contact/name"),
        ({"contact": None}, "/contact"),
        ({"description": ""}, "/description"),
        ({"description": "あ" * 10_001}, "/description"),
        ({"claimed": {"email": 5}}, "/claimed/email"),
        ({"claimed": {"postal_code": "1" * 41}}, "/claimed/postal_code"),
        ({"claimed": {"password": "x"}}, "/claimed/password"),
        ({"account_id": "A1"}, "/account_id"),
        ({"callback": {"asap": True, "number": {"kind": "on_file"}}}, "/callback/consent"),
        ({"callback": {"asap": True, "number": {"kind": "on_file"}, "consent": False}}, "/callback/consent"),
    ],
)
def test_a_wrong_form_is_refused_with_the_place(client, change, pointer):
    answer = send(client, a_form(**change))
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.get_json()["errors"]]
    assert _tickets() == 0


def test_full_width_digits_and_separators_are_understood(client):
    form = a_form(
        contact={"name": "山田", "phone": "０９０−１２３４−５６７８"},
        claimed={"postal_code": "〒１２３ー４５６７", "phone": "(090) 1234 5678"},
    )
    assert send(client, form).status_code == 201


def test_a_refused_callback_refuses_nothing_else(client):
    wish = {"slot_start": "2020-01-01T00:00:00Z", "number": {"kind": "on_file"}, "consent": True}
    answer = send(client, a_form(callback=wish))
    assert answer.status_code == 201
    assert "choose_another_slot" in [step["code"] for step in answer.get_json()["next_steps"]]
    assert _tickets() == 1


def test_the_fourth_ticket_of_an_identifier_in_an_hour_is_answered_alike_and_filed_behind(
    client, db_session, clock
):
    answers = []
    for _ in range(4):
        answers.append(send(client, a_form()))
        clock.move(seconds=1)
    bodies = [answer.get_json() for answer in answers]
    assert {answer.status_code for answer in answers} == {201}
    assert len({str(sorted(body)) + str(body["next_steps"]) + body["status"] for body in bodies}) == 1
    rows = db_session.scalars(sa.select(Ticket).order_by(Ticket.created_at)).all()
    assert [row.over_budget for row in rows] == [False, False, False, True]
    assert rows[3].filed_behind_id == rows[2].id
    receipts = db_session.scalar(sa.select(sa.func.count()).select_from(OutgoingMessage))
    assert receipts == 3


def test_another_spelling_of_the_identifier_has_no_budget_of_its_own(client, db_session):
    for spelling in ("old@example.jp", "OLD@EXAMPLE.JP", "ｏｌｄ@example.jp", " old@Example.jp "):
        form = a_form(claimed={"email": spelling}, contact={"name": "A", "phone": "+81312345678"})
        assert send(client, form).status_code == 201
    assert _newest().over_budget


def test_a_network_is_refused_from_the_301st_ticket_of_an_hour(client, db_session, monkeypatch):
    db_session.execute(sa.text("SELECT 1"))
    send(client, a_form())
    db_session.execute(sa.text("UPDATE budgets SET used = 300 WHERE rule = 'network_tickets'"))
    db_session.commit()
    refused = send(client, a_form())
    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    elsewhere = client.post(
        "/api/v1/tickets",
        json=a_form(),
        headers={"Idempotency-Key": "elsewhere"},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert elsewhere.status_code == 201


def test_an_ipv6_network_is_one_bucket_and_smaller(client, db_session):
    def open_from(address, key):
        return client.post(
            "/api/v1/tickets",
            json=a_form(),
            headers={"Idempotency-Key": key},
            environ_overrides={"REMOTE_ADDR": address},
        )

    assert open_from("2001:db8:1:2::1", "one").status_code == 201
    db_session.execute(sa.text("UPDATE budgets SET used = 60 WHERE rule = 'network_tickets'"))
    db_session.commit()
    assert open_from("2001:db8:1:2:ffff::9", "two").status_code == 429
    assert open_from("2001:db8:1:3::1", "three").status_code == 201


def test_a_forged_forwarding_header_is_not_believed(client, db_session):
    send(client, a_form())
    db_session.execute(sa.text("UPDATE budgets SET used = 300 WHERE rule = 'network_tickets'"))
    db_session.commit()
    for name in ("X-Forwarded-For", "Forwarded-Client", "Forwarded"):
        assert send(client, a_form(), **{name: "198.51.100.9"}).status_code == 429


def test_a_forms_server_counts_its_visitors_address(client, db_session):
    headers = a_token(an_agent("admin"), "intake")
    db_session.commit()
    send(client, a_form())
    db_session.execute(sa.text("UPDATE budgets SET used = 300 WHERE rule = 'network_tickets'"))
    db_session.commit()
    assert send(client, a_form(), **headers, **{"Forwarded-Client": "198.51.100.9"}).status_code == 201
