"""A whole desk under test: real engines, a web server, a worker, and a clock that restarts can shift."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from support_desk.cli.programs import web_command
from support_desk.config import Settings

ROOT = Path(__file__).resolve().parents[2]
WAIT_SECONDS = 30
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, look: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
    """The first true value of `look`; fails saying what never came."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"never came: {what}")


@dataclass
class Case:
    """A claimant's ticket over HTTP."""

    desk: Desk
    reference: str
    token: str

    def call(self, method: str, path: str = "", **options: Any) -> requests.Response:
        """A request with the ticket's token."""
        return self.desk.call(method, f"/tickets/{self.reference}{path}", token=self.token, **options)

    def start(self, kind: str) -> str:
        """Start a challenge and wait until it is ready; returns its id."""
        answer = self.call("POST", "/challenges", json={"kind": kind})
        assert answer.status_code == 201, answer.text
        challenge = answer.json()["id"]
        wait_for(
            f"{kind} ready",
            lambda: self.call("GET", f"/challenges/{challenge}").json()["state"] == "ready",
        )
        return str(challenge)

    def answer(self, challenge: str, **body: Any) -> requests.Response:
        """Answer a challenge."""
        return self.call("POST", f"/challenges/{challenge}/answer", json=body)

    def step(self, action: str, **body: Any) -> requests.Response:
        """Ask for a step of the restoration."""
        return self.call("POST", f"/restoration/actions/{action}", json=body)

    def step_when_proved(self, action: str, **body: Any) -> requests.Response:
        """The same, as soon as the worker has scored what was shown."""
        return wait_for(
            f"{action} allowed",
            lambda: answer if (answer := self.step(action, **body)).status_code != 403 else None,
        )


@dataclass
class Desk:
    """The desk's processes; `shift` moves business time for all of them."""

    environment: dict[str, str]
    var: Path
    port: int = field(default_factory=free_port)
    shift: timedelta = timedelta(0)
    web: subprocess.Popen[bytes] | None = None
    worker: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> str:
        """A command of `support-desk`; its output."""
        done = subprocess.run(
            [sys.executable, "-m", "support_desk", *command],
            env=self._environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def start(self) -> None:
        """Start web and worker, and wait until they are ready."""
        self.start_worker()
        settings = Settings.from_environ(self._environment())
        self.web = self._spawn(web_command(settings, processes=1), "web.log")
        wait_for("readiness", self._is_ready)

    def start_worker(self) -> None:
        """Start the worker alone."""
        self.worker = self._spawn([sys.executable, "worker.py", "--processes", "2"], "worker.log")

    def kill_worker(self) -> None:
        """kill -9 of the worker and all its children."""
        assert self.worker is not None
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def stop(self) -> None:
        """Stop web and worker; the engines stay."""
        for process in (self.web, self.worker):
            if process is not None and process.poll() is None:
                process.terminate()
        for process in (self.web, self.worker):
            if process is not None:
                process.wait(timeout=15)

    def go_to(self, at: datetime) -> None:
        """Restart everything at a later business time."""
        self.go(at - self.now())

    def go(self, amount: timedelta) -> None:
        """Restart everything this much later."""
        self.stop()
        self.shift += amount
        self.start()

    def now(self) -> datetime:
        """Business time."""
        return datetime.now(UTC) + self.shift

    def _environment(self) -> dict[str, str]:
        seconds = int(self.shift.total_seconds())
        shifted = {"SUPPORT_DESK_TIME_SHIFT": f"+{seconds}s"} if seconds else {}
        return {
            **self.environment,
            **shifted,
            "SUPPORT_DESK_PORT": str(self.port),
            "SUPPORT_DESK_VAR": str(self.var),
        }

    def _spawn(self, command: list[str], log: str) -> subprocess.Popen[bytes]:
        with (self.var / log).open("ab") as output:
            return subprocess.Popen(
                command,
                env=self._environment(),
                cwd=ROOT,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _is_ready(self) -> bool:
        assert self.web is not None
        assert self.web.poll() is None, (self.var / "web.log").read_text()[-3000:]
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/health/ready", timeout=5).status_code == 200
        except (requests.ConnectionError, requests.Timeout):
            return False

    def call(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **options: Any,
    ) -> requests.Response:
        """A request to the API."""
        sent = {"Accept-Language": "ja", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid4()))
        return requests.request(
            method, f"http://127.0.0.1:{self.port}/api/v1{path}", headers=sent, timeout=20, **options
        )

    def open_ticket(self, **body: Any) -> Case:
        """Open a ticket as anybody can."""
        answer = self.call("POST", "/tickets", json={"language": "ja", **body})
        assert answer.status_code == 201, answer.text
        return Case(self, answer.json()["reference"], answer.json()["access_token"])

    def mails(self, to: str) -> list[EmailMessage]:
        """The mails sent to an address, oldest first."""
        return [mail for mail in map(_read_mail, self._captured("mail", "*.eml")) if mail["To"] == to]

    def texts(self, to: str) -> list[str]:
        """The SMS sent to a number, oldest first."""
        sent = [json.loads(file.read_text("utf-8")) for file in self._captured("sms", "*.json")]
        return [sms["text"] for sms in sent if sms["to"] == to]

    def _captured(self, folder: str, pattern: str) -> list[Path]:
        files = (self.var / "outgoing" / folder).glob(pattern)
        return sorted(files, key=lambda file: file.stat().st_mtime_ns)

    def code_by_mail(self, to: str, *, after: int = 0) -> str:
        """The code in the newest mail to an address, once more than `after` have come."""
        return wait_for(
            f"a code mailed to {to}", lambda: next(filter(None, map(_code, self._bodies(to)[after:][::-1])), None)
        )

    def code_by_text(self, to: str, *, after: int = 0) -> str:
        """The code in the newest SMS to a number, once more than `after` have come."""
        return wait_for(
            f"a code sent to {to}", lambda: next(filter(None, map(_code, self.texts(to)[after:][::-1])), None)
        )

    def mail_to(self, address: str) -> str:
        """The plain text of the newest mail to an address, once there is one."""
        return str(wait_for(f"a mail to {address}", lambda: (self._bodies(address) or [""])[-1]))

    def _bodies(self, to: str) -> list[str]:
        return [body_of(mail) for mail in self.mails(to)]

    def sign_in(self, identifier: str, password: str) -> requests.Response:
        """Sign a customer in."""
        return self.call("POST", "/account/sessions", json={"identifier": identifier, "password": password})

    def account(self, token: str) -> dict[str, Any]:
        """What a customer who is signed in sees."""
        answer = self.call("GET", "/account", token=token)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def body_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def _read_mail(file: Path) -> EmailMessage:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _code(body: str) -> str | None:
    """The code that stands alone on a line: 4-4 with or without a hyphen; it may be all letters, or all digits."""
    return next((line.strip() for line in body.splitlines() if CODE.fullmatch(line.strip())), None)
