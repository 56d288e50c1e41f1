"""Codes guessed from everywhere at once, over HTTP and against several web processes: the counters hold."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import requests

from support_desk.cli.programs import web_command
from support_desk.config import Settings, environ_with
from support_desk.core import clock as business
from support_desk.core.budgets import used
from support_desk.core.db import db, transaction
from support_desk.core.http import DeskFlask
from support_desk.outbox import runner
from support_desk.verification import service
from support_desk.verification.codes import TRIES, WRONG_CODES
from support_desk.verification.models import Challenge, ChallengeState
from tests.faults.harness import ROOT, await_true
from tests.journeys.desk import free_port
from tests.tickets.cases import Case
from tests.verification.owners import Owner, a_case_naming, an_owner
from tests.verification.test_codes import code_of

WEB_PROCESSES = 3


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/live", timeout=2).ok
    except requests.RequestException:
        return False


@contextmanager
def _serving(settings: Settings) -> Iterator[str]:
    """Several web processes on the test's database; yields the API's address."""
    environ = environ_with(
        SUPPORT_DESK_DATABASE_URL=settings.database_url,
        SUPPORT_DESK_REDIS_URL=settings.redis_url,
        SUPPORT_DESK_SECRET_KEY=settings.secret_key,
        SUPPORT_DESK_VAR=str(settings.var),
        SUPPORT_DESK_LOG_LEVEL="ERROR",
    )
    web = subprocess.Popen(
        web_command(settings, processes=WEB_PROCESSES), cwd=ROOT, env=environ, start_new_session=True
    )
    try:
        await_true(lambda: _answers(settings.port), 30, "the web to answer")
        yield f"http://127.0.0.1:{settings.port}/api/v1"
    finally:
        web.terminate()
        web.wait(timeout=15)


@pytest.fixture
def api(real_db: DeskFlask, make_settings: Callable[..., Settings]) -> Iterator[str]:
    url = real_db.config["SETTINGS"].database_url
    with _serving(make_settings(database_url=url, port=free_port())) as address:
        yield address


def _code_sent(case: Case) -> UUID:
    """A challenge of this case, as ready as the worker makes it."""
    with transaction():
        challenge_id = service.start_challenge(case.id, "email_code").id
    soon = business.now() + timedelta(seconds=3)
    while runner.run_due(at=soon):
        pass
    return challenge_id


def _tried(api: str, case: Case, challenge_id: UUID, code: str) -> int:
    path = f"{api}/tickets/{case.reference}/challenges/{challenge_id}/answer"
    return requests.post(path, json={"code": code}, headers=case.headers, timeout=30).status_code


def _challenge(challenge_id: UUID) -> Challenge:
    row = db.session.get(Challenge, challenge_id, populate_existing=True)
    assert row is not None
    return row


def _wrong_codes(owner: Owner) -> int:
    return used(service.account_budget_key(owner.id), WRONG_CODES, at=business.now())


@pytest.mark.chaos
def test_of_two_hundred_guesses_at_once_five_are_compared_and_the_right_code_is_dead(
    real_db: DeskFlask, api: str
) -> None:
    with real_db.app_context():
        owner = an_owner()
        case = a_case_naming(owner)
        challenge_id = _code_sent(case)
        code = code_of(str(challenge_id))
        db.session.remove()
        begun = time.monotonic()
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(lambda number: _tried(api, case, challenge_id, f"{number:08d}"), range(200)))
        assert time.monotonic() - begun < 60
        assert set(answers) == {422}
        row = _challenge(challenge_id)
        assert (row.tries, row.state) == (TRIES, ChallengeState.DEAD)
        assert _wrong_codes(owner) == WRONG_CODES.limit
        db.session.remove()
        assert _tried(api, case, challenge_id, code) == 422
        assert _challenge(challenge_id).state is ChallengeState.DEAD


@pytest.mark.chaos
def test_of_fifty_flows_with_five_guesses_each_twenty_count_in_all(real_db: DeskFlask, api: str) -> None:
    with real_db.app_context():
        owner = an_owner()
        cases = [a_case_naming(owner) for _ in range(50)]
        flows: list[tuple[Case, UUID]] = [(case, _code_sent(case)) for case in cases]
        code = code_of(str(flows[0][1]))
        db.session.remove()

        def guess(number: int) -> Any:
            case, challenge_id = flows[number % len(flows)]
            return _tried(api, case, challenge_id, f"{number:08d}")

        # The first flow keeps four of its five tries, for the code that was sent to it.
        with ThreadPoolExecutor(32) as pool:
            answers = list(pool.map(guess, [number for number in range(250) if number % 50 or number == 0]))
        assert set(answers) == {422}
        assert _wrong_codes(owner) == WRONG_CODES.limit
        assert _challenge(flows[0][1]).state is ChallengeState.READY
        db.session.remove()
        assert _tried(api, *flows[0], code) == 422, "the account's budget is used up, whatever the flow"


@pytest.mark.chaos
def test_before_the_budget_is_used_up_the_right_code_is_accepted_once(real_db: DeskFlask, api: str) -> None:
    with real_db.app_context():
        case = a_case_naming(an_owner())
        challenge_id = _code_sent(case)
        code = code_of(str(challenge_id))
        db.session.remove()
        assert _tried(api, case, challenge_id, "00000000") == 422
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: _tried(api, case, challenge_id, code), range(8)))
        assert sorted(answers) == [200] + [422] * 7
