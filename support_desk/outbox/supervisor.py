"""The parent of the worker processes: forks them from one loaded program and starts again what dies."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from flask import Flask

from support_desk.core.db import db
from support_desk.outbox import processes
from support_desk.outbox.heartbeats import KEEPER
from support_desk.outbox.registry import DEFAULT, URGENT

log = structlog.get_logger("outbox")

# A running job may take this long to finish once a stop is asked for; then its lease brings it back.
STOP_SECONDS = 5.0
_LOOK_SECONDS = 0.5
_QUICK_SECONDS = 2.0
_LONGEST_PAUSE = 5.0
_PR_SET_PDEATHSIG = 1
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass
class Child:
    """One child process: its duty, and when it may be started again."""

    duty: str
    pid: int = 0
    started: float = 0.0
    pause: float = 0.0
    start_at: float = 0.0


def duties(queues: Sequence[str], count: int) -> list[str]:
    """What `count` worker processes serve: each queue by one at least, of the rest a quarter is urgent."""
    wanted = list(dict.fromkeys(queues)) or [URGENT, DEFAULT]
    rest = DEFAULT if DEFAULT in wanted else wanted[-1]
    more = (URGENT if URGENT in wanted and number % 4 == 0 else rest for number in range(len(wanted), count))
    return [KEEPER, *wanted, *more]


class Supervisor:
    """Runs in the main thread of a process that has no other thread and no open connection."""

    def __init__(self, app: Flask, children: Sequence[str]) -> None:
        self._app = app
        self._children = [Child(duty) for duty in children]
        self._stop_asked = False
        self._reader, self._writer = os.pipe()

    def run(self) -> None:
        """Keep the children running until SIGTERM or SIGINT, then let them finish."""
        with self._app.app_context():
            db.engine.dispose()
        # What is loaded now stays shared between the processes: the collector never writes to it again.
        gc.collect()
        gc.freeze()
        os.set_blocking(self._writer, False)
        os.set_blocking(self._reader, False)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in (*_STOPPING, signal.SIGCHLD):
            signal.signal(number, self._take)
        while not self._stop_asked:
            self._start_due()
            self._sleep(_LOOK_SECONDS)
            self._bury()
        self._stop()

    def _take(self, signum: int, frame: object) -> None:
        if signum != signal.SIGCHLD:
            self._stop_asked = True

    def _sleep(self, seconds: float) -> None:
        select.select([self._reader], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._reader, 4096)

    def _start_due(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if not child.pid and child.start_at <= now:
                child.started = now
                child.pid = self._fork(child.duty)

    def _fork(self, duty: str) -> int:
        parent = os.getpid()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid:
            return pid
        status = 1
        try:
            self._become_child(parent)
            work(self._app, duty)
            status = 0
        except BaseException as error:
            log.error("worker process failed", duty=duty, exc_info=error)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _become_child(self, parent: int) -> None:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.close(self._reader)
        os.close(self._writer)
        die_with(parent)

    def _bury(self) -> None:
        """Note which children ended, and when to start them again: at once, unless they end as soon as begun."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for child in self._children:
                if child.pid == pid:
                    self._note_end(child, status)

    def _note_end(self, child: Child, status: int) -> None:
        now = time.monotonic()
        child.pid = 0
        failed = not os.WIFSIGNALED(status) and now - child.started < _QUICK_SECONDS
        child.pause = min(_LONGEST_PAUSE, child.pause * 2 or 0.25) if failed else 0.0
        child.start_at = now + child.pause
        if not self._stop_asked:
            log.warning("worker process ended", duty=child.duty, status=os.waitstatus_to_exitcode(status))

    def _stop(self) -> None:
        ends = time.monotonic() + STOP_SECONDS
        self._signal(signal.SIGTERM)
        while any(child.pid for child in self._children) and time.monotonic() < ends:
            self._sleep(0.1)
            self._bury()
        self._signal(signal.SIGKILL)
        for child in self._children:
            if child.pid:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(child.pid, 0)

    def _signal(self, number: signal.Signals) -> None:
        for child in self._children:
            if child.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, number)


def die_with(parent: int) -> None:
    """Ask the kernel to end this process, with time to finish its job, when its parent is gone (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def work(app: Flask, duty: str) -> None:
    """Do one child's duty until told to end."""
    if duty == KEEPER:
        processes.keep(app)
    else:
        processes.serve_queue(app, duty)
