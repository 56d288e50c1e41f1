"""Who may call what: every role and credential on every route of the desk's people."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from support_desk.agents import service
from support_desk.agents.permissions import PERMISSIONS, Role
from support_desk.core import clock as business_clock
from support_desk.core.access import public
from support_desk.core.http import DeskFlask, client_address
from tests.agents.people import Person, SignedInClient, a_token, an_agent


def _value(match: re.Match[str]) -> str:
    """Something that fits a converter of a path."""
    return {"uuid": str(uuid4()), "int": "1"}.get(match[1] or "", "x")


def agent_routes(app: DeskFlask) -> list[tuple[str, str, str | None]]:
    """(method, path, permission) of every route that is for agents, from the url map."""
    found = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        if access is None or access.kind != "agent":
            continue
        path = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", _value, rule.rule)
        found += [(method, path, access.permission) for method in sorted(rule.methods - {"HEAD", "OPTIONS"})]
    return found


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_let_in_exactly_where_the_table_says(app: DeskFlask, client: FlaskClient, role: Role):
    agent = SignedInClient(client, an_agent(role.value))
    for method, path, permission in agent_routes(app):
        if path.endswith(("/sessions/current", "/sign-out")):
            continue
        answer = client.open(path, method=method, headers={"X-CSRF-Token": agent.csrf}, json={})
        refused = permission is not None and permission not in PERMISSIONS[role]
        assert (answer.status_code == 403) == refused, (method, path, answer.text)


def test_nobody_enters_without_a_credential(app: DeskFlask, client: FlaskClient):
    for method, path, _ in agent_routes(app):
        answer = client.open(path, method=method, json={})
        if path.startswith("/api/"):
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.status_code in (302, 303, 401), (method, path)


def test_every_cookie_write_needs_the_csrf_token(app: DeskFlask, client: FlaskClient):
    agent = SignedInClient(client, an_agent("admin"))
    other = SignedInClient(app.test_client(), an_agent("admin"))
    for method, path, _ in agent_routes(app):
        if method == "GET":
            continue
        for token in (None, "", "wrong", other.csrf):
            headers = {} if token is None else {"X-CSRF-Token": token}
            answer = client.open(path, method=method, headers=headers, json={})
            assert answer.status_code == 403, (method, path, token)
    assert agent("GET", "/agent/me").status_code == 200


def test_a_token_does_what_its_scopes_say_and_no_more(client: FlaskClient):
    headers = a_token(an_agent("admin"), "shifts.read")
    assert client.get("/api/v1/agent/shifts", headers=headers).status_code == 200
    assert client.get("/api/v1/agent/agents", headers=headers).status_code == 403
    assert client.get("/api/v1/agent/me", headers=headers).get_json()["permissions"] == ["shifts.read"]


def test_a_token_loses_what_its_agents_role_loses(client: FlaskClient):
    an_agent("admin")
    person = an_agent("supervisor")
    headers = a_token(person, "shifts.manage", "shifts.read")
    service.update_agent(person.id, version=1, role="agent")
    assert client.delete(f"/api/v1/agent/shifts/{uuid4()}", headers=headers).status_code == 403
    assert client.get("/api/v1/agent/shifts", headers=headers).status_code == 200


def test_an_expired_a_revoked_and_a_disabled_agents_token_are_dead(clock, client: FlaskClient):
    person = an_agent()
    expiring = a_token(person, "shifts.read", hours=1)
    kept = a_token(person, "shifts.read", hours=100)
    clock.move(minutes=61)
    assert client.get("/api/v1/agent/shifts", headers=expiring).status_code == 401
    assert client.get("/api/v1/agent/shifts", headers=kept).status_code == 200
    agent = SignedInClient(client, person)
    listed = agent("GET", "/agent/api-tokens").get_json()["items"]
    for item in listed:
        assert "token" not in item
        assert agent("DELETE", f"/agent/api-tokens/{item['id']}").status_code == 204
    assert client.get("/api/v1/agent/shifts", headers=kept).status_code == 401
    other = an_agent()
    alive = a_token(other, "shifts.read")
    service.update_agent(other.id, version=1, disabled=True)
    assert client.get("/api/v1/agent/shifts", headers=alive).status_code == 401


def issue(agent: SignedInClient, *scopes: str, **change):
    body = {
        "name": "form server",
        "scopes": list(scopes),
        "expires_at": (business_clock.now() + timedelta(days=30)).isoformat(),
        **change,
    }
    return agent("POST", "/agent/api-tokens", json=body)


def test_a_token_is_shown_once_and_stored_as_a_hash(client: FlaskClient):
    agent = SignedInClient(client, an_agent("admin"))
    answer = issue(agent, "intake")
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["token"].startswith("sdk_")
    assert body["id"]
    assert body["token"] not in agent("GET", "/agent/api-tokens").text


def test_nobody_gives_a_token_what_they_do_not_hold(client: FlaskClient):
    agent = SignedInClient(client, an_agent("agent"))
    assert issue(agent, "agents.manage").get_json()["code"] == "scope_refused"
    assert issue(agent, "intake").get_json()["code"] == "scope_refused"
    assert issue(agent, "everything").status_code == 422
    assert issue(agent).status_code == 422
    past = (business_clock.now() - timedelta(seconds=1)).isoformat()
    assert issue(agent, "tickets.read", expires_at=past).status_code == 422


def test_a_token_cannot_make_another_token(client: FlaskClient):
    headers = a_token(an_agent("admin"), "tokens.manage", "tickets.read")
    body = {"name": "x", "scopes": ["tickets.read"], "expires_at": "2027-01-01T00:00:00Z"}
    answer = client.post("/api/v1/agent/api-tokens", headers=headers, json=body)
    assert (answer.status_code, answer.get_json()["code"]) in [(403, "session_required")]


def test_anothers_token_is_the_same_404_as_none(client: FlaskClient, app: DeskFlask):
    owner = SignedInClient(app.test_client(), an_agent())
    token_id = issue(owner, "tickets.read").get_json()["id"]
    stranger = SignedInClient(client, an_agent())
    assert stranger("DELETE", f"/agent/api-tokens/{token_id}").status_code == 404
    assert stranger("DELETE", f"/agent/api-tokens/{uuid4()}").status_code == 404


@pytest.fixture
def echo(app: DeskFlask):
    """A public route that says by which address its caller is counted."""
    app.view_functions["health.live"], before = (
        public(lambda: client_address()),
        app.view_functions["health.live"],
    )
    yield "/health/live"
    app.view_functions["health.live"] = before


def test_only_a_form_servers_token_speaks_for_its_visitor(client: FlaskClient, echo: str):
    admin = an_agent("admin")
    visitor = {"Forwarded-Client": "2001:db8::7"}
    assert client.get(echo, headers=visitor).text == "127.0.0.1"
    intake = a_token(admin, "intake")
    assert client.get(echo, headers={**intake, **visitor}).text == "2001:db8::7"
    assert client.get(echo, headers=intake).text == "127.0.0.1"
    reading = a_token(admin, "tickets.read")
    assert client.get(echo, headers={**reading, **visitor}).text == "127.0.0.1"
    malformed = client.get(echo, headers={**intake, "Forwarded-Client": "10.0.0.1, 10.0.0.2"})
    assert malformed.get_json()["code"] == "forwarded_client_malformed"


def test_a_dead_form_server_token_is_refused_and_not_taken_for_anybody(clock, client: FlaskClient, echo: str):
    intake = a_token(an_agent("admin"), "intake", hours=1)
    clock.move(hours=2)
    assert client.get(echo, headers=intake).status_code == 401


def test_an_intake_token_does_not_enter_the_desk(client: FlaskClient):
    intake = a_token(an_agent("admin"), "intake")
    for path in ("/me", "/shifts", "/agents"):
        assert client.get(f"/api/v1/agent{path}", headers=intake).status_code == 403


def test_a_refusal_of_anothers_credential_is_401(client: FlaskClient):
    for credential in ("Bearer something-else", "Bearer sdk_wrong", "Basic abc", "Bearer"):
        answer = client.get("/api/v1/agent/me", headers={"Authorization": credential})
        assert answer.status_code == 401


def test_sessions_are_listed_and_ended_from_another_device(app: DeskFlask, client: FlaskClient):
    person, stranger = an_agent(), an_agent()
    here, there = SignedInClient(client, person), SignedInClient(app.test_client(), person)
    other = SignedInClient(app.test_client(), stranger)
    items = here("GET", "/agent/sessions").get_json()["items"]
    assert [item["current"] for item in items] == [False, True]
    path = f"/agent/sessions/{items[0]['id']}"
    assert other("DELETE", path).status_code == 404
    assert there("GET", "/agent/me").status_code == 200
    assert here("DELETE", path).status_code == 204
    assert there("GET", "/agent/me").status_code == 401
    assert here("DELETE", path).status_code == 404


def test_the_lists_of_people_shifts_and_tokens_are_paged(client: FlaskClient):
    admin, person = a_person(client)
    for number in range(4):
        an_agent(email=f"a{number}@example.jp")
        admin("POST", "/agent/shifts", json=shift(person, weekday=number))
        issue(admin, "tickets.read")
    for path, count in (("/agent/agents", 5), ("/agent/shifts", 4), ("/agent/api-tokens", 4)):
        first = admin("GET", f"{path}?limit=3").get_json()
        second = admin("GET", f"{path}?limit=3&cursor={first['next_cursor']}").get_json()
        assert second["next_cursor"] is None
        assert len({item["id"] for item in first["items"] + second["items"]}) == count


def a_person(client: FlaskClient, role: str = "admin") -> tuple[SignedInClient, Person]:
    person = an_agent(role)
    return SignedInClient(client, person), person


def test_people_are_made_changed_and_disabled_with_their_version(client: FlaskClient):
    admin, _ = a_person(client)
    made = admin("POST", "/agent/agents", json={"email": "n@example.com", "name": "名", "role": "agent"})
    assert made.status_code == 201
    assert made.get_json()["password"]
    path = f"/agent/agents/{made.get_json()['id']}"
    assert admin("PATCH", path, json={"name": "改"}).status_code == 428
    tag = {"If-Match": made.headers["ETag"]}
    changed = admin("PATCH", path, json={"disabled": True}, headers=tag)
    assert changed.status_code == 200
    assert changed.get_json()["disabled_at"].endswith("Z")
    assert admin("PATCH", path, json={"disabled": False}, headers=tag).status_code == 412
    again = admin("POST", "/agent/agents", json={"email": "N@Example.com", "name": "名", "role": "agent"})
    assert (again.status_code, again.get_json()["code"]) == (409, "agent_exists")
    bad = admin("POST", "/agent/agents", json={"email": "nowhere", "name": "名", "role": "agent"})
    assert (bad.status_code, bad.get_json()["code"]) == (422, "email_invalid")


def test_the_last_admin_stays(client: FlaskClient):
    admin, person = a_person(client)
    for change in ({"disabled": True}, {"role": "agent"}):
        answer = admin("PATCH", f"/agent/agents/{person.id}", json=change, headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.get_json()["code"]) == (409, "last_admin")


def test_presence_is_kept_and_outside_the_version(clock, client: FlaskClient):
    agent, person = a_person(client, "agent")
    answer = agent("PUT", "/agent/me/presence", json={"presence": "available"})
    assert answer.get_json() == {"presence": "available", "heartbeat_at": "2026-11-25T01:00:00.000Z"}
    assert service.get_agent(person.id).version == 1
    assert [found.id for found in service.available_agents("ja")] == [person.id]
    clock.move(minutes=6)
    assert service.available_agents("ja") == []
    assert agent("PUT", "/agent/me/presence", json={"presence": "asleep"}).status_code == 422


def test_the_longest_idle_agent_comes_first(clock, db_session):
    first, second, english = an_agent(), an_agent(), an_agent()
    service.update_agent(english.id, version=1, languages=("en",))
    service.set_presence(second.id, "available")
    clock.move(seconds=10)
    service.set_presence(first.id, "available")
    service.set_presence(english.id, "available")
    clock.move(seconds=10)
    service.set_presence(second.id, "available")  # a sign of life does not restart the wait
    assert [found.id for found in service.available_agents("ja")] == [second.id, first.id]


def shift(person: Person, **change):
    return {
        "agent_id": str(person.id),
        "weekday": 0,
        "starts_at": "09:00",
        "ends_at": "12:00",
        "languages": ["ja"],
        **change,
    }


def test_shifts_are_added_listed_and_removed(client: FlaskClient):
    supervisor, person = a_person(client, "supervisor")
    made = supervisor("POST", "/agent/shifts", json=shift(person))
    assert made.status_code == 201
    body = made.get_json()
    assert {key: body[key] for key in shift(person)} == shift(person)
    listed = supervisor("GET", f"/agent/shifts?agent_id={person.id}").get_json()["items"]
    assert listed == [body]
    assert supervisor("DELETE", f"/agent/shifts/{body['id']}").status_code == 204
    assert supervisor("DELETE", f"/agent/shifts/{body['id']}").status_code == 404
    assert service.list_shifts() == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"starts_at": "11:00", "ends_at": "13:00"}, 409, "shift_overlaps"),
        ({"starts_at": "12:00", "ends_at": "13:00"}, 201, None),
        ({"weekday": 1}, 201, None),
        ({"ends_at": "09:00"}, 422, "shift_empty"),
        ({"weekday": 7}, 422, "invalid_body"),
        ({"starts_at": "9"}, 422, "invalid_body"),
        ({"languages": []}, 422, "invalid_body"),
        ({"languages": ["ja", "ja"]}, 422, "invalid_body"),
        ({"languages": ["fr"]}, 422, "invalid_body"),
        ({"agent_id": str(uuid4())}, 404, "not_found"),
    ],
)
def test_a_shift_must_make_sense(client: FlaskClient, change, status, code):
    supervisor, person = a_person(client, "supervisor")
    supervisor("POST", "/agent/shifts", json=shift(person))
    answer = supervisor("POST", "/agent/shifts", json=shift(person, **change))
    assert (answer.status_code, answer.get_json().get("code")) == (status, code)


def test_a_disabled_agent_has_no_shift(db_session):
    email, _ = service.ensure_first_agent()
    [first] = service.list_agents()
    assert first.email == email
    assert len(service.list_shifts()) == 7
    an_agent("admin")
    service.update_agent(first.id, version=1, disabled=True)
    assert service.list_shifts() == []


def test_the_first_agent_is_made_once(db_session):
    made = service.ensure_first_agent()
    assert made is not None
    assert service.ensure_first_agent() is None
    assert {(s.starts_at.hour, s.ends_at.hour, s.languages) for s in service.list_shifts()} == {
        (9, 20, ("ja", "en"))
    }
    assert {s.weekday for s in service.list_shifts()} == set(range(7))
