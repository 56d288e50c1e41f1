"""The contact form: one submit is one ticket, nothing typed is lost."""

import re

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.tickets.models import Ticket
from tests.callbacks.bookings import MOBILE, a_colleague
from tests.verification.owners import an_owner
from tests.web.visitor import FORM, REACH, Visitor, masked


@pytest.fixture
def visitor(client: FlaskClient, run_jobs, clock) -> Visitor:
    return Visitor(client, run_jobs, clock)


def _tickets() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0


def test_the_form_leads_to_the_case_and_its_link_by_mail(visitor: Visitor, mails):
    page = visitor.contact()
    assert page.request.path == f"/t/{visitor.reference}"
    assert "お問い合わせを受け付けました" in page.text
    assert FORM["description"] in page.text
    visitor.jobs()
    [mail] = mails()
    assert mail["To"] == REACH
    assert re.search(rf"/t/{visitor.reference}#[A-Za-z0-9_-]{{43}}\n", mail.get_body(("plain",)).get_content())


def test_however_often_it_is_pressed_there_is_one_ticket(client: FlaskClient, visitor: Visitor):
    before = _tickets()
    visitor.open("/contact")
    fields = {**visitor.forms()["/contact"], **FORM}
    first = client.post("/contact", data=fields)
    assert all(client.post("/contact", data=fields).location == first.location for _ in range(4))
    assert _tickets() == before + 1


def test_a_form_that_was_sent_and_then_changed_is_asked_about(client: FlaskClient, visitor: Visitor):
    before = _tickets()
    visitor.open("/contact")
    fields = {**visitor.forms()["/contact"], **FORM}
    client.post("/contact", data=fields)
    page = visitor.post("/contact", {**fields, "description": "別の内容です。"})
    assert page.status_code == 422
    assert "すでに送信されています" in page.text
    assert "別の内容です。" in page.text
    assert _tickets() == before + 1
    typed = {**FORM, "description": "別の内容です。"}
    assert visitor.send("/contact", **typed).request.path.startswith("/t/")
    assert _tickets() == before + 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_error_is_told_at_its_field_and_nothing_typed_is_lost(visitor: Visitor, language: str):
    before = _tickets()
    visitor.open(f"/contact?lang={language}")
    typed = {
        "name_kana": "ヤマダ",
        "claimed_postal_code": "１２３−４５６７",
        "phone": "12",
        "email": "not an address",
    }
    page = visitor.send("/contact", **typed)
    assert page.status_code == 422
    assert page.text.index('role="alert"') < page.text.index("<form")
    for field in ("issue", "name", "description", "email", "phone"):
        assert f'<a href="#{field}">' in page.text, field
        assert re.search(rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-error"', page.text), field
        words = re.search(rf'<p class="error" id="{field}-error">(.*?)</p>', page.text)
        assert words is not None
        assert bool(re.search("[ぁ-ん]", words[1])) == (language == "ja")
    for value in typed.values():
        assert f'value="{value}"' in page.text, value
    assert _tickets() == before


def test_somebody_who_cannot_be_reached_is_told_so(visitor: Visitor):
    page = visitor.contact(email="")
    assert page.status_code == 422
    assert "どちらかを入力してください" in page.text


def test_a_long_story_fits_and_a_longer_one_is_refused_with_it_kept(visitor: Visitor):
    story = "あ" * 9_999 + "。"
    assert visitor.contact(description=story).request.path.startswith("/t/")
    page = visitor.contact(description=story + "い")
    assert page.status_code == 422
    assert "10,000文字以内" in page.text
    assert story in page.text


def test_the_field_that_nobody_sees_opens_nothing_and_loses_nothing(visitor: Visitor):
    before = _tickets()
    page = visitor.contact(confirm_topic="http://example.com")
    assert page.status_code == 422
    assert FORM["description"] in page.text
    assert "http://example.com" not in page.text
    assert _tickets() == before


def test_guidance_of_the_topic_is_under_the_selector(visitor: Visitor):
    page = visitor.open("/contact?issue=forgot_password").text
    assert '<option value="forgot_password" selected>' in page
    for issue in ("forgot_password", "forgot_email", "email_unreachable", "account_locked"):
        assert f'data-issue="{issue}"' in page


def test_a_call_can_be_asked_for_in_the_form(visitor: Visitor, db_session):
    a_colleague("ja")
    db_session.commit()
    times = re.findall(r'<option value="([^"]+T[^"]+)"', visitor.open("/contact").text)
    assert len(times) > 20
    page = visitor.contact(slot=times[3], number_kind="given")
    assert page.status_code == 422
    assert "お電話する番号を入力してください" in page.text
    assert f'value="{times[3]}" selected' in page.text
    page = visitor.contact(slot=times[3], number_kind="given", phone=MOBILE)
    assert "予約済み" in page.text
    assert "合言葉" in page.text
    assert "5678" in page.text
    assert MOBILE not in page.text


def test_a_call_that_cannot_be_booked_costs_no_ticket(visitor: Visitor, db_session):
    a_colleague("ja")
    db_session.commit()
    times = re.findall(r'<option value="([^"]+T[^"]+)"', visitor.open("/contact").text)
    visitor.contact(slot=times[0], number_kind="given", phone=MOBILE)
    page = visitor.contact(slot=times[0], number_kind="given", phone=MOBILE)
    assert page.status_code == 200
    assert "ご希望のお電話は予約できませんでした" in page.text


def test_too_many_from_one_network_are_told_to_wait_and_keep_what_they_typed(visitor: Visitor, monkeypatch):
    monkeypatch.setattr("support_desk.intake.limits._NETWORK_LIMITS", {4: 1, 6: 1})
    visitor.contact()
    before = _tickets()
    page = visitor.contact(description="もう一度お願いします。")
    assert page.status_code == 429
    assert page.headers["Retry-After"]
    assert "もう一度お願いします。" in page.text
    assert _tickets() == before


def test_the_pages_are_the_same_whoever_is_claimed(client: FlaskClient, run_jobs, clock, db_session):
    owner = an_owner(gift_balance_yen=38_200)
    db_session.commit()
    start = clock.at
    seen = []
    for claimed in ((owner.email, owner.postal_code), ("nobody@example.com", "9071234")):
        clock.set(start)
        client.delete_cookie("lang")
        seen.append(_whole_case(Visitor(client, run_jobs, clock), *claimed))
    for number, (one, other) in enumerate(zip(*seen, strict=True)):
        assert one == other, f"page {number}"


def _whole_case(visitor: Visitor, email: str, postal_code: str) -> list:
    """Everything a claimant without a right code can look at, in order."""
    pages = [masked(visitor.contact(claimed_email=email, claimed_postal_code=postal_code))]
    for kind in ("email_code", "sms_code"):
        pages.append(masked(visitor.start(kind)))
        for _ in range(6):
            if any(action.endswith("/code") for action in visitor.forms()):
                pages.append(masked(visitor.send("/code", code="ABCD-2345")))
    pages.append(masked(visitor.start("order_recall")))
    pages.append(masked(visitor.send("/orders", item_1="水筒", amount_yen_1="約2,000円")))
    pages.append(masked(visitor.wait()))
    pages.append(masked(visitor.send("/steps/set_password", new_password="correct horse battery staple")))
    pages.append(masked(visitor.send("/steps/replace_email", new_email="new@example.net")))
    pages.append(masked(visitor.send("/steps/lift_restrictions")))
    visitor.clock.move(hours=80)
    pages.append(masked(visitor.wait()))
    return pages
