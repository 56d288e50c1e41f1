"""A desk under attack: a database with real commits, a Redis of its own that may die, real worker processes.

A test promises work, lets `Chaos` kill and wipe for a while, waits until everything is drained, and counts.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from redis import Redis

from support_desk.app import create_app
from support_desk.config import Settings, environ_with
from support_desk.core.db import db, transaction
from support_desk.core.http import DeskFlask
from support_desk.embedded import Engines, start_engines
from support_desk.outbox.models import PromisedJob, PromiseState

ROOT = Path(__file__).resolve().parent.parent.parent
_OPEN = (PromiseState.PROMISED, PromiseState.PUBLISHED, PromiseState.RUNNING)


@dataclass
class Rig:
    """The desk of one fault test."""

    app: DeskFlask
    settings: Settings
    engines: Engines
    # Modules whose jobs the workers must know besides the desk's own.
    jobs: Sequence[str]
    processes: int
    log: Path
    kills: int = 0
    _parents: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> None:
        """Start one `worker.py`, with the test's jobs, next to those that run."""
        imports = "".join(f"import {module}; " for module in self.jobs)
        settings = self.settings
        environ = environ_with(
            SUPPORT_DESK_DATABASE_URL=settings.database_url,
            SUPPORT_DESK_REDIS_URL=settings.redis_url,
            SUPPORT_DESK_SECRET_KEY=settings.secret_key,
            SUPPORT_DESK_VAR=str(settings.var),
            SUPPORT_DESK_JOB_LEASE_SECONDS=str(settings.job_lease_seconds),
            SUPPORT_DESK_LEASE_SECONDS=str(settings.lease_seconds),
            SUPPORT_DESK_LOG_LEVEL="WARNING",
        )
        with self.log.open("ab") as output:
            self._parents.append(
                subprocess.Popen(
                    [
                        sys.executable,
                        "-c",
                        f"{imports}import worker; worker.main()",
                        "--processes",
                        str(self.processes),
                    ],
                    cwd=ROOT,
                    env=environ,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            )

    def children(self) -> list[psutil.Process]:
        """The processes that do the work: queues and keepers."""
        found = []
        for parent in self._parents:
            with contextlib.suppress(psutil.Error):
                found += psutil.Process(parent.pid).children()
        return found

    def kill_child(self, chance: random.Random) -> None:
        """Kill one of them without warning."""
        children = self.children()
        if children:
            with contextlib.suppress(psutil.Error):
                chance.choice(children).kill()
                self.kills += 1

    def kill_parent(self) -> None:
        """Kill a whole `worker.py` without warning; its children notice by themselves."""
        if self._parents:
            parent = self._parents.pop(0)
            parent.kill()
            parent.wait()
            self.kills += 1

    def stop_workers(self) -> float:
        """Ask all of them to finish; returns how many seconds the slowest took."""
        begun = time.monotonic()
        for parent in self._parents:
            parent.terminate()
        for parent in self._parents:
            parent.wait(timeout=15)
        self._parents.clear()
        return time.monotonic() - begun

    def wipe_redis(self) -> None:
        """FLUSHALL, if Redis runs at all."""
        with contextlib.suppress(Exception), Redis.from_url(self.settings.redis_url) as redis:
            redis.flushall()

    def stop_redis(self) -> None:
        """Take Redis away; it comes back empty."""
        for child in self.engines.children:
            child.stop()

    def start_redis(self) -> None:
        """Start Redis again."""
        for child in self.engines.children:
            child.start()

    def scalar(self, query: Any) -> Any:
        """The single value of a query, in a transaction of its own."""
        with transaction(keep=False):
            return db.session.scalar(query)

    def count_open(self, prefix: str) -> int:
        """How many promised jobs of this name or family have not ended."""
        of_family = sa.and_(PromisedJob.job.startswith(prefix), PromisedJob.state.in_(_OPEN))
        return int(self.scalar(sa.select(sa.func.count()).select_from(PromisedJob).where(of_family)))

    def drain(self, prefix: str, *, seconds: float) -> float:
        """Wait until no job of this family is open; returns how long it took, or fails."""
        begun = time.monotonic()
        await_true(lambda: self.count_open(prefix) == 0, seconds, f"{prefix} to drain")
        return time.monotonic() - begun


def await_true(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for something, looking ten times a second; fails by name when it takes too long."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"waited {seconds} s in vain for {what}"
        time.sleep(0.1)


class Chaos:
    """Kills workers every third of a second, wipes Redis twice and takes it away once, for a while."""

    def __init__(self, rig: Rig, *, seconds: float, seed: int = 0) -> None:
        self._rig = rig
        self._seconds = seconds
        self._chance = random.Random(seed)
        self._over = threading.Event()

    def run(self, meanwhile: Callable[[float], None] = lambda _: None) -> None:
        """Attack until the time is over; `meanwhile(elapsed)` is called again and again in this thread."""
        rig, begun = self._rig, time.monotonic()
        # In shares of the whole time.
        plan = [
            (0.15, rig.wipe_redis),
            (0.35, rig.kill_parent),
            (0.35, rig.start_worker),
            (0.5, rig.stop_redis),
            (0.65, rig.start_redis),
            (0.75, rig.wipe_redis),
        ]
        killer = threading.Thread(target=self._kill_on)
        killer.start()
        try:
            while (elapsed := time.monotonic() - begun) < self._seconds:
                while plan and plan[0][0] <= elapsed / self._seconds:
                    plan.pop(0)[1]()
                meanwhile(elapsed)
                time.sleep(0.1)
        finally:
            self._over.set()
            killer.join()
        for _, step in plan:
            step()

    def _kill_on(self) -> None:
        while not self._over.wait(0.33):
            self._rig.kill_child(self._chance)


@contextmanager
def a_rig(
    make_settings: Callable[..., Settings],
    database_url: str,
    folder: Path,
    *,
    jobs: Sequence[str] = (),
    processes: int = 3,
    **settings: Any,
) -> Iterator[Rig]:
    """A desk to attack, without workers yet; everything it started is gone afterwards."""
    with start_engines(folder / "engines", throwaway=True, database_url=database_url) as engines:
        chosen = make_settings(
            database_url=database_url,
            redis_url=engines.redis_url,
            **{"var": folder / "var", "job_lease_seconds": 2, **settings},
        )
        rig = Rig(create_app(chosen), chosen, engines, jobs, processes, folder / "worker.log")
        with rig.app.app_context():
            try:
                yield rig
            finally:
                for parent in rig._parents:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(parent.pid, 9)
                    parent.wait()
                db.session.remove()
                db.engine.dispose()
