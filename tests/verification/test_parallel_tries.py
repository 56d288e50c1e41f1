"""Two hundred wrong answers at once, on real connections: five are compared, the rest are only counted."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from support_desk.core import clock as business
from support_desk.core.budgets import used
from support_desk.core.db import db, transaction
from support_desk.core.http import DeskFlask
from support_desk.outbox import runner
from support_desk.tickets import service as tickets
from support_desk.verification import codes_service, service
from support_desk.verification.codes import WRONG_CODES
from support_desk.verification.models import Challenge
from tests.verification.owners import a_case_naming, an_owner
from tests.verification.test_codes import code_of


def test_of_two_hundred_parallel_wrong_answers_at_most_five_are_compared(real_db: DeskFlask, clock: Any) -> None:
    with real_db.app_context():
        case = a_case_naming(an_owner())
        with transaction():
            challenge_id = service.start_challenge(case.id, "email_code").id
        clock.move(seconds=2)
        while runner.run_due():
            pass
        code = code_of(str(challenge_id))
        db.session.remove()

    def guess(number: int) -> str:
        with real_db.app_context(), transaction():
            return service.answer_code(case.id, challenge_id, f"{number:08d}")

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(200)))
    assert set(answers) == {service.CodeAnswer.INVALID}
    with real_db.app_context():
        row = db.session.get(Challenge, challenge_id)
        assert row is not None
        assert (row.tries, row.state) == (5, "dead")
        key = tickets.get_ticket(case.id).budget_key
        assert key is not None
        assert used(key, WRONG_CODES, at=business.now()) == 20
        db.session.remove()
        with transaction():
            assert service.answer_code(case.id, challenge_id, code) is service.CodeAnswer.INVALID


def test_of_many_who_bring_the_right_code_at_once_one_is_accepted(real_db: DeskFlask, clock: Any) -> None:
    with real_db.app_context():
        case = a_case_naming(an_owner())
        with transaction():
            challenge_id = service.start_challenge(case.id, "email_code").id
        clock.move(seconds=2)
        while runner.run_due():
            pass
        code = code_of(str(challenge_id))
        db.session.remove()

    def bring(_: int) -> str:
        with real_db.app_context(), transaction():
            return service.answer_code(case.id, challenge_id, code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(bring, range(16)))
    assert answers.count(service.CodeAnswer.ACCEPTED) == 1


def test_the_budget_is_spent_before_anything_of_the_challenge_is_read(real_db: DeskFlask, clock: Any) -> None:
    with real_db.app_context():
        case = a_case_naming(an_owner())
        with transaction():
            challenge_id = service.start_challenge(case.id, "email_code").id
        statements: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
            statements.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            with transaction():
                codes_service.answer_code(case.id, challenge_id, "AAAA-AAAA")
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
    writing = [text for text in statements if re.match(r"\s*(INSERT|UPDATE)", text)]
    assert writing[0].startswith("INSERT INTO budgets")
    reading = [number for number, text in enumerate(statements) if "challenges" in text]
    assert statements.index(writing[0]) < min(reading)
