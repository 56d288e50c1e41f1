"""Letters, attacked: to an old address alone, once in 14 days, and never kept from the owner by a stranger."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.accounts.models import Customer, CustomerAddress
from support_desk.core import settings
from support_desk.core.codes import check_character
from support_desk.core.db import db
from support_desk.notifications.gateways import OutgoingLetter, letter_gateway
from support_desk.notifications.letter_paper import Letter, Recipient
from support_desk.notifications.models import OutgoingMessage
from support_desk.verification import service
from support_desk.verification.models import Challenge, EvidenceItem, PostedLetter
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner

CODE = re.compile(r"^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}$")
# As the sheet writes its strings: UTF-16, big-endian, special bytes escaped.
_STRING = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.S)


def words_of(sheet: Path) -> list[str]:
    """The lines of a PDF as they were drawn."""
    found = []
    for raw in _STRING.findall(sheet.read_bytes()):
        plain = re.sub(
            rb"\\([0-7]{3}|.)",
            lambda m: bytes([int(m[1], 8)]) if len(m[1]) == 3 else {b"n": b"\n", b"r": b"\r"}.get(m[1], m[1]),
            raw,
            flags=re.S,
        )
        found.append(plain.decode("utf-16-be"))
    return found


@pytest.fixture
def letters(outgoing: Path) -> Callable[[], list[list[str]]]:
    """The lines of each letter in the print queue."""
    return lambda: [words_of(sheet) for sheet in sorted((outgoing / "letters").glob("*.pdf"))]


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    found = an_owner()
    db_session.commit()
    return found


@pytest.fixture
def ask(client: FlaskClient, clock: Any, run_jobs: Callable[[], int]) -> Callable[..., tuple[Claimant, str]]:
    """Ask for a letter in a case of its own and wait until it is in the queue."""

    def start(owner: Owner | None, claimant: Claimant | None = None) -> tuple[Claimant, str]:
        claimant = claimant or Claimant(client, a_case_naming(owner))
        started = claimant.ask("letter_code")
        assert started.status_code == 201, started.text
        clock.move(seconds=2)
        run_jobs()
        return claimant, started.get_json()["id"]

    return start


def code_on(lines: list[str]) -> str:
    [code] = [line for line in lines if CODE.match(line)]
    return code


def refused(answer: Any) -> bool:
    return answer.status_code == 422 and answer.get_json()["code"] == "invalid_code"


def test_a_letter_goes_to_the_registered_address_and_its_code_becomes_evidence(
    owner: Owner, ask: Any, letters: Any, outgoing: Path
) -> None:
    claimant, challenge = ask(owner)
    [lines] = letters()
    assert lines[0] == f"〒{owner.postal_code[:3]}-{owner.postal_code[3:]}"
    assert lines[1].startswith("東京都千代田区千代田2-")
    assert "森 あおい 様" in lines
    code = code_on(lines)
    plain = code.replace("-", "")
    assert check_character(plain[:10]) == plain[10]
    [table] = (outgoing / "letters").glob("*.csv")
    [row] = csv.DictReader(table.read_text().splitlines())
    assert (row["file"], row["postal_code"], row["pages"]) == (f"{row['letter_id']}.pdf", owner.postal_code, "1")
    assert code not in table.read_text()
    assert claimant.answer(challenge, code=code.lower()).get_json() == {"state": "accepted"}
    [item] = db.session.scalars(sa.select(EvidenceItem))
    assert (item.evidence_group, item.kind) == ("POST", "letter_code")
    assert item.channel_since is not None
    assert refused(claimant.answer(challenge, code=code)), "a code is used once"


def test_a_letter_is_printed_once_however_often_its_job_runs(
    owner: Owner, ask: Any, letters: Any, outgoing: Path, run_jobs: Any, db_session: Any
) -> None:
    ask(owner)
    [sheet] = (outgoing / "letters").glob("*.pdf")
    first = sheet.read_bytes()
    message = db.session.scalars(sa.select(OutgoingMessage).where(OutgoingMessage.channel == "letter")).one()
    assert (message.state, message.template_values) == ("sent", None)
    gateway = letter_gateway(settings.current().letters_dir, "Asia/Tokyo")
    again = OutgoingLetter(
        "again",
        Letter(Recipient("1000001", "東京都", "森"), "件名", "本文", "ja", "今日", "店"),
        message.created_at,
    )
    gateway.send(again)
    once = (outgoing / "letters" / "again.pdf").read_bytes()
    gateway.send(again)
    assert (outgoing / "letters" / "again.pdf").read_bytes() == once, "the same bytes"
    [table] = (outgoing / "letters").glob("*.csv")
    assert [row["letter_id"] for row in csv.DictReader(table.read_text().splitlines())].count("again") == 1
    assert sheet.read_bytes() == first


@pytest.mark.parametrize(("days", "count"), [(89, 0), (91, 1)])
def test_an_address_must_have_been_registered_for_ninety_days(
    owner: Owner, ask: Any, letters: Any, clock: Any, days: int, count: int
) -> None:
    home = db.session.scalars(sa.select(CustomerAddress).where(CustomerAddress.account_id == owner.id)).one()
    home.since = clock.at - timedelta(days=days)
    db.session.commit()
    claimant, challenge = ask(owner)
    assert len(letters()) == count
    assert claimant.look(challenge).get_json()["state"] == "ready", "the same for everybody"


def test_a_left_address_and_an_account_in_dispute_get_no_letter(
    owner: Owner, ask: Any, letters: Any, db_session: Any
) -> None:
    home = db.session.scalars(sa.select(CustomerAddress).where(CustomerAddress.account_id == owner.id)).one()
    home.is_current, home.left_at = False, home.since + timedelta(days=200)
    other = an_owner()
    service.mark_contested(other.id, ticket_id=None, why="stopped")
    db_session.commit()
    ask(owner)
    ask(other)
    assert letters() == []
    service.settle_contested(other.id)
    db_session.commit()


def test_an_account_gets_one_letter_in_fourteen_days_whoever_asks(
    owner: Owner, ask: Any, letters: Any, clock: Any
) -> None:
    first, _ = ask(owner)
    for _ in range(4):
        clock.move(hours=30)
        ask(owner)
        ask(owner, first)
    assert len(letters()) == 1
    clock.move(days=10)
    ask(owner)
    assert len(letters()) == 2


def test_a_stranger_who_asked_first_does_not_keep_the_letter_from_the_owner(
    owner: Owner, ask: Any, letters: Any, clock: Any
) -> None:
    stranger, theirs = ask(owner)
    clock.move(days=1)
    mine, challenge = ask(owner)
    for _ in range(6):
        assert refused(stranger.answer(theirs, code="0000-0000-000"))
    [lines] = letters()
    assert mine.answer(challenge, code=code_on(lines)).status_code == 200
    assert refused(stranger.answer(theirs, code=code_on(lines))), "and nobody else uses it after"
    shown = db.session.scalars(sa.select(EvidenceItem.ticket_id)).all()
    assert shown == [mine.case.id]


def test_a_letters_code_counts_although_strangers_spent_every_budget(
    client: FlaskClient, owner: Owner, ask: Any, letters: Any, clock: Any, run_jobs: Any
) -> None:
    for _ in range(5):
        stranger = Claimant(client, a_case_naming(owner))
        for kind in ("email_code", "sms_code"):
            challenge = stranger.ask(kind).get_json()["id"]
            clock.move(seconds=61)
            run_jobs()
            for _ in range(5):
                stranger.answer(challenge, code="0000-0000")
    mine, challenge = ask(owner)
    [lines] = letters()
    for _ in range(4):
        assert refused(mine.answer(challenge, code="0000-0000-000"))
    assert mine.answer(challenge, code=code_on(lines)).status_code == 200


def test_five_wrong_letter_codes_end_the_letter_for_that_case(
    owner: Owner, ask: Any, letters: Any, clock: Any
) -> None:
    mine, challenge = ask(owner)
    for _ in range(5):
        assert refused(mine.answer(challenge, code="0000-0000-000"))
    _, again = ask(owner, mine)
    assert again != challenge
    assert refused(mine.answer(again, code=code_on(letters()[0])))


@pytest.mark.parametrize(("days", "status"), [(20, 200), (21, 422)])
def test_a_letters_code_lives_twenty_one_days(
    owner: Owner, ask: Any, letters: Any, clock: Any, days: int, status: int
) -> None:
    claimant, challenge = ask(owner)
    clock.move(days=days)
    assert claimant.answer(challenge, code=code_on(letters()[0])).status_code == status


def test_the_code_of_another_account_or_challenge_does_not_count(
    client: FlaskClient, owner: Owner, ask: Any, letters: Any, db_session: Any, outgoing: Path
) -> None:
    other = an_owner()
    db_session.commit()
    ask(other)
    theirs = code_on(letters()[0])
    mine, challenge = ask(owner)
    assert refused(mine.answer(challenge, code=theirs))
    nobody, empty = ask(None)
    assert refused(nobody.answer(empty, code=theirs))
    mail = mine.ask("email_code").get_json()["id"]
    [own] = [code_on(lines) for lines in letters() if code_on(lines) != theirs]
    assert refused(mine.answer(mail, code=own))
    assert mine.answer(challenge, code=own).status_code == 200


def test_a_letter_posted_before_the_account_changed_is_dead(owner: Owner, ask: Any, letters: Any) -> None:
    claimant, challenge = ask(owner)
    customer = db.session.get_one(Customer, owner.id)
    customer.account_version += 1
    db.session.commit()
    assert refused(claimant.answer(challenge, code=code_on(letters()[0])))


def test_letters_tell_the_stranger_nothing(
    client: FlaskClient, owner: Owner, ask: Any, clock: Any, db_session: Any
) -> None:
    homeless = an_owner()
    db.session.execute(sa.delete(CustomerAddress).where(CustomerAddress.account_id == homeless.id))
    db_session.commit()
    start = clock.at
    seen = []
    for who in (owner, owner, homeless, None):
        clock.set(start)
        claimant, challenge = ask(who)
        answers = [claimant.answer(challenge, code="0000-0000-000") for _ in range(6)]
        looked = claimant.look(challenge).get_json()
        looked.pop("id")
        seen.append((looked, [(answer.status_code, answer.get_json()["title"]) for answer in answers]))
    assert all(each == seen[0] for each in seen)


def test_no_letter_code_and_no_address_lies_in_the_open(owner: Owner, ask: Any, letters: Any) -> None:
    ask(owner)
    code = code_on(letters()[0])
    tables = db.session.scalars(sa.text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        rows = db.session.scalars(sa.text(f'SELECT t::text FROM "{table}" AS t')).all()
        for text in (code, code.replace("-", ""), owner.postal_code, "千代田2-"):
            assert not [row for row in rows if text in row], (table, text)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(PostedLetter)) == 1
    assert db.session.scalar(sa.select(Challenge.expires_at)) > datetime.now().astimezone()
