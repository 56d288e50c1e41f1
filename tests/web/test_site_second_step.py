"""Signing in on the page with 2-step on."""

import pyotp
import pytest
from flask.testing import FlaskClient

from support_desk.accounts.models import Customer
from support_desk.accounts.own_proof_models import Authenticator
from support_desk.core.db import db
from tests.accounts.factories import an_account
from tests.web.visitor import Visitor

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PASSWORD = "窓の外では静かに雪が降る"


@pytest.fixture
def visitor(client: FlaskClient, run_jobs, clock) -> Visitor:
    account_id = an_account(emails=["owner@example.jp"], password=PASSWORD)
    db.session.get_one(Customer, account_id).two_step = True
    db.session.add(Authenticator(account_id=account_id, secret=SECRET, confirmed_at=clock.at))
    db.session.commit()
    return Visitor(client, run_jobs, clock)


def test_the_password_leads_to_the_code_and_the_code_to_the_account(visitor: Visitor, clock):
    visitor.open("/sign-in")
    page = visitor.send("/sign-in", identifier="owner@example.jp", password=PASSWORD)
    assert "2段階認証" in page.text
    assert visitor.client.get("/account").status_code == 303, "not signed in yet"
    assert visitor.send("/second-step", code="000000").status_code == 401
    page = visitor.send("/second-step", code=pyotp.TOTP(SECRET).at(clock.at))
    assert page.request.path == "/account"


@pytest.mark.parametrize("step", ["", "x" * 43, "\x00", "<script>"])
def test_a_made_up_step_is_refused_like_a_wrong_code(visitor: Visitor, step: str):
    answer = visitor.client.post("/sign-in/second-step", data={"second_step": step, "code": "123456"})
    assert answer.status_code in (401, 422)
    assert "<script>" not in answer.text
