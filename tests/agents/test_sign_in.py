"""Signing in to the desk."""

from datetime import timedelta

import pyotp
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.agents import service, sign_in_service
from support_desk.agents.models import Agent
from support_desk.agents.sign_in_service import SignedIn, SignInRefused
from support_desk.core import clock as business_clock
from support_desk.core import totp
from support_desk.core.db import db
from support_desk.core.http import DeskFlask
from tests.agents.people import SignedInClient, a_token, an_agent

SESSIONS = "/api/v1/agent/sessions"


def test_signing_in_gives_the_cookie_and_the_csrf_token(client: FlaskClient) -> None:
    person = an_agent("supervisor")
    answer = client.post(SESSIONS, json={"email": person.email.upper(), "password": person.password})
    assert answer.status_code == 201
    body = answer.get_json()
    assert body["agent"] == {"id": str(person.id), "role": "supervisor"}
    assert body["csrf_token"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("desk_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    me = client.get("/api/v1/agent/me").get_json()
    assert me["csrf_token"] == body["csrf_token"]
    assert "tickets.read" in me["permissions"]


def test_the_cookie_has_the_host_prefix_over_https(client: FlaskClient, app: DeskFlask) -> None:
    person = an_agent()
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = type(before).from_environ(
        {}, **{**vars(before), "base_url": "https://desk.example.com"}
    )
    try:
        answer = client.post(SESSIONS, json={"email": person.email, "password": person.password})
    finally:
        app.config["SETTINGS"] = before
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk_session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_unknown_wrong_and_disabled_are_answered_alike(client: FlaskClient) -> None:
    known, gone = an_agent(), an_agent()
    service.update_agent(gone.id, version=1, disabled=True)
    tries = [
        {"email": "nobody@example.com", "password": "wrong password"},
        {"email": "not an address", "password": "wrong password"},
        {"email": known.email, "password": "wrong password"},
        {"email": gone.email, "password": gone.password},
    ]
    answers = [client.post(SESSIONS, json=body) for body in tries]
    assert {answer.status_code for answer in answers} == {401}
    bodies = [{**answer.get_json(), "instance": None} for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "invalid_credentials"
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_a_spent_budget_refuses_the_right_password_in_the_same_words(client: FlaskClient) -> None:
    person = an_agent()
    wrong = {"email": person.email, "password": "wrong password"}
    answers = [client.post(SESSIONS, json=wrong) for _ in range(sign_in_service.PER_AGENT.limit)]
    right = client.post(SESSIONS, json={"email": person.email, "password": person.password})
    assert right.status_code == 401
    assert {**right.get_json(), "instance": None} == {**answers[0].get_json(), "instance": None}


def test_the_budget_comes_back_with_time_and_successes_cost_nothing(clock, client: FlaskClient) -> None:
    person = an_agent()
    right = {"email": person.email, "password": person.password}
    for _ in range(sign_in_service.PER_AGENT.limit + 5):
        assert client.post(SESSIONS, json=right).status_code == 201
    for _ in range(sign_in_service.PER_AGENT.limit):
        client.post(SESSIONS, json={**right, "password": "wrong password"})
    assert client.post(SESSIONS, json=right).status_code == 401
    clock.move(minutes=16)
    assert client.post(SESSIONS, json=right).status_code == 201


def test_a_network_that_tries_many_addresses_is_slowed_down(db_session) -> None:
    limit = sign_in_service.PER_NETWORK.limit
    results = [
        sign_in_service.sign_in(f"a{n}@example.com", "x", code=None, network="4:192.0.2.1")
        for n in range(limit + 1)
    ]
    assert results[:limit] == [SignInRefused.CREDENTIALS] * limit
    assert results[limit] is SignInRefused.NETWORK


def test_an_unknown_address_costs_a_password_check_too(db_session, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    monkeypatch.setattr(sign_in_service, "password_matches", lambda stored, given: checked.append(stored) or False)
    sign_in_service.sign_in("nobody@example.com", "x", code=None, network="4:192.0.2.1")
    assert checked == [None]


def test_signing_out_kills_the_session_not_only_the_cookie(client: FlaskClient) -> None:
    agent = SignedInClient(client, an_agent())
    kept = client.get_cookie("desk_session")
    assert kept is not None
    assert agent("DELETE", "/agent/sessions/current").status_code == 204
    client.set_cookie("desk_session", kept.value)
    assert client.get("/api/v1/agent/me").status_code == 401


def test_a_session_ends_by_itself(clock, client: FlaskClient) -> None:
    SignedInClient(client, an_agent())
    clock.move(hours=11, minutes=59)
    assert client.get("/api/v1/agent/me").status_code == 200
    clock.move(minutes=2)
    assert client.get("/api/v1/agent/me").status_code == 401


def test_disabling_an_agent_ends_what_they_hold(client: FlaskClient) -> None:
    person = an_agent()
    SignedInClient(client, person)
    service.update_agent(person.id, version=1, disabled=True)
    assert client.get("/api/v1/agent/me").status_code == 401


def test_a_disabled_agent_gets_in_by_nothing_that_was_left_alive(client: FlaskClient) -> None:
    person = an_agent()
    token = a_token(person, "tickets.read")
    SignedInClient(client, person)
    db.session.execute(sa.update(Agent).values(disabled_at=business_clock.now()))
    assert client.get("/api/v1/agent/me").status_code == 401
    assert client.get("/api/v1/agent/me", headers=token).status_code == 401


def test_a_reset_gives_a_new_password_and_ends_sessions(client: FlaskClient) -> None:
    person = an_agent()
    SignedInClient(client, person)
    _, fresh = service.reset_agent(person.email)
    assert client.get("/api/v1/agent/me").status_code == 401
    old = client.post(SESSIONS, json={"email": person.email, "password": person.password})
    new = client.post(SESSIONS, json={"email": person.email, "password": fresh})
    assert (old.status_code, new.status_code) == (401, 201)


@pytest.fixture
def strict(app: DeskFlask):
    """The second factor is demanded."""
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = type(before).from_environ({}, **{**vars(before), "agent_second_factor": "required"})
    yield
    app.config["SETTINGS"] = before


def test_where_required_the_first_sign_in_enrols_and_does_nothing_else(strict, clock, client) -> None:
    person = an_agent("admin")
    agent = SignedInClient(client, person)
    assert agent.signed_in["second_factor_enrolment_required"] is True
    refused = agent("GET", "/agent/agents")
    assert (refused.status_code, refused.get_json()["code"]) == (403, "second_factor_not_enrolled")
    secret = agent("POST", "/agent/me/second-factor").get_json()["secret"]
    wrong = agent("PUT", "/agent/me/second-factor", json={"code": "000000"})
    assert (wrong.status_code, wrong.get_json()["code"]) == (422, "second_factor_invalid")
    code = pyotp.TOTP(secret).at(business_clock.now())
    assert agent("PUT", "/agent/me/second-factor", json={"code": code}).status_code == 204
    assert agent("GET", "/agent/agents").status_code == 200

    alone = client.post(SESSIONS, json={"email": person.email, "password": person.password})
    assert (alone.status_code, alone.get_json()["code"]) == (401, "second_factor_required")
    body = {"email": person.email, "password": person.password, "code": code}
    assert client.post(SESSIONS, json=body).status_code == 422, "a step that was used is dead"
    clock.move(seconds=30)
    body["code"] = pyotp.TOTP(secret).at(business_clock.now())
    assert client.post(SESSIONS, json=body).status_code == 201


def test_where_optional_the_password_alone_passes(client: FlaskClient) -> None:
    agent = SignedInClient(client, an_agent("admin"))
    assert agent.signed_in["second_factor_enrolment_required"] is False
    assert agent("GET", "/agent/agents").status_code == 200


def test_guessing_codes_is_counted(strict, clock, client: FlaskClient) -> None:
    person = an_agent()
    enrolment = sign_in_service.begin_enrolment(person.id)
    opened = sign_in_service.sign_in(person.email, person.password, code=None, network="4:192.0.2.7")
    assert isinstance(opened, SignedIn)
    good = pyotp.TOTP(enrolment.secret).at(business_clock.now())
    assert sign_in_service.confirm_enrolment(person.id, opened.session_id, good)
    clock.move(hours=1)
    for _ in range(sign_in_service.PER_AGENT.limit):
        sign_in_service.sign_in(person.email, person.password, code="000000", network="4:192.0.2.7")
    right = pyotp.TOTP(enrolment.secret).at(business_clock.now())
    late = sign_in_service.sign_in(person.email, person.password, code=right, network="4:192.0.2.7")
    assert late is SignInRefused.CREDENTIALS


def test_authenticator_steps(clock) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B
    at = business_clock.now()
    step = int(at.timestamp()) // 30
    generator = pyotp.TOTP(secret)
    for offset, expected in [(-2, None), (-1, step - 1), (0, step), (1, step + 1), (2, None)]:
        code = generator.at(at + timedelta(seconds=30 * offset))
        assert totp.matching_step(secret, code, at=at, last_step=None) == expected
    assert totp.matching_step(secret, generator.at(at), at=at, last_step=step) is None
