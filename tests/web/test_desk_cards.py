"""What the ticket's page shows beside the conversation, and the calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from support_desk.callbacks import service as callbacks
from support_desk.callbacks.models import Attempt
from support_desk.core.db import db
from support_desk.desk.case_service import case_at_a_glance
from support_desk.tickets.models import Ticket
from tests.agents.people import an_agent
from tests.callbacks.bookings import a_call, put_on_shift
from tests.restoration.conftest import NEW_EMAIL, Play, play  # noqa: F401 - a fixture
from tests.tickets.cases import a_case
from tests.web.desk_browser import Browser

MOBILE = "+819012345678"


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client).sign_in(an_agent("agent"))


def case_page(browser: Browser, played: Play) -> str:
    return browser.open(f"/desk/tickets/{played.claimant.case.id}").text


def test_an_unresolved_case_says_so(run_jobs: Callable[[], int], browser: Browser):
    case = a_case(claimed={"email": "nobody@example.net"})
    assert "該当するアカウントを確認しています" in browser.open(f"/desk/tickets/{case.id}").text
    assert "制限を解除する" not in browser.page.text


def test_groups_verdicts_and_amounts_appear_as_they_are_earned(play: Callable[..., Play], client: FlaskClient):  # noqa: F811
    played = play(gift_balance_yen=3_210)
    browser = Browser(client).sign_in(an_agent("agent", email="first@example.jp"))
    before = case_page(browser, played)
    assert "未確認" in before
    assert "3,210" not in before
    played.prove("email_code")
    played.claimant.client.delete_cookie("desk_session")
    browser = Browser(client).sign_in(an_agent("agent", email="second@example.jp"))
    after = case_page(browser, played)
    assert "基本の確認" in after
    assert "¥3,210" in after
    assert "確認済み" in after
    for secret in (played.owner.email, played.owner.phone):
        assert secret not in after
    assert '<html lang="en">' in browser.open(f"/desk/tickets/{played.claimant.case.id}?lang=en").text
    assert "Shown so far" in browser.page.text


def test_an_agent_asks_for_a_claimant_only_what_was_earned(play: Callable[..., Play], client: FlaskClient):  # noqa: F811
    played = play()
    browser = Browser(client).sign_in(an_agent("agent"))
    case_page(browser, played)
    path = f"/desk/tickets/{played.claimant.case.id}/restoration"
    [fields] = [fields for action, fields in browser.forms().items() if action == path][:1]
    refused = browser.post(path, {**fields, "action": "replace_email", "new_email": NEW_EMAIL})
    assert refused.status_code == 403
    assert 'role="alert"' in refused.text
    stale = browser.post(path, {**fields, "version": "99", "action": "lift_restrictions"})
    assert stale.status_code == 412
    for kind in ("email_code", "sms_code"):
        played.prove(kind)
    done = browser.post(path, {**fields, "action": "replace_email", "new_email": NEW_EMAIL})
    assert done.status_code == 200, done.text
    assert "申し込みを記録しました" in done.text
    assert NEW_EMAIL not in done.text


@pytest.fixture
def due(clock: Any, run_jobs: Callable[[], int], browser: Browser) -> str:
    """A call that is due; returns the ticket's page."""
    clock.set(datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    put_on_shift(an_agent().id)
    case = a_case()
    booked = a_call(case.id)
    at = booked.slot_start
    db.session.commit()
    clock.set(at)
    run_jobs()
    return f"/desk/tickets/{case.id}"


def test_a_call_is_claimed_dialled_and_recorded(due: str, browser: Browser):
    assert re.search(r'発信待ちの電話</span> <span class="count">1<', browser.open("/desk").text)
    browser.open("/desk/callbacks?state=due")
    assert "発信待ち" in browser.page.text
    page = browser.send("/claim-next").text
    assert MOBILE not in page, "the number is shown with the attempt, not before"
    page = browser.send("/attempts").text
    assert f'href="tel:{MOBILE}"' in page
    word = re.search(r'<q class="word" lang="ja">([^<]+)</q>', page)
    assert word is not None
    assert "再度おかけします" in page
    assert f'href="tel:{MOBILE}"' in browser.open(due).text, "the ticket's page has the call too"
    browser.open("/desk/callbacks")
    page = browser.send("/attempts/1", outcome="no_answer", note="留守番電話").text
    assert "結果を記録しました" in page
    assert "担当中の電話はありません" in page
    attempt = db.session.query(Attempt).one()
    assert (attempt.outcome, attempt.note) == ("no_answer", "留守番電話")


def test_two_presses_start_one_attempt(due: str, browser: Browser):
    browser.open("/desk/callbacks")
    browser.send("/claim-next")
    [(path, fields)] = [item for item in browser.forms().items() if item[0].endswith("/attempts")]
    browser.post(path, fields)
    again = browser.post(path, fields)
    assert again.status_code == 409
    assert f'href="tel:{MOBILE}"' in again.text
    assert db.session.query(Attempt).count() == 1


def test_an_outcome_is_one_of_the_known_and_of_this_attempt(due: str, browser: Browser):
    browser.open("/desk/callbacks")
    browser.send("/claim-next")
    browser.send("/attempts")
    assert browser.send("/attempts/1", outcome="sold_a_car").status_code == 422
    assert browser.send("/attempts/1", outcome="busy", version="9").status_code == 412
    assert db.session.query(Attempt).one().outcome is None


def test_another_agent_sees_neither_the_number_nor_the_buttons(due: str, client: FlaskClient, browser: Browser):
    browser.open("/desk/callbacks")
    browser.send("/claim-next")
    browser.send("/attempts")
    client.delete_cookie("desk_session")
    other = Browser(client).sign_in(an_agent("supervisor"))
    for path in (due, "/desk/callbacks"):
        assert MOBILE not in other.open(path).text
        assert not [action for action in other.forms() if "/attempts" in action]


def test_a_call_left_open_is_recorded_by_whoever_finds_out(
    due: str, clock: Any, run_jobs: Callable[[], int], client: FlaskClient, browser: Browser
):
    browser.open("/desk/callbacks")
    browser.send("/claim-next")
    browser.send("/attempts")
    clock.move(hours=3)
    callbacks.sweep()
    db.session.commit()
    client.delete_cookie("desk_session")
    other = Browser(client).sign_in(an_agent("supervisor"))
    page = other.open(due).text
    assert "重ねて発信しないでください" in page
    left = case_at_a_glance(db.session.query(Ticket).one(), an_agent().id).in_hand
    assert left is not None
    assert left.tel is None
    assert MOBILE not in page
    assert other.send("/attempts/1", outcome="connected").status_code == 200
    assert db.session.query(Attempt).one().outcome == "connected"


def test_nothing_due_is_said(browser: Browser):
    browser.open("/desk/callbacks")
    assert "かけるべき電話はありません" in browser.send("/claim-next").text
    assert browser.open("/desk/callbacks?state=lost").status_code == 400
