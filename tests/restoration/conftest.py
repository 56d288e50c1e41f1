"""A claimant who can prove things, and an owner who watches."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from support_desk.accounts import service as accounts
from support_desk.core.codes import derive_code
from support_desk.core.db import db
from support_desk.core.secrets import derive_token
from support_desk.restoration.models import RestorationAction
from support_desk.restoration.notices import STOP
from support_desk.verification.codes import code_reference
from support_desk.verification.models import Challenge
from tests.verification.owners import Claimant, Owner, a_case_naming, an_owner

PASSWORD = "窓の外では静かに雪が降っている"
NEW_EMAIL = "a.new.mailbox@example.net"


class Play:
    """Both sides of one case: the claimant over HTTP, the owner by what is in the directory."""

    def __init__(
        self, client: FlaskClient, owner: Owner, clock: Any, run_jobs: Callable[[], int], issue: str
    ) -> None:
        self.client, self.owner, self.clock, self.jobs = client, owner, clock, run_jobs
        self.claimant = Claimant(client, a_case_naming(owner, issue=issue))
        self.jobs()

    def prove(self, kind: str) -> None:
        """Pass a challenge as somebody who reads that channel, or knows the orders."""
        challenge_id = self.claimant.ask(kind).get_json()["id"]
        self.clock.move(seconds=2)
        self.jobs()
        if kind == "order_recall":
            answer = self.claimant.answer(challenge_id, orders=self.owner.recalled())
        else:
            answer = self.claimant.answer(challenge_id, code=self._code(challenge_id))
        assert answer.status_code == 200, answer.text
        self.jobs()

    def _code(self, challenge_id: str) -> str:
        row = db.session.get(Challenge, challenge_id, populate_existing=True)
        assert row is not None
        return derive_code(
            **code_reference(row.kind, row.purpose, row.ticket_id, row.id, row.send_number)  # type: ignore[arg-type]
        )

    def step(self, action: str, **body: Any) -> TestResponse:
        """Ask for a step."""
        path = f"{self.claimant.base}/restoration/actions/{action}"
        return self.client.post(path, json=body, headers=self.claimant.case.headers)

    def set_password(self, password: str = PASSWORD) -> TestResponse:
        """Ask for a new password."""
        return self.step("set_password", new_password=password)

    def ask_new_email(self, address: str = NEW_EMAIL) -> TestResponse:
        """Ask for a new e-mail and let its code be sent."""
        answer = self.step("replace_email", new_email=address)
        self.clock.move(seconds=2)
        self.jobs()
        return answer

    def confirm_new_email(self, code: str | None = None) -> TestResponse:
        """Confirm the new e-mail by its code."""
        action = self.action("replace_email")
        path = f"{self.claimant.base}/restoration/actions/replace_email/confirmation"
        body = {"code": code or self._code(str(action.challenge_id))}
        return self.client.post(path, json=body, headers=self.claimant.case.headers)

    def action(self, name: str) -> RestorationAction:
        """The newest action of this name."""
        rows = db.session.query(RestorationAction).filter_by(action=name)
        row = rows.order_by(RestorationAction.id.desc()).populate_existing().first()
        assert row is not None
        return row

    def plan(self) -> dict[str, Any]:
        """The plan as the claimant sees it."""
        path = f"{self.claimant.base}/restoration"
        return dict(self.client.get(path, headers=self.claimant.case.headers).get_json())

    def parts(self) -> set[str]:
        """What is restricted."""
        return {each.part for each in accounts.restrictions(self.owner.id)}

    def stop_link(self, name: str) -> str:
        """The token of the stop link in the notices of an action."""
        return derive_token(STOP, self.action(name).id)

    def pass_time(self, **amount: float) -> None:
        """Let time pass, and the jobs that fall due."""
        self.clock.move(**amount)
        self.jobs()


@pytest.fixture
def play(client: FlaskClient, db_session: Any, clock: Any, run_jobs: Callable[[], int]) -> Callable[..., Play]:
    """Start a case about an owner: `play(gift_balance_yen=…)`."""

    def start(*, issue: str = "forgot_password", **account: Any) -> Play:
        clock.set(datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
        owner = an_owner(**{"gift_balance_yen": 3_000, "points": 412, **account})
        db_session.commit()
        return Play(client, owner, clock, run_jobs, issue)

    return start


@pytest.fixture
def stop_links(mails: Any, texts: Any) -> Callable[[], list[str]]:
    """Every stop link that was sent, in mails and SMS."""

    def read() -> list[str]:
        bodies = [mail.get_body(("plain",)).get_content() for mail in mails()] + [each["text"] for each in texts()]
        return [token for body in bodies for token in re.findall(r"/stop/([A-Za-z0-9_-]{43})", body)]

    return read
