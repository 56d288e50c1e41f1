"""Tickets for agents, over HTTP."""

from uuid import uuid4

import pytest

from support_desk.tickets import service
from tests.agents.people import a_token, an_agent
from tests.tickets.cases import a_case, a_ticket


@pytest.fixture(autouse=True)
def _frozen(clock):
    """Time stands still."""


@pytest.fixture
def agent(db_session):
    """Somebody who may read and write tickets."""
    person = an_agent()
    headers = a_token(person, "tickets.read", "tickets.write")
    db_session.commit()
    return person, headers


@pytest.fixture
def ticket(db_session):
    """A ticket, committed."""
    return a_case(contact={"name": "山田 太郎", "email": "taro@example.com", "phone": "+819012345678"})


def path(ticket, rest=""):
    return f"/api/v1/agent/tickets/{ticket.id}{rest}"


def test_an_agent_sees_the_ticket_but_no_full_personal_value(client, agent, ticket):
    answer = client.get(path(ticket), headers=agent[1])
    assert answer.status_code == 200
    assert answer.headers["ETag"] == f'"{answer.get_json()["version"]}"'
    assert answer.get_json()["name"] == "山＊"
    for value in ("山田", "taro@", "example.com", "9012345678", "old@", "123-4567"):
        assert value not in answer.get_data(as_text=True)


def test_an_unchanged_ticket_is_not_sent_again(client, agent, ticket, db_session):
    first = client.get(path(ticket), headers=agent[1])
    same = client.get(path(ticket), headers={**agent[1], "If-None-Match": first.headers["ETag"]})
    assert same.status_code == 304
    service.post_message(ticket.id, author="claimant", author_id=None, body="追記", visibility="public")
    db_session.commit()
    changed = client.get(path(ticket), headers={**agent[1], "If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_change_needs_the_version_that_was_seen(client, agent, ticket):
    assert client.patch(path(ticket), json={"priority": 50}, headers=agent[1]).status_code == 428
    seen = client.get(path(ticket), headers=agent[1]).headers["ETag"]
    changed = client.patch(
        path(ticket),
        json={"status": "open", "priority": 50, "tags": ["返金", "vip"], "assignee_id": str(agent[0].id)},
        headers={**agent[1], "If-Match": seen},
    )
    assert changed.status_code == 200
    body = changed.get_json()
    assert (body["status"], body["priority"], body["assignee_id"]) == ("open", 50, str(agent[0].id))
    assert sorted(body["tags"]) == ["vip", "返金"]
    stale = client.patch(path(ticket), json={"priority": 1}, headers={**agent[1], "If-Match": seen})
    assert stale.status_code == 412
    assert stale.headers["ETag"] == changed.headers["ETag"]


@pytest.mark.parametrize(
    "body",
    [
        {"status": "gone"},
        {"priority": 101},
        {"priority": True},
        {"priority": "5"},
        {"tags": ["a b"]},
        {"tags": ["x" * 41]},
        {"assignee_id": str(uuid4())},
        {"assignee_id": "me"},
        {"reference": "SD-0000-0000"},
    ],
)
def test_a_wrong_change_is_refused(client, agent, ticket, body):
    seen = client.get(path(ticket), headers=agent[1]).headers["ETag"]
    answer = client.patch(path(ticket), json=body, headers={**agent[1], "If-Match": seen})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"


def test_an_agent_cannot_close_what_is_not_solved(client, agent, ticket):
    seen = client.get(path(ticket), headers=agent[1]).headers["ETag"]
    answer = client.patch(path(ticket), json={"status": "closed"}, headers={**agent[1], "If-Match": seen})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "move_not_allowed")


def test_who_may_only_read_may_not_write(client, ticket, db_session):
    headers = a_token(an_agent("auditor"), "tickets.read")
    db_session.commit()
    assert client.get(path(ticket), headers=headers).status_code == 200
    assert client.post(path(ticket, "/messages"), json={"body": "x"}, headers=headers).status_code == 403
    assert client.patch(path(ticket), json={}, headers={**headers, "If-Match": '"1"'}).status_code == 403
    assert client.post(path(ticket, "/claim"), headers=headers).status_code == 403
    assert client.post("/api/v1/agent/tickets/claim-next", headers=headers).status_code == 403


def test_a_reply_is_held_back_when_the_customer_wrote_meanwhile(client, agent, ticket, db_session):
    seen = client.get(path(ticket), headers=agent[1]).get_json()["messages"][-1]["id"]
    newer_message = service.post_message(
        ticket.id, author="claimant", author_id=None, body="追記です", visibility="public"
    )
    newer = str(newer_message.id)
    db_session.commit()
    reply = {"body": "ご連絡ありがとうございます。", "visibility": "public", "last_seen_message_id": seen}
    refused = client.post(path(ticket, "/messages"), json=reply, headers=agent[1])
    assert (refused.status_code, refused.get_json()["code"]) == (409, "conversation_moved")
    again = client.post(path(ticket, "/messages"), json={**reply, "last_seen_message_id": newer}, headers=agent[1])
    assert again.status_code == 201
    assert client.get(path(ticket), headers=agent[1]).get_json()["first_replied_at"] is not None


def test_another_agents_reply_holds_nothing_back(client, agent, ticket, db_session):
    seen = client.get(path(ticket), headers=agent[1]).get_json()["messages"][-1]["id"]
    for _ in range(2):
        answer = client.post(
            path(ticket, "/messages"),
            json={"body": "メモ", "visibility": "internal", "last_seen_message_id": seen},
            headers=agent[1],
        )
        assert answer.status_code == 201


def test_a_message_of_another_ticket_is_not_what_was_seen(client, agent, ticket, db_session):
    other = a_ticket()
    foreign = service.list_messages(other.id, for_claimant=False)[0].id
    db_session.commit()
    answer = client.post(
        path(ticket, "/messages"), json={"body": "x", "last_seen_message_id": str(foreign)}, headers=agent[1]
    )
    assert answer.status_code == 409


def test_the_timeline_names_every_change_and_no_text(client, agent, ticket):
    client.post(path(ticket, "/messages"), json={"body": "見てはいけない文"}, headers=agent[1])
    answer = client.get(path(ticket, "/timeline"), headers=agent[1])
    tags = [entry["tag"] for entry in answer.get_json()["items"]]
    assert {"ticket:case:opened", "ticket:message:posted", "ticket:status:moved"} <= set(tags)
    assert "見てはいけない文" not in answer.get_data(as_text=True)


def test_claiming_and_claiming_the_next(client, agent, ticket):
    taken = client.post("/api/v1/agent/tickets/claim-next", headers=agent[1])
    assert (taken.status_code, taken.get_json()["id"]) == (200, str(ticket.id))
    assert taken.get_json()["status"] == "open"
    nothing = client.post("/api/v1/agent/tickets/claim-next", headers=agent[1])
    assert (nothing.status_code, nothing.data) == (204, b"")
    assert client.post(path(ticket, "/claim"), headers=agent[1]).status_code == 200


def test_an_unknown_ticket_is_a_404(client, agent):
    for answer in (
        client.get(f"/api/v1/agent/tickets/{uuid4()}", headers=agent[1]),
        client.get(f"/api/v1/agent/tickets/{uuid4()}/timeline", headers=agent[1]),
        client.post(f"/api/v1/agent/tickets/{uuid4()}/messages", json={"body": "x"}, headers=agent[1]),
        client.post(f"/api/v1/agent/tickets/{uuid4()}/claim", headers=agent[1]),
        client.get("/api/v1/agent/tickets/not-an-id", headers=agent[1]),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
