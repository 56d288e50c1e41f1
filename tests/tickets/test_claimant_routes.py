"""The claimant's own ticket, over HTTP."""

import pytest

from support_desk.tickets import service
from tests.agents.people import a_token, an_agent
from tests.tickets.cases import a_case

WRITE = "/api/v1/tickets/{}/messages"


@pytest.fixture(autouse=True)
def _frozen(clock):
    """Time stands still."""


@pytest.fixture
def ticket(db_session):
    """A ticket that is committed, as far as the test's savepoint goes."""
    return a_case()


def masked(response):
    """The answer without what is random in every answer."""
    body = response.get_json()
    body.pop("instance", None)
    headers = {name: value for name, value in response.headers.items() if name not in ("X-Request-Id", "Date")}
    return response.status_code, body, headers


def test_the_claimant_writes_to_the_desk(client, ticket):
    answer = client.post(WRITE.format(ticket.reference), json={"body": "急いでいます"}, headers=ticket.headers)
    assert answer.status_code == 201
    assert answer.get_json()["author"] == "claimant"
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_a_token_nobody_gets_in(client, ticket):
    answer = client.post(WRITE.format(ticket.reference), json={"body": "x"})
    assert (answer.status_code, answer.get_json()["code"]) == (401, "not_authenticated")


def test_anothers_token_and_an_unknown_reference_get_the_same_404(client, ticket, db_session):
    other = a_case()
    with_other = client.post(WRITE.format(ticket.reference), json={"body": "x"}, headers=other.headers)
    unknown = client.post(WRITE.format("SD-0000-0000"), json={"body": "x"}, headers=other.headers)
    odd = client.post(WRITE.format("%F0%9F%92%A9"), json={"body": "x"}, headers=other.headers)
    garbage = client.post(
        WRITE.format(ticket.reference),
        json={"body": "x"},
        headers={"Authorization": "Bearer こ".encode().decode("latin-1")},
    )
    assert with_other.status_code == 404
    assert masked(with_other) == masked(unknown) == masked(odd) == masked(garbage)


def test_the_token_opens_nothing_ninety_days_after_closing(client, ticket, clock, db_session):
    service.withdraw(ticket.id)
    db_session.commit()
    clock.move(days=89)
    closed = client.post(WRITE.format(ticket.reference), json={"body": "x"}, headers=ticket.headers)
    assert (closed.status_code, closed.get_json()["code"]) == (409, "ticket_closed")
    clock.move(days=1)
    gone = client.post(WRITE.format(ticket.reference), json={"body": "x"}, headers=ticket.headers)
    assert gone.status_code == 404


def test_an_agents_credential_is_refused_on_a_claimants_path(client, ticket, db_session):
    headers = a_token(an_agent(), "tickets.read")
    db_session.commit()
    answer = client.post(WRITE.format(ticket.reference), json={"body": "x"}, headers=headers)
    assert answer.status_code == 403


def test_the_same_message_sent_twice_with_one_key_is_one_message(client, ticket):
    headers = {**ticket.headers, "Idempotency-Key": "k-1"}
    first = client.post(WRITE.format(ticket.reference), json={"body": "一度だけ"}, headers=headers)
    again = client.post(WRITE.format(ticket.reference), json={"body": "一度だけ"}, headers=headers)
    assert first.get_json() == again.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = client.post(WRITE.format(ticket.reference), json={"body": "別の文"}, headers=headers)
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "body", [{}, {"body": ""}, {"body": "   \n　"}, {"body": None}, {"body": ["x"]}, {"body": 1}]
)
def test_an_empty_or_odd_message_is_refused(client, ticket, body):
    answer = client.post(WRITE.format(ticket.reference), json=body, headers=ticket.headers)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "/body"


def test_a_claimant_withdraws(client, ticket):
    path = f"/api/v1/tickets/{ticket.reference}/withdrawal"
    answer = client.post(path, headers=ticket.headers)
    assert (answer.status_code, answer.get_json()) == (200, {"reference": ticket.reference, "status": "closed"})
    assert client.post(path, headers=ticket.headers).status_code == 409
