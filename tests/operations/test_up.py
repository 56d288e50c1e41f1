"""`support-desk up` as a whole: real processes, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90.0
Command = Callable[..., subprocess.CompletedProcess[str]]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def still_running(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that have not ended in time; one that only waits for its parent's notice has."""
    deadline = time.monotonic() + seconds
    while True:
        left = [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.05)


class Desk:
    """A running `up`."""

    def __init__(self, var: Path) -> None:
        self.port = a_free_port()
        kept = {
            name: value for name, value in os.environ.items() if "DATABASE_URL" not in name and "REDIS" not in name
        }
        self.environ = kept | {
            "SUPPORT_DESK_VAR": str(var),
            "SUPPORT_DESK_PORT": str(self.port),
            "SUPPORT_DESK_WEB_PROCESSES": "1",
            "SUPPORT_DESK_WORKER_PROCESSES": "1",
            "PYTHONPATH": str(ROOT),
        }
        self.output = var / "up.out"
        var.mkdir(exist_ok=True)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "support_desk", "up", "--no-demo"],
                env=self.environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "support_desk", *arguments], env=self.environ, capture_output=True, text=True
        )

    def said(self) -> str:
        return self.output.read_text()

    def await_line(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def health(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def everything(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    started = Desk(tmp_path / "var")
    yield started
    if started.process.poll() is None:
        started.process.kill()
    started.process.wait()


def test_up_serves_heals_answers_the_command_line_and_stops_with_everything_it_started(desk: Desk):
    desk.await_line("support_desk is ready")
    assert desk.health() == 200
    assert f"http://127.0.0.1:{desk.port}/desk" in desk.said()
    assert "(shown only now)" in desk.said()

    facts = json.loads(desk.command("env", "--json").stdout)
    assert facts["redis_url"].startswith("unix://")
    assert desk.command("migrate").stdout == "nothing to migrate\n"
    second = desk.command("up")
    assert second.returncode != 0
    assert "in use" in second.stderr

    everything = desk.everything()
    (postgres,) = (one for one in everything if one.name() == "postgres" and one.ppid() == desk.process.pid)
    postgres.kill()
    desk.await_line("PostgreSQL ended; starting it again")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while desk.health() != 200:
        assert time.monotonic() < deadline, desk.said()
        time.sleep(0.1)

    everything = desk.everything()
    begun = time.monotonic()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        desk.process.send_signal(number)
        time.sleep(0.05)
    assert desk.process.wait(timeout=10) == 0
    assert time.monotonic() - begun < 8
    assert still_running(everything, seconds=1) == []
    assert "Traceback" not in desk.said()

    after = desk.command("env")
    assert after.returncode == 1
    assert "support-desk up" in after.stderr


def test_when_up_is_killed_nothing_of_it_stays(desk: Desk):
    desk.await_line("support_desk is ready")
    everything = desk.everything()
    assert len(everything) > 4
    desk.process.kill()
    assert still_running(everything, seconds=10) == []


def test_a_stop_during_the_start_is_obeyed_at_once(desk: Desk):
    desk.await_line("starting PostgreSQL")
    everything = desk.everything()
    desk.process.terminate()
    assert desk.process.wait(timeout=8) == 0
    assert still_running(everything, seconds=1) == []
