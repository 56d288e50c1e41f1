"""Whatever state the claimed account is in, a stranger gets the same answers, SQL and mails as for nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support_desk.accounts import recovery_codes_service
from support_desk.accounts import service as accounts
from support_desk.accounts.models import Customer
from support_desk.accounts.own_proof_models import Authenticator
from support_desk.core import clock as business
from support_desk.core.budgets import Rule, spend
from support_desk.core.db import db
from support_desk.core.japan import normalise_email, normalise_phone
from support_desk.core.secrets import blind_index, mac
from support_desk.intake.limits import PER_IDENTIFIER
from support_desk.verification import service as verification
from support_desk.verification.codes import RECALL_MONTH, SENDS, WRONG_CODES
from tests.accounts.factories import an_account, an_order
from tests.callbacks.bookings import a_colleague
from tests.intake.forms import a_form
from tests.intake.sameness import Answer, masked
from tests.statements import Statements

PASSWORD = "七つの海を渡る青い船"
WRONG = {
    "email_code": {"code": "ABCD-2345"},
    "sms_code": {"code": "1234-5678"},
    "letter_code": {"code": "ABCDE-23456-7"},
    "recovery_code": {"code": "ABCD-2345-EFGH-6789"},
    "totp": {"code": "123456"},
    "order_recall": {"orders": [{"item": "青い水筒", "date": "2026-03-01", "amount_yen": 2000}]},
}
NEW = {"new_password": "静かな夜に遠くの汽笛を聞く", "new_email": "mine.now@example.net"}
STEPS = {
    "set_password": {"new_password": NEW["new_password"]},
    "replace_email": {"new_email": NEW["new_email"]},
    "lift_restrictions": {},
    "erase_everything": {},
}


@dataclass(frozen=True)
class Person:
    """Whom a stranger claims to be; nobody has an account where `id` is None."""

    id: UUID | None
    email: str = "owner.of.it@example.jp"
    phone: str = "+818012345678"
    postal_code: str = "1500001"


def _existing(**override: Any) -> Person:
    person = Person(None)
    orders = [an_order(number) for number in (1, 2, 3)]
    line = {
        "emails": [person.email],
        "phone_e164": person.phone,
        "postal_code": person.postal_code,
        "gift_balance_yen": 38_200,
        "points": 1_200,
        "orders": orders,
        **override,
    }
    return Person(an_account(password=PASSWORD, **line))


def _with(**columns: Any) -> Person:
    person = _existing()
    customer = db.session.get_one(Customer, person.id)
    for name, value in columns.items():
        setattr(customer, name, value)
    return person


def _spent(key: bytes, *rules: Rule) -> None:
    for rule in rules:
        while spend(key, rule, at=business.now()):
            pass


def _locked() -> Person:
    person = _existing()
    assert person.id is not None
    _spent(verification.account_budget_key(person.id), WRONG_CODES, RECALL_MONTH)
    return person


def _capped() -> Person:
    person = _existing()
    _spent(mac("verification-sends", "email", normalise_email(person.email)), *SENDS[1:])
    _spent(mac("verification-sends", "phone", normalise_phone(person.phone)), *SENDS[1:])
    return person


def _over_budget(person: Person) -> Person:
    _spent(blind_index("email", normalise_email(person.email) or ""), *PER_IDENTIFIER)
    return person


def _contested() -> Person:
    person = _existing()
    assert person.id is not None
    verification.mark_contested(person.id, ticket_id=None, why="stopped")
    return person


def _restricted() -> Person:
    person = _existing()
    assert person.id is not None
    accounts.restrict(person.id, parts={"spend", "change"}, key="test")
    return person


def _with_own_proofs() -> Person:
    person = _with(two_step=True)
    assert person.id is not None
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    db.session.add(Authenticator(account_id=person.id, secret=secret, confirmed_at=business.now()))
    recovery_codes_service.make_recovery_codes(person.id)
    return person


def _of_a_household() -> Person:
    person = _existing()
    an_account(postal_code=person.postal_code, name="山田 一郎")
    return person


STATES: dict[str, Callable[[], Person]] = {
    "existing": _existing,
    "locked": _locked,
    "capped": _capped,
    "2-step": lambda: _with(two_step=True),
    "saved codes and an app": _with_own_proofs,
    "closed": lambda: _with(closed_at=business.now() - timedelta(days=1)),
    "suspended": lambda: _with(suspended_at=business.now()),
    "without orders": lambda: _existing(orders=[]),
    "one order": lambda: _existing(orders=[an_order()]),
    "contested": _contested,
    "restricted": _restricted,
    "no phone": lambda: _existing(phone_e164=None),
    "registered yesterday": lambda: _existing(registered_at="2026-11-24T10:00:00+09:00"),
    "over budget": lambda: _over_budget(_existing()),
    "unknown, over budget": lambda: _over_budget(Person(None)),
    "household": _of_a_household,
}


@dataclass
class Stranger:
    """Somebody without a right code, who writes down every answer with the SQL it took."""

    client: FlaskClient
    seen: list[tuple[str, Answer, list[str]]] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One request, noted."""
        # What the test itself has pending is written before the statements are listened to.
        db.session.commit()
        with Statements(db.session.connection().engine) as noted:
            answer = self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)
        label = f"{len(self.seen)}: {method} {re.sub('SD-[^/]+|[0-9a-f-]{36}', '…', path)}"
        self.seen.append((label, masked(answer), noted.texts))
        return answer


@pytest.fixture
def undone(db_session: Any) -> Callable[[], Any]:
    """Stretches of work after which the database is as it was before."""

    @contextmanager
    def stretch() -> Iterator[None]:
        db.session.commit()
        before = db.engines[None].begin_nested()  # type: ignore[attr-defined]
        try:
            yield
        finally:
            db.session.remove()
            before.rollback()

    return stretch


@dataclass
class Stage:
    """What a walk needs."""

    client: FlaskClient
    clock: Any
    run_jobs: Callable[[], int]
    mails: Callable[[], list[Any]]

    def later(self, **amount: float) -> None:
        """Time passes and the worker works."""
        self.clock.move(**amount)
        self.run_jobs()


@pytest.fixture
def stage(client: FlaskClient, clock: Any, run_jobs: Any, mails: Any) -> Stage:
    a_colleague()
    return Stage(client, clock, run_jobs, mails)


def _case(stage: Stage, person: Person) -> Stranger:
    """Everything that a claimant without a right code can do with a case."""
    stranger = Stranger(stage.client)
    claimed = {"email": person.email, "phone": person.phone, "postal_code": person.postal_code}
    contact = {"name": "小野寺 実", "name_kana": "オノデラ ミノル", "email": "stranger@example.net"}
    call = {"asap": True, "number": {"kind": "on_file"}, "consent": True}
    form = a_form(contact=contact, claimed=claimed, callback=call)
    opened = stranger.call("POST", "/tickets", form, **{"Idempotency-Key": "the form"}).get_json()
    bearer = {"Authorization": f"Bearer {opened['access_token']}"}
    root = f"/tickets/{opened['reference']}"

    def look() -> None:
        for path in ("", "/verification", "/restoration"):
            stranger.call("GET", root + path, **bearer)

    look()
    stage.later(seconds=1)
    look()
    booked = stranger.call("GET", root, **bearer).get_json()["callback"]
    assert booked, "a call to the number on file is promised to everybody"
    stranger.call("GET", f"{root}/callbacks/{booked['id']}", **bearer)
    stranger.call("DELETE", f"{root}/callbacks/{booked['id']}", **bearer)
    again = {"asap": True, "number": {"kind": "on_file"}, "consent": True}
    second = stranger.call("POST", f"{root}/callbacks", again, **bearer, **{"Idempotency-Key": "again"}).get_json()
    stranger.call("DELETE", f"{root}/callbacks/{second['id']}", **bearer)
    for kind, wrong in WRONG.items():
        challenge = stranger.call("POST", f"{root}/challenges", {"kind": kind}, **bearer).get_json()["id"]
        place = f"{root}/challenges/{challenge}"

        def answer(times: int, place: str = place, wrong: Any = wrong) -> None:
            for _ in range(times):
                stranger.call("POST", f"{place}/answer", wrong, **bearer)
                stranger.call("GET", place, **bearer)

        answer(1 if kind != "order_recall" else 0)
        stage.later(seconds=3)
        answer(3)
        stage.later(seconds=61)
        stranger.call("POST", f"{root}/challenges", {"kind": kind}, **bearer)
        stage.later(seconds=3)
        answer(4)
        stage.later(minutes=11)
        answer(1)
        stranger.call("POST", f"{root}/challenges", {"kind": kind}, **bearer)
        stage.later(seconds=3)
        look()
    for step, body in STEPS.items():
        stranger.call("POST", f"{root}/restoration/actions/{step}", body, **bearer)
        confirmation = f"{root}/restoration/actions/{step}/confirmation"
        stranger.call("POST", confirmation, {"code": "ABCD-2345"}, **bearer)
    stranger.call("POST", f"{root}/messages", {"body": "まだ入れません。"}, **bearer)
    stage.later(hours=80)
    look()
    link = {"reference": opened["reference"], "contact": person.email}
    stranger.call("POST", "/case-links", link)
    stage.run_jobs()
    return stranger


def _reset(stage: Stage, person: Person) -> Stranger:
    """The password assistant, by e-mail and by phone, without a right code."""
    stranger = Stranger(stage.client)
    for identifier in (person.email, person.phone):
        root = "/password-resets"
        root += "/" + stranger.call("POST", root, {"identifier": identifier}).get_json()["id"]

        def wrong(times: int, root: str = root) -> None:
            for _ in range(times):
                stranger.call("POST", f"{root}/code", {"code": "ABCD-2345"})

        wrong(1)
        stage.later(seconds=3)
        wrong(2)
        stranger.call("POST", f"{root}/postal-code", {"postal_code": person.postal_code})
        wrong(1)
        stage.later(seconds=3)
        wrong(6)
        body = {"reset_token": "x" * 43, "new_password": NEW["new_password"]}
        stranger.call("POST", f"{root}/password", body)
    return stranger


def _sign_in(stage: Stage, person: Person) -> Stranger:
    """Wrong passwords, known and unknown addresses."""
    stranger = Stranger(stage.client)
    for identifier in (person.email, person.phone):
        for password in ("", "x", "八つの海を渡る青い船"):
            stranger.call("POST", "/account/sessions", {"identifier": identifier, "password": password})
    return stranger


WALKS = {"case": _case, "reset": _reset, "sign-in": _sign_in}
_of_nobody: dict[str, Any] = {}


def _seen(stage: Stage, undone: Callable[[], Any], walk: str, state: Callable[[], Person]) -> tuple[Any, Any]:
    """What a walk saw, and the mails that its stranger got."""
    start, before = stage.clock.at, len(stage.mails())
    with undone():
        stranger = WALKS[walk](stage, state())
    stage.clock.set(start)
    own = [mail for mail in stage.mails()[before:] if mail["To"] == "stranger@example.net"]
    words = [re.sub(r"SD-\S+", "…", f"{mail['Subject']}\n{mail.get_content()}") for mail in own]
    return stranger.seen, words


@pytest.mark.parametrize("walk", WALKS)
@pytest.mark.parametrize("state", STATES)
def test_a_stranger_sees_the_same_for_every_state_of_an_account_as_for_none(
    stage: Stage, undone: Callable[[], Any], walk: str, state: str
) -> None:
    if walk not in _of_nobody:
        _of_nobody[walk] = _seen(stage, undone, walk, lambda: Person(None))
    expected, expected_mails = _of_nobody[walk]
    found, mails = _seen(stage, undone, walk, STATES[state])
    for (label, answer, statements), (_, wanted, wanted_statements) in zip(found, expected, strict=True):
        assert answer == wanted, label
        assert statements == wanted_statements, label
    assert mails == expected_mails
    assert walk != "case" or len(mails) >= 3


@pytest.mark.parametrize("state", ["closed", "suspended"])
def test_even_the_right_password_says_nothing_of_an_account_that_may_not_sign_in(
    stage: Stage, undone: Callable[[], Any], state: str
) -> None:
    def tried(make: Callable[[], Person], password: str) -> Any:
        with undone():
            person = make()
            stranger = Stranger(stage.client)
            stranger.call("POST", "/account/sessions", {"identifier": person.email, "password": password})
        return stranger.seen

    assert tried(STATES[state], PASSWORD) == tried(lambda: Person(None), PASSWORD)
    assert tried(_existing, PASSWORD)[0][1][0] == 201, "elsewhere it is the right one"


def test_the_states_are_what_they_say(stage: Stage, undone: Callable[[], Any]) -> None:
    """Were a state not found by its claim, it would be equal for want of an account."""
    for name, make in STATES.items():
        with undone():
            person = make()
            named = accounts.find_matches(emails=[person.email], postal_codes=[person.postal_code])
            whole = {match.kind for match in named if match.account_id == person.id}
            expected = {"email", "postal_code"} if name not in ("closed", "unknown, over budget") else set()
            assert whole == expected, name
