"""The password assistant, end to end."""

import re

import pytest
import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.intake.models import PasswordReset
from support_desk.tickets.models import Ticket
from tests.accounts.factories import an_account

OLD, NEW = "the old password of hers", "a new one, longer than before"


@pytest.fixture
def owner(db_session, clock):
    """An account with a password and nothing to lose."""
    account_id = an_account(emails=["hanako@example.com"], phone_e164="+819012345678", password=OLD)
    db_session.commit()
    return account_id


@pytest.fixture
def assistant(client, run_jobs, clock, mails):
    """The assistant as somebody uses it."""

    class Assistant:
        def start(self, identifier):
            answer = client.post("/api/v1/password-resets", json={"identifier": identifier})
            assert answer.status_code == 202
            self.root = f"/api/v1/password-resets/{answer.get_json()['id']}"
            self.work()

        def work(self):
            run_jobs()
            clock.move(seconds=3)
            run_jobs()

        def post(self, step, **body):
            return client.post(f"{self.root}/{step}", json=body)

        def code(self):
            text = mails()[-1].get_body(("plain",)).get_content()
            return re.search(r"(?m)^\s*([0-9A-Z]{4}-[0-9A-Z]{4})\s*$", text).group(1)

        def proved(self):
            answer = self.post("code", code=self.code())
            assert answer.status_code == 200, answer.text
            return answer.get_json()["reset_token"]

    return Assistant()


def _signs_in(client, password):
    body = {"identifier": "hanako@example.com", "password": password}
    return client.post("/api/v1/account/sessions", json=body).status_code


def test_the_code_from_the_mail_sets_a_new_password(client, owner, assistant, run_jobs):
    assistant.start("ＨＡＮＡＫＯ@example.com")
    token = assistant.proved()
    answer = assistant.post("password", reset_token=token, new_password=NEW)
    assert answer.status_code == 200
    case = answer.get_json()["case"]
    run_jobs()
    assert _signs_in(client, NEW) == 201
    assert _signs_in(client, OLD) != 201
    page = client.get(
        f"/api/v1/tickets/{case['reference']}", headers={"Authorization": f"Bearer {case['access_token']}"}
    )
    assert page.status_code == 200
    assert page.get_json()["restoration"]["actions"][0]["action"] == "set_password"


def test_a_refused_password_leaves_the_token_and_a_set_one_uses_it_up(owner, assistant):
    assistant.start("hanako@example.com")
    token = assistant.proved()
    short = assistant.post("password", reset_token=token, new_password="short")
    assert short.status_code == 422
    assert [(e["pointer"], e["code"]) for e in short.get_json()["errors"]] == [
        ("/new_password", "password_too_short")
    ]
    same = assistant.post("password", reset_token=token, new_password=OLD)
    assert same.get_json()["errors"][0]["code"] == "password_same"
    assert assistant.post("password", reset_token=token, new_password=NEW).status_code == 200
    again = assistant.post("password", reset_token=token, new_password=NEW + "!")
    assert (again.status_code, again.get_json()["code"]) == (422, "invalid_reset_token")


def test_the_token_dies_after_half_an_hour(owner, assistant, clock):
    assistant.start("hanako@example.com")
    token = assistant.proved()
    clock.move(minutes=30)
    answer = assistant.post("password", reset_token=token, new_password=NEW)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_reset_token")


def test_a_token_is_good_for_its_own_reset_alone(owner, assistant):
    assistant.start("hanako@example.com")
    token = assistant.proved()
    assistant.start("hanako@example.com")
    answer = assistant.post("password", reset_token=token, new_password=NEW)
    assert answer.get_json()["code"] == "invalid_reset_token"


def test_a_proved_reset_still_wants_its_own_token(owner, assistant):
    assistant.start("hanako@example.com")
    right = assistant.proved()
    for token in ("x" * 43, right[:-1], right + "A", right.swapcase()):
        answer = assistant.post("password", reset_token=token, new_password=NEW)
        assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_reset_token")
    assert assistant.post("password", reset_token=right, new_password=NEW).status_code == 200


def test_the_code_is_used_once(owner, assistant):
    assistant.start("hanako@example.com")
    code = assistant.code()
    assert assistant.post("code", code=code).status_code == 200
    again = assistant.post("code", code=code)
    assert (again.status_code, again.get_json()["code"]) == (422, "invalid_code")


@pytest.mark.parametrize("spelling", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code} "])
def test_the_code_may_be_typed_loosely(owner, assistant, spelling):
    assistant.start("hanako@example.com")
    assert assistant.post("code", code=spelling(assistant.code())).status_code == 200


def test_the_sixth_try_is_dead_even_if_right(owner, assistant):
    assistant.start("hanako@example.com")
    for _ in range(5):
        assert assistant.post("code", code="0000-0000").status_code == 422
    assert assistant.post("code", code=assistant.code()).status_code == 422


def test_a_phone_number_with_the_postal_code_sends_the_code_to_the_registered_mail(owner, assistant, mails):
    assistant.start("090-1234-5678")
    assert mails() == []
    assert assistant.post("postal-code", postal_code="〒１００−０００１").status_code == 202
    assistant.work()
    assert [mail["To"] for mail in mails()] == ["hanako@example.com"]
    assert assistant.proved()


def test_a_code_that_was_sent_stays_good_when_the_postal_code_is_added(owner, assistant, mails):
    assistant.start("hanako@example.com")
    code = assistant.code()
    assistant.post("postal-code", postal_code="1000001")
    assistant.work()
    assert len(mails()) == 1
    assert assistant.post("code", code=code).status_code == 200


def test_trying_out_postal_codes_ends_and_looks_the_same(owner, assistant, mails, clock):
    assistant.start("090-1234-5678")
    answers = {
        assistant.post("postal-code", postal_code=f"100{number:04}").status_code for number in range(50, 60)
    }
    assistant.work()
    assert answers == {202}
    assistant.post("postal-code", postal_code="1000001")
    assistant.work()
    assert mails() == []


def test_nobody_at_the_desk_waits_for_an_assistants_case(owner, assistant, db_session):
    assistant.start("hanako@example.com")
    ticket = db_session.scalars(sa.select(Ticket)).one()
    assert (ticket.status.value, ticket.channel.value) == ("pending", "assistant")
    assert db_session.scalars(sa.select(PasswordReset)).one().ticket_id == ticket.id
    assert accounts.get_account(owner).id == ticket.account_id
