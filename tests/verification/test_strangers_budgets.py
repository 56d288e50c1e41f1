"""A stranger who burns every open budget of an account does not keep its owner out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.accounts import passwords_service
from support_desk.accounts import service as accounts
from support_desk.core import clock as business
from support_desk.core.budgets import used
from support_desk.core.db import db
from support_desk.tickets import service as tickets
from support_desk.verification import service
from support_desk.verification.codes import RECALL_MONTH, SENDS, WRONG_CODES
from support_desk.verification.models import EvidenceItem
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner
from tests.verification.test_codes import code_of, row_of
from tests.verification.test_letters import code_on, words_of

PASSWORD = "窓の外では静かに雪が降る"


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    for _ in range(10):
        an_owner(orders=3)
    found = an_owner(orders=3)
    accounts.set_password(found.id, passwords_service.hash_password(PASSWORD), key="test")
    db_session.commit()
    return found


@pytest.fixture
def ask(client: FlaskClient, clock: Any, run_jobs: Callable[[], int]) -> Callable[[Claimant, str], str]:
    """Ask for a challenge and wait until it is ready; returns its id."""

    def start(claimant: Claimant, kind: str) -> str:
        challenge = claimant.ask(kind).get_json()["id"]
        clock.move(seconds=61)
        run_jobs()
        return challenge

    return start


@pytest.fixture
def burnt(client: FlaskClient, owner: Owner, ask: Any, clock: Any, run_jobs: Any, outgoing: Path) -> Claimant:
    """The owner's case, after a stranger used up all that a stranger can."""
    for _ in range(10):
        stranger = Claimant(client, a_case_naming(owner))
        for kind in ("email_code", "sms_code", "letter_code", "recovery_code", "totp"):
            challenge = ask(stranger, kind)
            for _ in range(5):
                assert stranger.answer(challenge, code="0000-0000").status_code == 422
        recall = ask(stranger, "order_recall")
        stranger.answer(recall, orders=[{"item": "なにか"}])
        run_jobs()
        clock.move(hours=6)
    mine = Claimant(client, a_case_naming(owner))
    run_jobs()
    key = tickets.get_ticket(mine.case.id).budget_key
    assert key is not None
    assert used(key, WRONG_CODES, at=business.now()) == WRONG_CODES.limit
    assert used(key, RECALL_MONTH, at=business.now()) == RECALL_MONTH.limit
    return mine


def shown(case_id: Any) -> set[str]:
    query = sa.select(EvidenceItem.evidence_group).where(EvidenceItem.ticket_id == case_id)
    return {str(group.value) for group in db.session.scalars(query)}


def test_the_letter_gets_the_owner_in_and_opens_what_was_burnt(
    owner: Owner, burnt: Claimant, ask: Any, run_jobs: Any, outgoing: Path
) -> None:
    blocked = ask(burnt, "sms_code")
    assert row_of(blocked).send_number == 0, f"all {SENDS[-1].limit} of the month were the stranger's"
    letter = ask(burnt, "letter_code")
    [sheet] = (outgoing / "letters").glob("*.pdf")
    assert burnt.answer(letter, code=code_on(words_of(sheet))).status_code == 200
    sms = ask(burnt, "sms_code")
    assert row_of(sms).send_number == 1, "the reserved part of the sends"
    assert burnt.answer(sms, code="0000-0000").status_code == 422
    assert burnt.answer(sms, code=code_of(sms)).status_code == 200, "and of the tries"
    recall = ask(burnt, "order_recall")
    burnt.answer(recall, orders=owner.recalled())
    run_jobs()
    assert shown(burnt.case.id) == {"POST", "TEL", "MEM"}
    assert service.verdict(burnt.case.id, "replace_email", at=business.now()).allowed


def test_ordinary_sign_in_is_never_locked(client: FlaskClient, owner: Owner, burnt: Claimant) -> None:
    body = {"identifier": owner.email, "password": PASSWORD}
    assert client.post("/api/v1/account/sessions", json=body).status_code == 201


def test_the_reserved_sends_are_few_and_not_the_strangers(
    client: FlaskClient, owner: Owner, burnt: Claimant, ask: Any, outgoing: Path
) -> None:
    stranger = Claimant(client, a_case_naming(owner))
    letter = ask(burnt, "letter_code")
    [sheet] = (outgoing / "letters").glob("*.pdf")
    assert burnt.answer(letter, code=code_on(words_of(sheet))).status_code == 200
    theirs = ask(stranger, "sms_code")
    assert row_of(theirs).send_number == 0
    sms = ""
    for _ in range(6):
        sms = ask(burnt, "sms_code")
    assert row_of(sms).send_number == 3
