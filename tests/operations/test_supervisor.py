"""The supervisor, on small programs."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from support_desk.embedded import Program, Stopped, StopRequest, children, supervise
from support_desk.embedded.supervisor import ChildKeepsEnding


def a_program(folder: Path, code: str, *, name: str = "child", stop_seconds: float = 2.0) -> Program:
    return Program(name, [sys.executable, "-S", "-c", code], folder / f"{name}.log", folder, {}, stop_seconds)


class Heard(list[str]):
    """What the supervisor said; asks it to stop once `enough` lines hold a word."""

    def __init__(self, request: StopRequest, word: str, enough: int) -> None:
        super().__init__()
        self.request, self.word, self.enough = request, word, enough

    def __call__(self, line: str) -> None:
        self.append(line)
        if sum(self.word in heard for heard in self) >= self.enough:
            signal.raise_signal(signal.SIGTERM)


@pytest.fixture(autouse=True)
def _signals_as_before():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_child_that_ends_is_started_again_after_a_growing_pause(tmp_path: Path):
    with StopRequest() as request:
        heard = Heard(request, "ended", 3)
        program = a_program(tmp_path, "print('alive', flush=True)")
        supervise([], [[program]], request, say=heard, pauses=(0.01, 0.02, 0.03))
    assert ["in 0.01 s" in heard[0], "in 0.02 s" in heard[1], "in 0.03 s" in heard[2]] == [True] * 3
    assert program.log.read_text() == "alive\n" * 3


def test_a_child_that_keeps_ending_ends_the_whole_with_the_end_of_its_log(tmp_path: Path):
    steady = a_program(tmp_path, "import time; time.sleep(60)", name="steady")
    broken = a_program(tmp_path, "raise SystemExit('no licence')", name="broken")
    with StopRequest() as request, pytest.raises(ChildKeepsEnding, match=r"broken ended 3 times(.|\n)*no licence"):
        supervise([], [[steady], [broken]], request, say=lambda _: None, pauses=(0.01, 0.01))
    assert steady.ended()


def test_groups_stop_in_reverse_order_and_a_deaf_child_is_killed_with_its_own(tmp_path: Path):
    deaf_code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print(subprocess.Popen([sys.executable, '-S', '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
        "time.sleep(60)"
    )
    polite_code = (
        "import signal, time, sys, pathlib\n"
        "def leave(*_):\n    print(time.monotonic(), flush=True)\n    sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave)\nprint('up', flush=True)\ntime.sleep(60)"
    )
    deaf = a_program(tmp_path, deaf_code, name="deaf", stop_seconds=0.3)
    polite = a_program(tmp_path, polite_code, name="polite")

    def stop_when_both_are_up() -> None:
        if "\n" in deaf.log.read_text() and "up" in polite.log.read_text():
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGTERM)
            signal.raise_signal(signal.SIGINT)
            begun.append(time.monotonic())

    begun: list[float] = []
    with StopRequest() as request:
        supervise([], [[polite], [deaf]], request, say=lambda _: None, idle=stop_when_both_are_up)
    grandchild = int(deaf.log.read_text())
    deadline = time.monotonic() + 3
    while psutil.pid_exists(grandchild) and psutil.Process(grandchild).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    told_at = float(polite.log.read_text().split()[-1])
    assert told_at >= begun[0] + 0.3  # only after the deaf one, which was started later, had been given up


def test_a_stop_interrupts_the_start_once_and_never_the_work_after_it():
    with StopRequest() as request:
        request.interrupting = True
        with pytest.raises(Stopped):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert request.made
    with StopRequest() as request:
        signal.raise_signal(signal.SIGINT)
        assert request.wait(0)


@pytest.mark.parametrize("slow_seconds", [0.4, 60.0], ids=["slow to leave", "never leaving"])
def test_an_orphan_is_waited_for_and_in_the_end_killed(tmp_path: Path, slow_seconds: float):
    code = (
        "import signal, time, sys\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (time.sleep({slow_seconds}), sys.exit()))\n"
        "print('up', flush=True)\ntime.sleep(60)"
    )
    pid_file = tmp_path / "engine.pid"
    with subprocess.Popen([sys.executable, "-S", "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as orphan:
        assert orphan.stdout is not None
        orphan.stdout.readline()
        pid_file.write_text(f"{orphan.pid}\n")
        children.await_end_of_orphan(pid_file, str(tmp_path), ask=signal.SIGTERM, seconds=1)
        assert orphan.wait(0.1) == (0 if slow_seconds < 1 else -signal.SIGKILL)


def test_a_stranger_with_the_number_of_an_orphan_is_left_alone(tmp_path: Path):
    pid_file = tmp_path / "engine.pid"
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        pid_file.write_text(f"{stranger.pid}\n")
        while not psutil.Process(stranger.pid).cmdline():  # empty for a moment in the middle of its exec
            time.sleep(0.01)
        children.await_end_of_orphan(pid_file, str(tmp_path), ask=signal.SIGKILL, seconds=0)
        assert stranger.poll() is None
        assert not pid_file.exists()
        stranger.kill()
