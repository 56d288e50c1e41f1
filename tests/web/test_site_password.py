"""The password assistant on pages: the same for everybody until a right code."""

import re

import pytest
from flask.testing import FlaskClient

from support_desk.core.http import DeskFlask
from tests.accounts.factories import an_account
from tests.web.visitor import Visitor, code_in, masked

EMAIL = "forgetful@example.jp"
PASSWORD = "窓の外では静かに雪が降る"


@pytest.fixture
def visitor(client: FlaskClient, run_jobs, clock) -> Visitor:
    return Visitor(client, run_jobs, clock)


@pytest.fixture(autouse=True)
def _account(db_session, clock) -> None:
    an_account(emails=[EMAIL], password="an older password of mine", gift_balance_yen=500)
    db_session.commit()


def _prove(visitor: Visitor, mails) -> None:
    visitor.open("/password")
    visitor.send("/password", identifier=EMAIL)
    visitor.jobs()
    visitor.clock.move(seconds=3)
    visitor.jobs()
    visitor.send("/code", code=code_in(mails()[-1].get_body(("plain",)).get_content()).lower())


def test_a_code_leads_to_a_new_password_and_in(visitor: Visitor, mails):
    _prove(visitor, mails)
    assert visitor.page.request.path.endswith("/new")
    for bad, why in (
        ("short", "12文字以上"),
        ("an older password of mine", "同じパスワード"),
        (EMAIL, "メールアドレスをもとに"),
    ):
        page = visitor.send("/new", new_password=bad)
        assert page.status_code == 422
        assert why in page.text
        assert bad not in page.text.replace("メールアドレス", "")
    page = visitor.send("/new", new_password=PASSWORD)
    assert re.fullmatch(r"/t/SD-[0-9A-Z]{4}-[0-9A-Z]{4}", page.request.path)
    assert "新しいパスワードを保存しました" in page.text
    visitor.open("/sign-in")
    assert visitor.send("/sign-in", identifier=EMAIL, password=PASSWORD).request.path == "/account"


def test_the_token_of_a_reset_is_nowhere_but_in_its_cookie(visitor: Visitor, mails, client: FlaskClient):
    _prove(visitor, mails)
    path = visitor.page.request.path
    cookie = client.get_cookie("reset", path=path.removesuffix("/new"))
    assert cookie is not None
    assert cookie.value not in visitor.page.text
    assert "?" not in visitor.page.request.full_path.rstrip("?")
    client.delete_cookie("reset", path=path.removesuffix("/new"))
    assert client.post(path, data={"new_password": PASSWORD}).status_code == 403
    visitor.open(path)
    page = visitor.send("/new", new_password=PASSWORD)
    assert page.status_code == 422
    assert "はじめからもう一度" in page.text


def test_every_identifier_gets_the_same_pages(visitor: Visitor, clock):
    start = clock.at
    seen = []
    for identifier in (EMAIL, "nobody.here@example.com", "090-1234-5678", "わかりません"):
        clock.set(start)
        visitor.open("/password")
        pages = [masked(visitor.send("/password", identifier=identifier))]
        visitor.jobs()
        clock.move(seconds=3)
        visitor.jobs()
        pages.append(masked(visitor.send("/code", code="ABCD-2345")))
        pages.append(masked(visitor.send("/postal-code", postal_code="１００−０００１")))
        pages += [masked(visitor.send("/code", code="ABCD-2345")) for _ in range(6)]
        seen.append(pages)
    assert all(pages == seen[0] for pages in seen)
    assert "問題が発生しました。入力内容をご確認ください" in seen[0][2][1]


def test_nothing_typed_is_an_error_at_the_field(visitor: Visitor):
    visitor.open("/password")
    assert 'id="identifier-error"' in visitor.send("/password").text
    visitor.send("/password", identifier=EMAIL)
    assert 'id="postal_code-error"' in visitor.send("/postal-code").text
    assert 'id="code-error"' in visitor.send("/code").text


def test_a_trusted_proxy_over_https_makes_cookies_secure(app: DeskFlask, client: FlaskClient):
    answer = client.get("/?lang=en", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
