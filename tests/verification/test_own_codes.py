"""Saved codes and the authenticator as proof in a case: right ones once, the same for everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.accounts import recovery_codes_service
from support_desk.accounts import service as accounts
from support_desk.accounts.models import Customer
from support_desk.accounts.own_proof_models import Authenticator
from support_desk.core.db import db
from support_desk.verification import service
from support_desk.verification.models import EvidenceItem
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    found = an_owner()
    db.session.add(Authenticator(account_id=found.id, secret=SECRET, confirmed_at=clock.at))
    db_session.commit()
    return found


@pytest.fixture
def codes(owner: Owner, db_session: Any) -> list[str]:
    made = recovery_codes_service.make_recovery_codes(owner.id)
    db_session.commit()
    return made


@pytest.fixture
def ready(client: FlaskClient, clock: Any, run_jobs: Callable[[], int]) -> Callable[..., tuple[Claimant, str]]:
    """A case that waits for such a code."""

    def ask(owner: Owner | None, kind: str, claimant: Claimant | None = None) -> tuple[Claimant, str]:
        claimant = claimant or Claimant(client, a_case_naming(owner))
        started = claimant.ask(kind)
        assert started.status_code == 201, started.text
        clock.move(seconds=2)
        run_jobs()
        return claimant, started.get_json()["id"]

    return ask


def app_code(clock: Any) -> str:
    return pyotp.TOTP(SECRET).at(clock.at)


def refused(answer: Any) -> bool:
    return answer.status_code == 422 and answer.get_json()["code"] == "invalid_code"


def test_a_saved_code_is_evidence_once(owner: Owner, codes: list[str], ready: Any) -> None:
    claimant, challenge = ready(owner, "recovery_code")
    assert claimant.answer(challenge, code=codes[3].lower()).get_json() == {"state": "accepted"}
    [item] = db.session.scalars(sa.select(EvidenceItem))
    assert (item.evidence_group, item.kind) == ("OFF", "recovery_code")
    other, again = ready(owner, "recovery_code")
    assert refused(other.answer(again, code=codes[3])), "used"
    assert other.answer(again, code=codes[4]).status_code == 200


def test_a_code_of_the_app_is_evidence_once(owner: Owner, ready: Any, clock: Any) -> None:
    claimant, challenge = ready(owner, "totp")
    code = app_code(clock)
    assert claimant.answer(challenge, code=code).status_code == 200
    [item] = db.session.scalars(sa.select(EvidenceItem))
    assert (item.evidence_group, item.kind) == ("OFF", "totp")
    other, again = ready(owner, "totp")
    assert refused(other.answer(again, code=code))


@pytest.mark.parametrize("kind", ["recovery_code", "totp"])
def test_the_sixth_try_is_dead_even_if_right_and_uses_nothing_up(
    owner: Owner, codes: list[str], ready: Any, clock: Any, kind: str
) -> None:
    claimant, challenge = ready(owner, kind)
    for _ in range(5):
        assert refused(claimant.answer(challenge, code="0000-0000-0000-0000"))
    right = codes[0] if kind == "recovery_code" else app_code(clock)
    assert refused(claimant.answer(challenge, code=right))
    _, fresh = ready(owner, kind, claimant)
    right = codes[0] if kind == "recovery_code" else app_code(clock)
    assert claimant.answer(fresh, code=right).status_code == 200


@pytest.mark.parametrize("kind", ["recovery_code", "totp"])
def test_it_counts_for_its_account_as_it_was_and_not_in_dispute(
    owner: Owner, codes: list[str], ready: Any, clock: Any, db_session: Any, kind: str
) -> None:
    def right() -> str:
        return codes[0] if kind == "recovery_code" else app_code(clock)

    other = an_owner()
    db_session.commit()
    stranger, theirs = ready(other, kind)
    assert refused(stranger.answer(theirs, code=right()))
    nobody, empty = ready(None, kind)
    assert refused(nobody.answer(empty, code=right()))
    claimant, challenge = ready(owner, kind)
    db.session.get_one(Customer, owner.id).account_version += 1
    db.session.commit()
    assert refused(claimant.answer(challenge, code=right()))
    service.mark_contested(owner.id, ticket_id=claimant.case.id, why="stopped")
    db_session.commit()
    late, challenge = ready(owner, kind)
    assert refused(late.answer(challenge, code=right()))
    service.settle_contested(owner.id)
    db_session.commit()
    assert accounts.find_recovery_code(owner.id, codes[0]) is not None, "no refusal used it up"


def test_a_code_at_hand_cannot_stand_in_for_one_that_was_sent(
    owner: Owner, codes: list[str], ready: Any, clock: Any
) -> None:
    claimant, mail = ready(owner, "email_code")
    assert refused(claimant.answer(mail, code=codes[0]))
    assert refused(claimant.answer(mail, code=app_code(clock)))
    _, saved = ready(owner, "recovery_code", claimant)
    assert refused(claimant.answer(saved, code=app_code(clock)))
