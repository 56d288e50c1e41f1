"""Keeps the desk's processes running until it is told to stop."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from support_desk.embedded import children
from support_desk.embedded.children import Child
from support_desk.embedded.errors import EngineError

PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before a child that ended is started again
STEADY_SECONDS = 30.0  # a child that ran as long as this is forgiven its earlier ends
LOOK_SECONDS = 0.25
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the whole to stop while it was still starting."""


class ChildKeepsEnding(EngineError):
    """A process ends again and again however often it is started."""


class StopRequest:
    """Turns the signals that mean stop into one request, however often they come.

    While work that may be cut short is under way (`interrupting`), the first one raises Stopped there.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self.interrupting = False

    def __enter__(self) -> Self:
        for number in STOPPING:
            signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        # The process is about to end: what still comes is ignored rather than given its default back.
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)

    def _take(self, _number: int, _frame: FrameType | None) -> None:
        first = not self._event.is_set()
        self._event.set()
        if first and self.interrupting:
            raise Stopped

    @property
    def made(self) -> bool:
        """Whether a stop was asked for."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep at most so long; whether a stop was asked for."""
        return self._event.wait(seconds)


@dataclass
class Program:
    """A program of the desk as a child: how to start it, where it writes, how long it may take to stop."""

    name: str
    command: Sequence[str]
    log: Path
    directory: Path
    environ: Mapping[str, str]
    stop_seconds: float
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it; what it writes is appended to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = children.spawn(
                self.command, output=output, environ=self.environ, directory=self.directory
            )

    def ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Ask it to end, and kill its session when it takes too long."""
        if self._process is not None:
            children.stop(self._process, ask=signal.SIGTERM, seconds=self.stop_seconds)


@dataclass
class _Watch:
    child: Child
    since: float
    ends: int = 0
    again_at: float | None = None


def supervise(
    running: Sequence[Child],
    groups: Sequence[Sequence[Child]],
    request: StopRequest,
    *,
    say: Callable[[str], None],
    idle: Callable[[], None] = lambda: None,
    pauses: Sequence[float] = PAUSES,
) -> None:
    """Start groups of programs, watch over them and over what runs already, until a stop is requested.

    A child that ends is started again after a growing pause; one that keeps ending raises
    ChildKeepsEnding. However this is left, the groups are stopped, the last started first; `running` is
    stopped by whoever started it. `idle` is called at each look.
    """
    with ExitStack() as stack:
        watches = [_Watch(child, time.monotonic()) for child in running]
        for group in groups:
            stack.callback(_stop_together, group)
            for program in group:
                program.start()
                watches.append(_Watch(program, time.monotonic()))
        while not request.wait(LOOK_SECONDS):
            for watch in watches:
                _look_after(watch, say, pauses)
            idle()


def _stop_together(group: Sequence[Child]) -> None:
    with ThreadPoolExecutor(max_workers=max(1, len(group))) as pool:
        list(pool.map(lambda child: child.stop(), group))


def _look_after(watch: _Watch, say: Callable[[str], None], pauses: Sequence[float]) -> None:
    child, now = watch.child, time.monotonic()
    if watch.again_at is not None:
        if now < watch.again_at:
            return
        watch.again_at, watch.since = None, now
        try:
            child.start()
        except EngineError as error:
            say(str(error))
    if not child.ended():
        return
    watch.ends = 1 if now - watch.since > STEADY_SECONDS else watch.ends + 1
    if watch.ends > len(pauses):
        raise ChildKeepsEnding(
            f"{child.name} ended {watch.ends} times in a row; the end of {child.log}:\n{children.tail(child.log)}"
        )
    pause = pauses[watch.ends - 1]
    say(f"{child.name} ended; starting it again in {pause:g} s (it writes to {child.log})")
    watch.again_at = now + pause
