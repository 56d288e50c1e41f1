"""Codes, attacked: only the right one, in time, once, for its case and purpose, within every budget."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.accounts import service as accounts
from support_desk.accounts.models import CustomerChannel
from support_desk.core import clock as business
from support_desk.core.budgets import used
from support_desk.core.codes import derive_code
from support_desk.core.db import db
from support_desk.notifications.models import OutgoingMessage
from support_desk.tickets import service as tickets
from support_desk.verification import service
from support_desk.verification.codes import WRONG_CODES, code_reference
from support_desk.verification.models import Challenge, ChallengeKind, ChallengePurpose, EvidenceItem
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner

WRONG = "ZZZZ-ZZZZ"


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    found = an_owner()
    db_session.commit()
    return found


@pytest.fixture
def claimant(client: FlaskClient, owner: Owner) -> Claimant:
    return Claimant(client, a_case_naming(owner))


@pytest.fixture
def ready(clock: Any, run_jobs: Callable[[], int]) -> Callable[[Claimant, str], str]:
    """Ask for a challenge, wait until it is ready; returns its id."""

    def ask(claimant: Claimant, kind: str = "email_code") -> str:
        started = claimant.ask(kind)
        assert started.status_code == 201, started.text
        clock.move(seconds=2)
        run_jobs()
        return started.get_json()["id"]

    return ask


def code_of(challenge_id: str, send_number: int | None = None, **other: Any) -> str:
    """The code as the mail shows it: derived from what the message holds."""
    row = db.session.get(Challenge, challenge_id, populate_existing=True)
    assert row is not None
    reference = code_reference(row.kind, row.purpose, row.ticket_id, row.id, send_number or row.send_number)
    return derive_code(**{**reference, **other})  # type: ignore[arg-type]


def row_of(challenge_id: str) -> Challenge:
    return db.session.get_one(Challenge, challenge_id, populate_existing=True)


def refused(answer: Any) -> bool:
    return answer.status_code == 422 and answer.get_json()["code"] == "invalid_code"


def test_a_right_code_is_accepted_once_and_becomes_evidence(claimant: Claimant, ready: Any) -> None:
    challenge = ready(claimant)
    code = code_of(challenge)
    answer = claimant.answer(challenge, code=code)
    assert (answer.status_code, answer.get_json()) == (200, {"state": "accepted"})
    item = db.session.scalars(sa.select(EvidenceItem)).one()
    assert (item.evidence_group, item.kind, item.ticket_id) == ("END", "email_code", claimant.case.id)
    assert refused(claimant.answer(challenge, code=code)), "a code is used once"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EvidenceItem)) == 1


def test_the_code_goes_to_the_registered_channel_and_to_no_contact_address(
    claimant: Claimant, ready: Any, owner: Owner, mails: Any, texts: Any
) -> None:
    challenge = ready(claimant)
    [mail] = mails()
    assert mail["To"] == owner.email
    lines = [line.strip().replace("-", "") for line in mail.get_content().splitlines()]
    assert code_of(challenge) in lines, "the code stands alone on a line"
    ready(claimant, "sms_code")
    [text] = texts()
    assert text["to"] == owner.phone
    assert re.search(r"\d{8}|\d{4}-\d{4}", text["text"])


@pytest.mark.parametrize(
    "typed",
    [
        lambda code: f" {code[:4]} {code[4:]} ",
        lambda code: code.lower(),
        lambda code: f"{code[:4]}-{code[4:]}",
        lambda code: code.replace("0", "O").replace("1", "I"),
        lambda code: code.replace("0", "o").replace("1", "l"),
        lambda code: "".join(chr(ord(letter) + 0xFEE0) for letter in code),
    ],
)
def test_a_code_is_read_as_people_type_it(claimant: Claimant, ready: Any, typed: Callable[[str], str]) -> None:
    challenge = ready(claimant)
    assert claimant.answer(challenge, code=typed(code_of(challenge))).status_code == 200


def test_the_sixth_try_is_dead_even_if_right(claimant: Claimant, ready: Any) -> None:
    challenge = ready(claimant)
    code = code_of(challenge)
    for _ in range(5):
        assert refused(claimant.answer(challenge, code=WRONG))
    assert refused(claimant.answer(challenge, code=code))
    assert claimant.look(challenge).get_json()["state"] == "dead"


def test_the_fifth_try_may_still_be_right(claimant: Claimant, ready: Any) -> None:
    challenge = ready(claimant)
    for _ in range(4):
        assert refused(claimant.answer(challenge, code=WRONG))
    assert claimant.answer(challenge, code=code_of(challenge)).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 422), (601, 422)])
def test_a_code_lives_ten_minutes_to_the_second(
    claimant: Claimant, ready: Any, clock: Any, seconds: int, status: int
) -> None:
    challenge = ready(claimant)
    clock.move(seconds=seconds)
    assert claimant.answer(challenge, code=code_of(challenge)).status_code == status


def test_a_resend_kills_the_older_code_and_comes_not_before_sixty_seconds(
    claimant: Claimant, ready: Any, clock: Any, mails: Any
) -> None:
    challenge = ready(claimant)
    old = code_of(challenge)
    assert ready(claimant) == challenge
    assert len(mails()) == 1, "too early"
    assert row_of(challenge).asked_count == 1
    clock.move(seconds=60)
    assert ready(claimant) == challenge, "the same challenge"
    assert len(mails()) == 2
    assert refused(claimant.answer(challenge, code=old))
    assert claimant.answer(challenge, code=code_of(challenge)).status_code == 200


def test_a_code_of_another_case_or_purpose_or_sending_does_not_count(
    client: FlaskClient, claimant: Claimant, owner: Owner, ready: Any
) -> None:
    mine = ready(claimant)
    other = Claimant(client, a_case_naming(owner))
    theirs = other.ask("email_code").get_json()["id"]
    assert refused(claimant.answer(mine, code=code_of(theirs, 1)))
    assert refused(claimant.answer(mine, code=code_of(mine, 2)))
    assert refused(claimant.answer(mine, code=code_of(mine, kind="confirm_channel:email_code")))
    before = row_of(mine).tries
    assert refused(other.answer(mine, code=code_of(mine))), "the challenge of another case"
    assert row_of(mine).tries == before, "nobody spends another's tries"
    assert claimant.answer(mine, code=code_of(mine)).status_code == 200


def test_a_confirmation_code_is_no_evidence_and_an_identifying_one_confirms_nothing(
    claimant: Claimant, ready: Any, clock: Any, run_jobs: Any, mails: Any
) -> None:
    confirming = service.start_confirmation(claimant.case.id, kind="email_code", address="fresh@example.net")
    wanted = confirming.id
    identifying = ready(claimant)
    assert {mail["To"] for mail in mails()} >= {"fresh@example.net"}
    assert refused(claimant.answer(str(wanted), code=code_of(str(wanted))))
    assert row_of(str(wanted)).tries == 0
    assert (
        service.answer_confirmation(claimant.case.id, identifying, code_of(identifying))
        is service.CodeAnswer.INVALID
    )
    assert (
        service.answer_confirmation(claimant.case.id, wanted, code_of(str(wanted))) is service.CodeAnswer.ACCEPTED
    )
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EvidenceItem)) == 0


def test_a_code_sent_before_the_account_changed_is_dead(claimant: Claimant, owner: Owner, ready: Any) -> None:
    challenge = ready(claimant)
    row = db.session.get(Challenge, challenge)
    assert row is not None
    assert row.account_version == accounts.get_account(owner.id).version
    row.account_version -= 1
    db.session.commit()
    assert refused(claimant.answer(challenge, code=code_of(challenge)))


def test_a_code_that_was_never_sent_cannot_be_answered(client: FlaskClient, ready: Any, clock: Any) -> None:
    nobody = Claimant(client, a_case_naming(None))
    challenge = ready(nobody)
    assert nobody.look(challenge).get_json()["state"] == "ready"
    assert refused(nobody.answer(challenge, code=code_of(challenge, 0)))
    again = ready(nobody)
    for number in (1, 2):
        assert refused(nobody.answer(again, code=code_of(challenge, number)))


def test_twenty_wrong_codes_over_all_cases_close_every_case_of_the_account(
    client: FlaskClient, owner: Owner, ready: Any, clock: Any
) -> None:
    flows = [Claimant(client, a_case_naming(owner)) for _ in range(6)]
    at = business.now()
    compared = 0
    for flow in flows:
        challenge = ready(flow)
        for _ in range(5):
            assert refused(flow.answer(challenge, code=WRONG))
    key = tickets.get_ticket(flows[0].case.id).budget_key
    assert key is not None
    compared = used(key, WRONG_CODES, at=at)
    assert compared == 20
    clock.move(hours=25)
    late = Claimant(client, a_case_naming(owner))
    challenge = ready(late)
    assert refused(late.answer(challenge, code=code_of(challenge))), "right, but the budget is spent"
    clock.move(days=30)
    fresh = Claimant(client, a_case_naming(owner))
    challenge = ready(fresh)
    assert fresh.answer(challenge, code=code_of(challenge)).status_code == 200


def test_right_codes_cost_no_budget(client: FlaskClient, owner: Owner, ready: Any, claimant: Claimant) -> None:
    challenge = ready(claimant)
    assert claimant.answer(challenge, code=code_of(challenge)).status_code == 200
    key = tickets.get_ticket(claimant.case.id).budget_key
    assert key is not None
    assert used(key, WRONG_CODES, at=business.now()) == 0


def test_a_right_code_of_another_group_opens_a_reserve_for_its_ticket_alone(
    client: FlaskClient, owner: Owner, claimant: Claimant, ready: Any, clock: Any
) -> None:
    proved = ready(claimant, "sms_code")
    assert claimant.answer(proved, code=code_of(proved)).status_code == 200
    stranger = Claimant(client, a_case_naming(owner))
    for _ in range(4):
        challenge = ready(stranger)
        for _ in range(5):
            stranger.answer(challenge, code=WRONG)
    clock.move(hours=25)
    mine = ready(claimant)
    assert refused(claimant.answer(mine, code=WRONG))
    assert claimant.answer(mine, code=code_of(mine)).status_code == 200
    clock.move(hours=25)
    theirs = ready(stranger)
    assert row_of(theirs).send_number == 1
    assert refused(stranger.answer(theirs, code=code_of(theirs))), "the reserve is not the stranger's"


def test_an_address_gets_three_codes_an_hour_and_five_a_day_whoever_asks(
    client: FlaskClient, owner: Owner, ready: Any, clock: Any, mails: Any
) -> None:
    for _ in range(6):
        ready(Claimant(client, a_case_naming(owner)))
        clock.move(seconds=61)
    assert len(mails()) == 3
    for _ in range(6):
        clock.move(hours=1)
        ready(Claimant(client, a_case_naming(owner)))
    assert len(mails()) == 5
    for _ in range(12):
        clock.move(hours=13)
        ready(Claimant(client, a_case_naming(owner)))
    assert len(mails()) == 10


def test_a_refused_sending_leaves_the_code_before_it_in_force(
    client: FlaskClient, owner: Owner, claimant: Claimant, ready: Any, clock: Any
) -> None:
    for _ in range(2):
        ready(Claimant(client, a_case_naming(owner)))
        clock.move(seconds=61)
    challenge = ready(claimant)
    code = code_of(challenge)
    clock.move(seconds=61)
    assert ready(claimant) == challenge
    assert claimant.answer(challenge, code=code).status_code == 200


def test_a_refused_sending_does_not_lengthen_the_life_of_the_code_before_it(
    client: FlaskClient, owner: Owner, claimant: Claimant, ready: Any, clock: Any
) -> None:
    for _ in range(2):
        ready(Claimant(client, a_case_naming(owner)))
        clock.move(seconds=61)
    challenge = ready(claimant)
    code = code_of(challenge)
    clock.move(minutes=9)
    assert ready(claimant) == challenge
    clock.move(minutes=1)
    assert claimant.look(challenge).get_json()["state"] == "ready"
    assert refused(claimant.answer(challenge, code=code))


def test_an_unconfirmed_or_former_channel_gets_no_codes(
    claimant: Claimant, owner: Owner, ready: Any, texts: Any
) -> None:
    channel = db.session.scalars(
        sa.select(CustomerChannel).where(CustomerChannel.account_id == owner.id, CustomerChannel.kind == "phone")
    ).one()
    channel.confirmed_at = None
    db.session.commit()
    ready(claimant, "sms_code")
    assert texts() == []


def test_sms_goes_to_japanese_mobile_numbers_only(client: FlaskClient, ready: Any, texts: Any, clock: Any) -> None:
    for phone in ("+81312345678", None):
        owner = an_owner(phone=phone)
        db.session.commit()
        challenge = ready(Claimant(client, a_case_naming(owner)), "sms_code")
        row = db.session.get(Challenge, challenge)
        assert row is not None
        assert row.send_number == 0
    assert texts() == []


def test_a_contested_account_gets_no_codes(
    claimant: Claimant, owner: Owner, ready: Any, mails: Any, db_session: Any
) -> None:
    service.mark_contested(owner.id, ticket_id=claimant.case.id, why="stopped")
    db_session.commit()
    ready(claimant)
    assert mails() == []
    service.settle_contested(owner.id)
    db_session.commit()


def test_no_code_lies_in_the_database(claimant: Claimant, ready: Any) -> None:
    challenge = ready(claimant)
    code = code_of(challenge)
    tables = db.session.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        rows = db.session.scalars(sa.text(f'SELECT t::text FROM "{table}" AS t')).all()
        assert not [row for row in rows if code in row or f"{code[:4]}-{code[4:]}" in row], table
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OutgoingMessage)) == 1


def test_the_kinds_of_a_claimant_are_those_offered(claimant: Claimant) -> None:
    assert claimant.ask("spoken_code").status_code == 422
    assert claimant.ask("id_mail").status_code == 422
    offered = {"email_code", "sms_code", "letter_code", "recovery_code", "totp", "order_recall", "order_quiz"}
    assert set(claimant.see().get_json()["offered"]) == offered
    assert {ChallengeKind(kind) for kind in claimant.see().get_json()["offered"]}
    assert ChallengePurpose.IDENTIFY == "identify"


@pytest.mark.parametrize(
    "body",
    [{}, {"code": "A", "orders": [{}]}, {"code": ["A"]}, {"code": None}, {"orders": []}, {"orders": [{}] * 4}],
)
def test_an_answer_is_a_code_or_orders(claimant: Claimant, ready: Any, body: dict[str, Any]) -> None:
    challenge = ready(claimant)
    answer = claimant.answer(challenge, **body)
    assert answer.status_code == 422
    assert answer.get_json()["code"] != "invalid_code"
