"""Child processes in sessions of their own that end when this process ends, however it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path
from typing import IO, Protocol

LEASH = Path(__file__).with_name("leash.py")

# The parent-death signal comes when the *thread* that forked ends, so every child is started from one
# thread that lives as long as the process.
_keeper = ThreadPoolExecutor(max_workers=1, thread_name_prefix="children")


class Child(Protocol):
    """Something that is started, may end by itself, and is stopped."""

    name: str
    log: Path

    def start(self) -> None:
        """Start it, also again after it ended."""

    def ended(self) -> bool:
        """Whether it was started and runs no more."""

    def stop(self) -> None:
        """Stop it if it runs; a second call does nothing."""


class Identity(StrEnum):
    """As whom a child runs; see leash.py."""

    PLAIN = "plain"
    NAMESPACE = "namespace"
    DROP = "drop"


def spawn(
    command: Sequence[str | Path],
    *,
    output: IO[bytes] | int | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    identity: Identity = Identity.PLAIN,
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program on a leash; `output` receives its standard output and error.

    Without `environ` the child inherits ours.
    """
    argv = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), str(int(death_signal)), identity.value]
    argv += [str(part) for part in command]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own commands only
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            env=dict(environ) if environ is not None else None,
            cwd=directory,
            start_new_session=True,
        )

    return _keeper.submit(start).result()


def run(
    command: Sequence[str | Path],
    *,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
    identity: Identity = Identity.PLAIN,
    seconds: float = 60,
) -> tuple[int, str]:
    """Run a program to its end; its exit status and what it wrote."""
    child = spawn(
        command,
        output=subprocess.PIPE,
        environ=environ,
        directory=directory,
        identity=identity,
        death_signal=signal.SIGKILL,
    )
    try:
        written, _ = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_session(child)
        written, _ = child.communicate()
    except BaseException:
        kill_session(child)
        child.communicate()
        raise
    return child.returncode, written.decode(errors="replace")


def stop(child: subprocess.Popen[bytes], *, ask: signal.Signals, seconds: float) -> None:
    """Ask a child to end, and kill its whole session when it has not within `seconds`."""
    if child.poll() is None:
        child.send_signal(ask)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_session(child)
            child.wait()


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def kill_session(child: subprocess.Popen[bytes]) -> None:
    """Kill a child and what it started in its session."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def await_end_of_orphan(pid_file: Path, mark: str, *, ask: signal.Signals, seconds: float = 6) -> None:
    """Wait until the process named in a pid file is gone, and see to it that it goes.

    A parent that was killed leaves an engine that is still shutting down. Only a process whose command line
    holds `mark` is ours; numbers are used again, after a restart of the machine for instance, and then the
    file is removed, because the engine would take the stranger for itself.
    """
    pid = _pid_in(pid_file)
    if pid is None:
        return
    found = _command_line(pid)
    if mark not in found:
        if found:
            pid_file.unlink(missing_ok=True)
        return
    for order in (ask, signal.SIGKILL):
        deadline = time.monotonic() + seconds
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, order)
        while mark in _command_line(pid):
            if time.monotonic() > deadline:
                break
            time.sleep(0.05)
        else:
            return


def _pid_in(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    status, written = run(["/bin/ps", "-o", "command=", "-p", str(pid)], seconds=5)
    return written if status == 0 else ""
