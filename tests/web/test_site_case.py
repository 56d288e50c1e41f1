"""The case page: who may open it, and everything that is done on it."""

import re

import pytest
from flask.testing import FlaskClient

from support_desk.accounts import service as accounts
from support_desk.core.db import db
from support_desk.tickets import service as tickets
from support_desk.verification.models import Challenge, ChallengePurpose
from tests.callbacks.bookings import MOBILE, a_colleague
from tests.tickets.cases import a_case
from tests.verification.owners import Owner, an_owner
from tests.web.visitor import REACH, Visitor, code_in, masked

PASSWORD = "窓の外では静かに雪が降る"
NEW_EMAIL = "a.new.mailbox@example.net"


@pytest.fixture
def visitor(client: FlaskClient, run_jobs, clock) -> Visitor:
    return Visitor(client, run_jobs, clock)


@pytest.fixture
def owner(db_session, clock) -> Owner:
    found = an_owner(gift_balance_yen=3_000, points=412)
    db_session.commit()
    return found


@pytest.fixture
def proved(visitor: Visitor, owner: Owner, texts) -> Visitor:
    """Somebody who showed the phone and an order."""
    visitor.contact(claimed_email=owner.email, claimed_postal_code=owner.postal_code)
    visitor.start("sms_code")
    assert "確認できました" in visitor.answer_code(code_in(texts()[-1]["text"])).text
    visitor.start("order_recall")
    told = owner.recalled(0)[0]
    visitor.send("/orders", **{f"{name}_1": str(value) for name, value in told.items()})
    visitor.wait()
    return visitor


def test_anothers_case_looks_like_one_that_does_not_exist(client: FlaskClient, visitor: Visitor):
    visitor.contact()
    other = a_case()
    for path in ("", "?received=1"):
        real, made_up = client.get(f"/t/{other.reference}{path}"), client.get(f"/t/SD-0000-0000{path}")
        assert real.status_code == 200
        assert masked(real) == masked(made_up)
    stolen = visitor.all_forms()[0][1]["form_token"]
    for form in ("messages", "withdrawal", "challenges", "steps/set_password", "call"):
        data = {"form_token": stolen, "body": "x", "kind": "sms_code"}
        real = client.post(f"/t/{other.reference}/{form}", data=data)
        made_up = client.post(f"/t/SD-0000-0000/{form}", data=data)
        assert real.status_code == made_up.status_code == 404
        assert masked(real) == masked(made_up)


def test_a_cookie_of_one_case_opens_no_other(client: FlaskClient):
    one, other = a_case(), a_case()
    client.set_cookie("case", one.token, path="/")
    assert one.reference in client.get(f"/t/{one.reference}").text
    assert "お問い合わせを開く" in client.get(f"/t/{other.reference}").text


def test_reference_and_key_open_the_case_without_a_link(client: FlaskClient, visitor: Visitor):
    case = a_case()
    visitor.open(f"/t/{case.reference}")
    refused = visitor.post("/t", {"reference": case.reference, "token": "x" * 43})
    unknown = visitor.post("/t", {"reference": "SD-0000-0000", "token": "x" * 43})
    assert refused.status_code == 404
    assert masked(refused) == masked(unknown)
    typed = case.reference.lower().replace("-", " ")
    page = visitor.post("/t", {"reference": typed, "token": f" {case.token} "})
    assert page.request.path == f"/t/{case.reference}"
    assert "お問い合わせの状況" in page.text


def test_a_key_in_the_query_opens_nothing(client: FlaskClient):
    case = a_case()
    page = client.get(f"/t/{case.reference}?token={case.token}&key={case.token}")
    assert "お問い合わせを開く" in page.text
    assert case.token not in page.text


def test_a_lost_link_is_asked_for_with_the_same_words_for_everybody(visitor: Visitor, mails):
    visitor.contact()
    visitor.jobs()
    before = len(mails())
    answers = []
    for reference, contact in ((visitor.reference, REACH), ("SD-0000-0000", REACH), ("なにか", "x@example.jp")):
        answers.append(masked(visitor.post("/t/link", {"reference": reference, "contact": contact})))
    assert answers[0] == answers[1] == answers[2]
    assert "リンクをお送りしました" in answers[0][1]
    visitor.jobs()
    assert len(mails()) == before + 1
    assert visitor.post("/t/link", {"reference": visitor.reference}).status_code == 422


def test_a_wrong_code_is_counted_and_the_sixth_right_one_comes_too_late(visitor: Visitor, owner: Owner, texts):
    visitor.contact(claimed_email=owner.email, claimed_postal_code=owner.postal_code)
    visitor.start("sms_code")
    for _ in range(5):
        page = visitor.answer_code("0000-0000")
        assert page.status_code == 422
        assert 'id="code-sms_code-error"' in page.text or "もう一度お試しください" in page.text
    assert not any(action.endswith("/code") for action in visitor.forms())
    challenge = db.session.query(Challenge).filter_by(purpose=ChallengePurpose.IDENTIFY).one()
    data = {"form_token": visitor.all_forms()[0][1]["form_token"], "code": code_in(texts()[-1]["text"])}
    late = visitor.client.post(f"/t/{visitor.reference}/challenges/{challenge.id}/code", data=data)
    assert late.status_code == 422
    assert "確認できました" not in visitor.case().text


def test_a_new_password_is_refused_until_enough_is_shown(visitor: Visitor, owner: Owner):
    visitor.contact(claimed_email=owner.email, claimed_postal_code=owner.postal_code)
    visitor.jobs()
    page = visitor.send("/steps/set_password", new_password=PASSWORD)
    assert page.status_code == 403
    assert "さらにご本人確認が必要です" in page.text
    assert "お問い合わせの状況" in page.text


def test_proof_opens_the_account_and_shows_what_comes_back(proved: Visitor, owner: Owner):
    assert "3,000円" in proved.case().text
    refused = proved.send("/steps/set_password", new_password="short")
    assert refused.status_code == 422
    assert "12文字以上" in refused.text
    assert 'value="short"' not in refused.text
    saved = proved.send("/steps/set_password", new_password=PASSWORD)
    assert "新しいパスワードを保存しました" in saved.text
    assert "412ポイント" in saved.text
    proved.open("/sign-in")
    account = proved.send("/sign-in", identifier=owner.phone or "", password=PASSWORD)
    assert account.request.path == "/account"
    assert "3,000円" in account.text
    assert "一時的な制限" in account.text


def test_a_refused_password_is_explained_in_the_language_of_the_page(proved: Visitor):
    proved.open(f"/t/{proved.reference}?lang=en")
    page = proved.send("/steps/set_password", new_password="short")
    assert "Use at least 12 characters" in page.text


def test_a_new_email_is_confirmed_before_its_hold_starts(proved: Visitor, mails):
    assert proved.send("/steps/replace_email", new_email="not an address").status_code == 422
    page = proved.send("/steps/replace_email", new_email=NEW_EMAIL)
    assert "新しいEメールに届いたコード" in page.text
    proved.wait()
    code = code_in([mail for mail in mails() if mail["To"] == NEW_EMAIL][-1].get_body(("plain",)).get_content())
    wrong = proved.send("/replace_email/confirmation", code="ABCD-2345")
    assert wrong.status_code == 422
    assert 'id="confirm-code-error"' in wrong.text
    done = proved.send("/replace_email/confirmation", code=code)
    assert done.status_code == 200
    assert re.search(r"Eメールの変更</span> <span class=\"soft\">20\d\d年.* に行われます", done.text)


def test_what_was_begun_by_a_refused_step_is_undone(proved: Visitor, db_session, mails):
    """The address belongs to somebody else: its code is right, the step is refused, the code not used up."""
    other = an_owner()
    db_session.commit()
    proved.send("/steps/replace_email", new_email=other.email)
    proved.wait()
    code = code_in([mail for mail in mails() if mail["To"] == other.email][-1].get_body(("plain",)).get_content())
    for _ in range(2):
        refused = proved.send("/replace_email/confirmation", code=code)
        assert refused.status_code == 409
        assert "別のアカウントで使われています" in refused.text
    asked = db.session.query(Challenge).filter_by(purpose=ChallengePurpose.CONFIRM_CHANNEL).one()
    assert asked.state == "ready"


def test_restrictions_are_lifted_only_where_there_are_any(proved: Visitor, owner: Owner):
    assert proved.send("/steps/lift_restrictions").status_code == 409
    proved.send("/steps/set_password", new_password=PASSWORD)
    assert accounts.restrictions(owner.id)
    assert proved.send("/steps/lift_restrictions").status_code in (200, 403)


def test_orders_that_cannot_be_read_are_told_at_their_fields(visitor: Visitor):
    visitor.contact()
    visitor.start("order_recall")
    empty = visitor.send("/orders")
    assert empty.status_code == 422
    assert "1件以上" in empty.text
    page = visitor.send(
        "/orders", item_1="水筒", date_1="去年の春", amount_yen_2="たくさん", amount_yen_1="約２,４８０円"
    )
    assert page.status_code == 422
    for field in ("date_1", "amount_yen_2"):
        assert f'<a href="#{field}">' in page.text
    assert 'value="約２,４８０円"' in page.text
    visitor.send("/orders", item_1="水筒", date_1="2026年3月1日", amount_yen_2="", amount_yen_1="約２,４８０円")
    assert "受け取りました" in visitor.case().text


def test_a_message_is_written_once_however_often_it_is_pressed(client: FlaskClient, visitor: Visitor):
    visitor.contact()
    [(path, fields)] = [item for item in visitor.forms().items() if item[0].endswith("/messages")]
    for _ in range(3):
        assert client.post(path, data={**fields, "body": "追加の\nお知らせです。"}).status_code == 303
    assert visitor.case().text.count("お知らせです。") == 1
    assert visitor.send("/messages", body="").status_code == 422


def test_a_call_is_booked_moved_and_cancelled(visitor: Visitor, db_session):
    a_colleague("ja")
    db_session.commit()
    visitor.contact()
    times = re.findall(r'<option value="([^"]+T[^"]+)"', visitor.page.text)
    assert visitor.send("/call", number_kind="given", slot=times[2]).status_code == 422
    refused = visitor.send("/call", number_kind="given", slot=times[2], phone="0120-000-000")
    assert refused.status_code == 422
    assert 'id="phone-error"' in refused.text
    booked = visitor.send("/call", number_kind="given", slot=times[2], phone=MOBILE)
    assert "予約済み" in booked.text
    word = re.search(r"合言葉</dt><dd>([^<]+)", booked.text)
    stale = {**visitor.forms()[f"/t/{visitor.reference}/call/move"], "slot": times[9]}
    moved = visitor.send("/call/move", slot=times[5])
    assert moved.status_code == 200
    assert re.search(r"合言葉</dt><dd>([^<]+)", moved.text)[1] == word[1]
    assert visitor.post(f"/t/{visitor.reference}/call/move", stale).status_code == 412
    visitor.case()
    assert visitor.send("/call/move", slot="2020-01-01T00:00:00Z").status_code == 422
    assert "取り消しました" in visitor.send("/call/cancel").text


def test_withdrawing_ends_the_case_and_its_forms(visitor: Visitor):
    visitor.contact()
    page = visitor.send("/withdrawal")
    assert "終了しました" in page.text
    assert visitor.forms() == {}


def test_internal_notes_are_not_on_the_page(visitor: Visitor):
    visitor.contact()
    ticket = tickets.get_by_reference(visitor.reference)
    for visibility in ("internal", "public"):
        tickets.post_message(
            ticket.id, author="agent", author_id=None, body=f"a {visibility} word", visibility=visibility
        )
    page = visitor.case().text
    assert "a public word" in page
    assert "a internal word" not in page
