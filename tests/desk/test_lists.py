"""The agents' list of tickets."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.tickets import service as tickets
from tests.agents.people import SignedInClient, a_token, an_agent
from tests.tickets.cases import Case, a_case


@pytest.fixture
def agent(client: FlaskClient) -> SignedInClient:
    return SignedInClient(client, an_agent("agent"))


def some_tickets(clock, count: int) -> list[Case]:
    made = []
    for _ in range(count):
        made.append(a_case())
        clock.move(seconds=1)
    return made


def listed(agent: SignedInClient, query: str = "") -> dict:
    answer = agent("GET", f"/agent/tickets{query}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def references(agent: SignedInClient, query: str = "") -> list[str]:
    return [item["reference"] for item in listed(agent, query)["items"]]


def test_the_newest_ticket_comes_first_with_what_the_contract_names(clock, agent: SignedInClient):
    made = some_tickets(clock, 3)
    body = listed(agent)
    assert [item["reference"] for item in body["items"]] == [ticket.reference for ticket in reversed(made)]
    assert body["next_cursor"] is None
    assert "total_count" not in body
    names = {"account_ref", "priority", "value_tier", "status", "assignee_id", "version", "sla", "viewers"}
    assert names <= set(body["items"][0])


def test_personal_values_are_masked(clock, agent: SignedInClient):
    values = {"name": "山田 花子", "email": "hana@example.com", "phone": "090-0000-0001"}
    case = a_case(contact=values, claimed={"email": "old@example.com", "order_number": "250-0000000-0000000"})
    for path in ("/agent/tickets", f"/agent/tickets/{case.id}"):
        text = agent("GET", path).text
        for value in (*values.values(), "花子", "old@example.com", "250-0000000-0000000"):
            assert value not in text


def test_filters_narrow_the_list(clock, agent: SignedInClient):
    first, second, third = some_tickets(clock, 3)
    tickets.claim(first.id, agent.person.id)
    tickets.move(second.id, "pending", why="test")
    assert references(agent, "?status=open") == [first.reference]
    assert references(agent, "?status=open,pending") == [second.reference, first.reference]
    assert references(agent, "?assignee=me") == [first.reference]
    assert references(agent, f"?assignee={agent.person.id}") == [first.reference]
    assert references(agent, "?assignee=none") == [third.reference, second.reference]
    assert references(agent, "?view=mine") == [first.reference]
    assert references(agent, "?view=unassigned") == [third.reference]
    assert references(agent, "?view=pending") == [second.reference]
    assert references(agent, "?issue=email_unreachable&status=open") == [first.reference]
    assert references(agent, "?issue=two_step_unavailable") == []
    clock.move(minutes=1)
    tickets.claim(second.id, agent.person.id)
    assert references(agent, f"?updated_after={(clock.at - timedelta(seconds=1)).isoformat()[:19]}Z") == [
        second.reference
    ]


def test_the_order_is_taken_from_a_short_list(clock, agent: SignedInClient):
    first, second, third = some_tickets(clock, 3)
    tickets.set_value_at_risk(second.id, 60_000, "V3")
    assert references(agent, "?sort=created_at") == [first.reference, second.reference, third.reference]
    assert references(agent, "?sort=-priority,created_at")[0] == second.reference
    for bad in ("?sort=contact_name", "?sort=", "?sort=priority,-priority", "?view=everything", "?q=x"):
        answer = agent("GET", f"/agent/tickets{bad}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_query"), bad


@pytest.mark.parametrize("query", ["?status=lost", "?assignee=you", "?limit=0", "?limit=101", "?cursor=x"])
def test_what_is_not_understood_is_refused(agent: SignedInClient, query: str):
    assert agent("GET", f"/agent/tickets{query}").status_code == 400


def test_paging_neither_repeats_nor_skips_while_tickets_arrive(clock, agent: SignedInClient):
    made = some_tickets(clock, 7)
    seen, cursor = [], None
    while True:
        body = listed(agent, "?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        seen += [item["reference"] for item in body["items"]]
        some_tickets(clock, 2)  # they arrive before the first page, which was read already
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert seen == [ticket.reference for ticket in reversed(made)]


def test_tickets_of_one_instant_are_paged_by_their_id(clock, agent: SignedInClient):
    made = {a_case().reference for _ in range(5)}
    for sort in ("created_at", "-created_at", "priority,-created_at"):
        first = listed(agent, f"?limit=3&sort={sort}")
        second = listed(agent, f"?limit=3&sort={sort}&cursor={first['next_cursor']}")
        seen = [item["reference"] for item in first["items"] + second["items"]]
        assert len(seen) == 5
        assert set(seen) == made


def test_a_cursor_belongs_to_its_list(clock, agent: SignedInClient):
    some_tickets(clock, 3)
    cursor = listed(agent, "?limit=1")["next_cursor"]
    answer = agent("GET", f"/agent/tickets?limit=1&sort=created_at&cursor={cursor}")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "invalid_cursor")


def test_the_next_page_is_linked(clock, agent: SignedInClient):
    some_tickets(clock, 2)
    answer = agent("GET", "/agent/tickets?limit=1&sort=created_at")
    link = answer.headers["Link"]
    assert link.startswith("<http")
    assert link.endswith('; rel="next"')
    assert "sort=created_at" in link
    assert "Link" not in agent("GET", "/agent/tickets").headers


def test_the_total_is_counted_when_asked_for(clock, agent: SignedInClient):
    some_tickets(clock, 3)
    assert listed(agent, "?limit=1&include_total=true")["total_count"] == 3


def test_the_number_of_queries_does_not_grow(clock, agent: SignedInClient):
    def count() -> int:
        statements = []

        def note(conn, cursor, statement, *rest):
            if statement.startswith("SELECT"):
                statements.append(statement)

        connection = db.engine
        sa.event.listen(connection, "before_cursor_execute", note)
        try:
            listed(agent, "?limit=100&include_total=true")
        finally:
            sa.event.remove(connection, "before_cursor_execute", note)
        return len(statements)

    some_tickets(clock, 2)
    few = count()
    some_tickets(clock, 20)
    assert count() == few <= 8


def test_views_are_counted(clock, agent: SignedInClient):
    first, *_ = some_tickets(clock, 3)
    tickets.claim(first.id, agent.person.id)
    items = agent("GET", "/agent/views").get_json()["items"]
    assert {item["view"]: item["count"] for item in items} == {
        "open": 3,
        "unassigned": 2,
        "mine": 1,
        "pending": 0,
        "on_hold": 0,
    }


def test_a_token_reads_the_list_by_its_scope(client: FlaskClient):
    person = an_agent("agent")
    reading, other = a_token(person, "tickets.read"), a_token(person, "shifts.read")
    assert client.get("/api/v1/agent/tickets", headers=reading).status_code == 200
    assert client.get("/api/v1/agent/tickets", headers=other).status_code == 403
    assert client.get(f"/api/v1/agent/tickets/{uuid4()}", headers=reading).status_code == 404
