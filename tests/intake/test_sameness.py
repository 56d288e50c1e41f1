"""Whoever is claimed, every answer is the same to the byte."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.accounts.factories import an_account, an_order
from tests.intake.forms import a_form, send
from tests.intake.sameness import Answer, masked

OWNER = {"email": "owner@example.com", "phone": "+819012345678", "postal_code": "1000001"}
NOBODY = {"email": "nobod@example.com", "phone": "+819087654321", "postal_code": "9071234"}
WRONG_CODE = "ABCD-2345"


@pytest.fixture(autouse=True)
def _account(db_session, clock):
    """OWNER has an account with something in it; NOBODY has none."""
    an_account(
        emails=[OWNER["email"]],
        phone_e164=OWNER["phone"],
        postal_code=OWNER["postal_code"],
        gift_balance_yen=38_200,
        orders=[an_order(number) for number in range(1, 4)],
    )
    db_session.commit()


def _whole_case(client: FlaskClient, run_jobs: Callable[[], int], clock, claimed) -> list[Answer]:
    """Everything a claimant without a right code can look at, in order."""
    form = a_form(
        claimed=claimed,
        contact={"name": "山田 花子", "name_kana": "ヤマダ ハナコ", "email": "reach.me@example.org"},
        callback={"asap": True, "number": {"kind": "on_file"}, "consent": True},
    )
    opened = send(client, form)
    answers = [masked(opened)]
    case = opened.get_json()
    bearer = {"Authorization": f"Bearer {case['access_token']}"}
    root = case["links"]["self"]

    def look() -> None:
        for path in ("", "/verification", "/restoration"):
            answers.append(masked(client.get(root + path, headers=bearer)))

    look()
    run_jobs()
    look()
    challenge = client.post(f"{root}/challenges", json={"kind": "email_code"}, headers=bearer)
    answers.append(masked(challenge))
    clock.move(seconds=5)
    run_jobs()
    tried = f"{root}/challenges/{challenge.get_json()['id']}"
    answers.append(masked(client.get(tried, headers=bearer)))
    for _ in range(6):
        answers.append(masked(client.post(f"{tried}/answer", json={"code": WRONG_CODE}, headers=bearer)))
    step = f"{root}/restoration/actions/set_password"
    answers.append(masked(client.post(step, json={"new_password": "correct horse battery"}, headers=bearer)))
    look()
    clock.move(hours=80)
    look()
    return answers


def test_a_case_looks_the_same_whoever_is_claimed(client, run_jobs, clock):
    start = clock.at
    owner = _whole_case(client, run_jobs, clock, OWNER)
    clock.set(start)
    nobody = _whole_case(client, run_jobs, clock, NOBODY)
    for number, (one, other) in enumerate(zip(owner, nobody, strict=True)):
        assert one == other, f"answer {number}"


def _whole_reset(client, run_jobs, clock, identifier, postal_code) -> list[Answer]:
    """The password assistant without the right code."""
    started = client.post("/api/v1/password-resets", json={"identifier": identifier})
    answers = [masked(started)]
    root = f"/api/v1/password-resets/{started.get_json()['id']}"
    answers.append(masked(client.post(f"{root}/code", json={"code": WRONG_CODE})))
    clock.move(seconds=3)
    run_jobs()
    answers.append(masked(client.post(f"{root}/postal-code", json={"postal_code": postal_code})))
    clock.move(seconds=3)
    run_jobs()
    for _ in range(6):
        answers.append(masked(client.post(f"{root}/code", json={"code": WRONG_CODE})))
    body = {"reset_token": "x" * 43, "new_password": "correct horse battery"}
    answers.append(masked(client.post(f"{root}/password", json=body)))
    return answers


def test_the_password_assistant_looks_the_same_for_every_identifier(client, run_jobs, clock):
    start = clock.at
    seen = []
    for identifier in (OWNER["email"], OWNER["phone"], NOBODY["email"], NOBODY["phone"], "what?", "@"):
        clock.set(start)
        seen.append(_whole_reset(client, run_jobs, clock, identifier, OWNER["postal_code"]))
    assert all(answers == seen[0] for answers in seen)


def test_an_unknown_reset_is_answered_like_one_with_a_wrong_code(client, run_jobs, clock):
    real = client.post("/api/v1/password-resets", json={"identifier": OWNER["email"]}).get_json()["id"]
    clock.move(seconds=3)
    run_jobs()
    made_up = "01a2045a-6d05-7317-9c9d-8471733d660a"
    bodies = {
        "code": {"code": WRONG_CODE},
        "postal-code": {"postal_code": "1000001"},
        "password": {"reset_token": "x" * 43, "new_password": "correct horse battery"},
    }
    for step, body in bodies.items():
        one, other = (
            masked(client.post(f"/api/v1/password-resets/{reset}/{step}", json=body)) for reset in (real, made_up)
        )
        assert one == other, step


def test_a_case_link_is_promised_to_everybody_and_sent_to_the_contact_address_alone(
    client, run_jobs, mails, clock
):
    case = send(client, a_form()).get_json()
    run_jobs()
    before = len(mails())
    answers = [
        masked(client.post("/api/v1/case-links", json={"reference": reference, "contact": contact}))
        for reference, contact in (
            (case["reference"], "someone.else@example.com"),
            ("SD-0000-0000", "reach.me@example.com"),
            ("なにか", "reach.me@example.com"),
            (case["reference"].lower().replace("-", " "), "ＲＥＡＣＨ.ME@example.com"),
        )
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 202
    run_jobs()
    sent = mails()[before:]
    assert [mail["To"] for mail in sent] == ["reach.me@example.com"]
    assert case["access_token"] in sent[0].get_body(("plain",)).get_content()


def test_a_case_link_is_sent_three_times_a_day_at_most(client, run_jobs, mails, clock):
    case = send(client, a_form()).get_json()
    run_jobs()
    before = len(mails())
    for _ in range(5):
        body = {"reference": case["reference"], "contact": "reach.me@example.com"}
        assert client.post("/api/v1/case-links", json=body).status_code == 202
        run_jobs()
    assert len(mails()) - before == 3
