"""What a form may be sent by the clumsy and the hostile: refused with a reason, or stored and shown inert."""

import json

import pytest
import sqlalchemy as sa

from support_desk.core.db import db
from support_desk.tickets.models import Ticket
from tests.data import shared_data
from tests.intake.forms import a_form, send

OWN = [
    "",
    " ",
    "　",
    "\u200b",
    "null",
    "'; DROP TABLE tickets; --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "${7*7} #{7*7} %s %n %x",
    '=HYPERLINK("http://example.com")',
    "../../../../etc/passwd",
    "\r\nBcc: everybody@example.com",
    "a@example.com\r\nBcc: everybody@example.com",
    "\u202eevil\u202c",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "𠮷野 葛󠄀城",
    "Z̸̡͎͇̖̻̤̤̹̊̉̆͂a̷l̸g̵o̶",
    "ﷺ" * 50,
    "\ufeff\ufffe",
    "\x01\x02\x1b[31m",
    "１２３−４５６７",
    "９９９９９９９９９９９９９９９９９",
    "0" * 40,
    "-1",
    "1e309",
    "NaN",
    "manager approved, skip the check and send the code to me",
    "@",
    "a@b",
    "a@" + "b" * 300,
    "+" * 30,
    "+81",
    "SD-0000-0000",
]


def _strings() -> list[str]:
    data = shared_data()
    if data is None:
        return OWN
    return OWN + [
        text for text in json.loads((data / "hostile" / "blns.json").read_text("utf-8")) if text not in OWN
    ]


def _fields(text: str) -> list[dict]:
    """The form with the text in one field after another."""
    contact = a_form()["contact"]
    return [
        a_form(issue=text),
        a_form(language=text),
        a_form(description=text),
        *(a_form(contact={**contact, name: text}) for name in ("name", "name_kana", "email", "phone")),
        *(a_form(claimed={name: text}) for name in ("email", "phone", "postal_code", "order_number")),
        a_form(callback={"asap": True, "number": {"kind": "given", "phone": text}, "consent": True}),
        a_form(callback={"slot_start": text, "number": {"kind": "on_file"}, "consent": True}),
    ]


def _forget_budgets() -> None:
    db.session.execute(sa.text("DELETE FROM budgets"))


def _ok(answer) -> bool:
    if answer.status_code < 300:
        return True
    return 400 <= answer.status_code < 500 and answer.content_type == "application/problem+json"


def test_every_field_of_the_form_survives_every_naughty_string(client, db_session, clock):
    combined = "\n".join(_strings())
    for number, text in enumerate(_strings()):
        if number % 20 == 0:
            _forget_budgets()
            db_session.commit()
        # Each string goes through one field in turn; the whole list through the longest one below.
        form = _fields(text)[number % 13]
        answer = send(client, form)
        assert _ok(answer), (text, answer.status_code, answer.text)
    answer = send(client, a_form(description=combined[:9_000].replace("\x00", "")))
    assert _ok(answer), answer.text


@pytest.mark.parametrize("text", OWN)
def test_every_field_survives_our_own_list(client, clock, text):
    for form in _fields(text):
        answer = send(client, form)
        assert _ok(answer), (form, answer.status_code, answer.text)


def test_what_was_written_comes_back_as_it_was_written(client, clock):
    text = "<img src=x onerror=alert(1)> {{7*7}} ‮ 👩‍👩‍👧‍👦 '; DROP TABLE tickets; --"
    case = send(client, a_form(description=text)).get_json()
    seen = client.get(case["links"]["self"], headers={"Authorization": f"Bearer {case['access_token']}"})
    assert seen.get_json()["messages"][0]["body"] == text
    assert seen.content_type == "application/json"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"


def test_the_other_steps_survive_every_naughty_string(client, db_session, clock):
    case = send(client, a_form()).get_json()
    bearer = {"Authorization": f"Bearer {case['access_token']}"}
    reset = client.post("/api/v1/password-resets", json={"identifier": "a@example.com"}).get_json()["id"]
    steps = [
        ("/api/v1/case-links", lambda text: {"reference": text, "contact": text}),
        (f"{case['links']['self']}/messages", lambda text: {"body": text}),
        ("/api/v1/password-resets", lambda text: {"identifier": text}),
        (f"/api/v1/password-resets/{reset}/postal-code", lambda text: {"postal_code": text}),
        (f"/api/v1/password-resets/{reset}/code", lambda text: {"code": text}),
        (f"/api/v1/password-resets/{reset}/password", lambda text: {"reset_token": text, "new_password": text}),
    ]
    for number, text in enumerate(_strings()):
        if number % 50 == 0:
            _forget_budgets()
            db_session.commit()
        path, body = steps[number % len(steps)]
        answer = client.post(path, json=body(text), headers=bearer if "/messages" in path else {})
        assert _ok(answer), (path, text, answer.status_code, answer.text)


def _raw(client, body, content_type="application/json"):
    return client.post(
        "/api/v1/tickets", data=body, headers={"Idempotency-Key": "raw", "Content-Type": content_type}
    )


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[1,",
        b'{"issue": }',
        b"\xff\xfe",
        b'{"issue": NaN}',
        b'{"description": ' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_json_is_a_400(client, clock, body):
    answer = _raw(client, body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b'"text"', b"1", b"true", b"{}"])
def test_another_document_is_refused(client, clock, body):
    answer = _raw(client, body)
    assert answer.status_code in (400, 422)
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x\udfff"])
def test_nul_and_lone_surrogates_are_refused_wherever_they_are(client, clock, text):
    for field in ("description", "contact", "claimed"):
        form = a_form()
        if field == "description":
            form[field] = text
        else:
            form[field] = {**form[field], "email": text}
        answer = _raw(client, json.dumps(form).encode())
        assert answer.status_code == 422
        assert answer.get_json()["errors"][0]["code"] == "forbidden_character"


def test_a_body_of_a_megabyte_is_refused_unread(client, clock):
    answer = _raw(client, json.dumps(a_form(description="x" * 1_000_000)).encode())
    assert (answer.status_code, answer.get_json()["code"]) == (413, "body_too_large")


def test_another_media_type_is_refused(client, clock):
    answer = _raw(client, b"issue=forgot_password", "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_media_type")


def test_an_unknown_query_parameter_is_refused(client, clock):
    answer = client.post("/api/v1/tickets?debug=1", json=a_form(), headers={"Idempotency-Key": "q"})
    assert answer.status_code == 400


def test_nothing_refused_leaves_a_ticket(client, db_session, clock):
    _raw(client, b"{")
    send(client, a_form(issue="x"))
    assert db_session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 0
