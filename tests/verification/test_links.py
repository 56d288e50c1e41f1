"""The link of a mailed code, attacked: once, in time, for its case, in the browser that holds the case."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.core import clock as business
from support_desk.core.budgets import used
from support_desk.core.db import db
from support_desk.tickets import service as tickets
from support_desk.verification import service
from support_desk.verification.codes import WRONG_CODES
from support_desk.verification.models import EvidenceItem
from tests.tickets.cases import Case
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner
from tests.verification.test_codes import WRONG, code_of, row_of
from tests.web.visitor import masked

LINK = re.compile(r"^http\S+/t/SD-\S+/link/(\S{43})$", re.M)


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    found = an_owner()
    db_session.commit()
    return found


@pytest.fixture
def case(owner: Owner) -> Case:
    return a_case_naming(owner)


@pytest.fixture
def send(client: FlaskClient, clock: Any, run_jobs: Callable[[], int]) -> Callable[..., str]:
    """Ask for a code by mail and wait until it is there; returns the challenge's id."""

    def ask(case: Case, kind: str = "email_code") -> str:
        started = Claimant(client, case).ask(kind).get_json()
        clock.move(seconds=2)
        run_jobs()
        return started["id"]

    return ask


@pytest.fixture
def link(mails: Any) -> Callable[[], str]:
    """The path of the link in the newest mail."""

    def read() -> str:
        found = LINK.search(mails()[-1].get_content())
        assert found is not None
        return urlsplit(found[0]).path

    return read


def holding(client: FlaskClient, case: Case) -> FlaskClient:
    """The browser in which the case is open."""
    client.set_cookie("case", case.token, path=f"/t/{case.reference}")
    return client


def shown(case: Case) -> list[EvidenceItem]:
    return list(db.session.scalars(sa.select(EvidenceItem).where(EvidenceItem.ticket_id == case.id)))


def test_the_link_shows_a_button_and_the_button_counts_once(
    client: FlaskClient, case: Case, send: Any, link: Any
) -> None:
    challenge = send(case)
    path = link()
    page = holding(client, case).get(path)
    assert page.status_code == 200
    assert shown(case) == [], "who only looks, a mail scanner too, confirms nothing"
    pressed = client.post(path)
    assert (pressed.status_code, pressed.location) == (303, f"/t/{case.reference}#email_code")
    [item] = shown(case)
    assert (item.evidence_group, item.kind, str(item.challenge_id)) == ("END", "email_code", challenge)
    assert client.post(path).status_code == 422
    assert len(shown(case)) == 1


def test_a_link_pressed_outside_the_browser_of_the_case_confirms_nothing(
    client: FlaskClient, owner: Owner, case: Case, send: Any, link: Any
) -> None:
    send(case)
    mine = a_case_naming(owner)
    path = link()
    assert client.post(path).status_code == 422, "the owner, who was sent a stranger's mail"
    client.set_cookie("case", mine.token, path="/")
    assert client.post(path).status_code == 422
    assert client.post(path.replace(case.reference, mine.reference)).status_code == 422
    assert shown(case) == shown(mine) == []


def test_the_page_is_the_same_for_every_link_and_so_is_the_refusal(
    client: FlaskClient, case: Case, send: Any, link: Any, clock: Any
) -> None:
    send(case)
    good = link()
    wrong = good[:-43] + "A" * 43

    def of(answer: Any) -> Any:
        status, body, headers = masked(answer)
        return status, re.sub(r"link/[^\"?]+", "link/TOKEN", body), headers

    holding(client, case)
    assert of(client.get(good)) == of(client.get(wrong))
    refusals = [of(client.post(wrong)), of(client.post(good[:-43] + "あ"))]
    assert client.post(good).status_code == 303
    refusals.append(of(client.post(good)))
    clock.move(minutes=31)
    send(case)
    late = link()
    clock.move(minutes=30)
    refusals.append(of(client.post(late)))
    client.delete_cookie("case", path=f"/t/{case.reference}")
    refusals.append(of(client.post(late)))
    assert [status for status, *_ in refusals] == [422] * len(refusals)
    assert all(refusal == refusals[0] for refusal in refusals)


@pytest.mark.parametrize(("seconds", "status"), [(1799, 303), (1800, 422)])
def test_a_link_lives_thirty_minutes_to_the_second(
    client: FlaskClient, case: Case, send: Any, link: Any, clock: Any, seconds: int, status: int
) -> None:
    send(case)
    clock.move(seconds=seconds)
    assert holding(client, case).post(link()).status_code == status


def test_a_resend_kills_the_older_link(client: FlaskClient, case: Case, send: Any, link: Any, clock: Any) -> None:
    challenge = send(case)
    old = link()
    clock.move(seconds=61)
    assert send(case) == challenge
    assert link() != old
    assert holding(client, case).post(old).status_code == 422
    assert client.post(link()).status_code == 303


def test_code_and_link_are_one_and_only_the_first_counts(
    client: FlaskClient, case: Case, send: Any, link: Any
) -> None:
    challenge = send(case)
    assert Claimant(client, case).answer(challenge, code=code_of(challenge)).status_code == 200
    assert holding(client, case).post(link()).status_code == 422
    assert len(shown(case)) == 1


def test_a_link_dies_with_its_challenge_and_with_a_change_of_the_account(
    client: FlaskClient, case: Case, send: Any, link: Any, clock: Any
) -> None:
    challenge = send(case)
    for _ in range(5):
        Claimant(client, case).answer(challenge, code=WRONG)
    assert holding(client, case).post(link()).status_code == 422
    clock.move(seconds=61)
    fresh = send(case)
    row = row_of(fresh)
    assert row.account_version is not None
    row.account_version -= 1
    db.session.commit()
    assert client.post(link()).status_code == 422


def test_wrong_codes_of_strangers_do_not_stop_the_owners_link(
    client: FlaskClient, owner: Owner, case: Case, send: Any, link: Any, clock: Any
) -> None:
    for _ in range(4):
        stranger = a_case_naming(owner)
        challenge = send(stranger, "sms_code")
        for _ in range(5):
            Claimant(client, stranger).answer(challenge, code="0000-0000")
        clock.move(minutes=1)
    key = tickets.get_ticket(case.id).budget_key
    challenge = send(case)
    assert key is None or used(key, WRONG_CODES, at=business.now()) == 20
    assert Claimant(client, case).answer(challenge, code=code_of(challenge)).status_code == 422
    assert holding(client, case).post(link()).status_code == 303
    assert len(shown(case)) == 1


def test_a_wrong_link_costs_neither_tries_nor_budget(
    client: FlaskClient, case: Case, send: Any, link: Any
) -> None:
    challenge = send(case)
    for _ in range(30):
        holding(client, case).post(link()[:-43] + "A" * 43)
    assert row_of(challenge).tries == 0
    key = tickets.get_ticket(case.id).budget_key
    assert key is not None
    assert used(key, WRONG_CODES, at=business.now()) == 0
    assert client.post(link()).status_code == 303


def test_codes_for_other_purposes_and_channels_carry_no_link(
    case: Case, send: Any, clock: Any, run_jobs: Any, mails: Any, texts: Any
) -> None:
    service.start_confirmation(case.id, kind="email_code", address="fresh@example.net")
    service.start_challenge(case.id, "email_code", "reset")
    send(case, "sms_code")
    assert len(mails()) == 2
    assert not [mail for mail in mails() if "/link/" in mail.get_content()]
    assert "/link/" not in texts()[-1]["text"]


def test_the_link_is_not_kept_anywhere(case: Case, send: Any, link: Any) -> None:
    send(case)
    token = link()[-43:]
    tables = db.session.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        rows = db.session.scalars(sa.text(f'SELECT t::text FROM "{table}" AS t')).all()
        assert not [row for row in rows if token in row], table
