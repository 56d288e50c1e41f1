"""No promised job is lost and none takes effect twice, whatever dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from support_desk.audit.models import AuditEntry
from support_desk.core import clock
from support_desk.core.db import db, new_id, transaction
from support_desk.outbox import heartbeats, service
from support_desk.outbox.models import PromisedJob
from tests.faults import jobs
from tests.faults.harness import Chaos, Rig, a_rig, await_true

pytestmark = pytest.mark.chaos

# `make faults` attacks for longer.
SECONDS = float(os.environ.get("FAULT_SECONDS", "6"))
PROMISES = int(30 * SECONDS + 20)


@pytest.fixture
def rig(make_database: Callable[[str], str], make_settings: Callable[..., Any], tmp_path: Path) -> Iterator[Rig]:
    with a_rig(make_settings, make_database("desk_faults"), tmp_path, jobs=["tests.faults.jobs"]) as started:
        yield started


def everybody_serves() -> bool:
    with transaction(keep=False):
        return not heartbeats.health().missing(within_seconds=5)


def times(tag: str) -> list[int]:
    """How often each subject has an entry of this tag."""
    with transaction(keep=False):
        query = sa.select(sa.func.count()).where(AuditEntry.tag == tag).group_by(AuditEntry.subject_id)
        return list(db.session.scalars(query))


def test_kills_wipes_and_outages_lose_nothing_and_double_nothing(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    rig.settings.var.mkdir(parents=True, exist_ok=True)
    rig.start_worker()
    await_true(everybody_serves, 20, "the workers")
    made = 0

    def promise_more(elapsed: float) -> None:
        nonlocal made
        # Faster than they can be done, so that every worker is in the middle of a job when it is killed.
        wanted = min(PROMISES, int(2 * PROMISES * elapsed / SECONDS) + 50)
        with transaction():
            for number in range(made, wanted):
                name = "chaos.call" if number % 4 == 0 else "chaos.count"
                due = clock.now() + timedelta(seconds=number % 3)
                service.promise(name, due_at=due, subject_id=new_id())
        made = max(made, wanted)

    promise_more(0)
    Chaos(rig, seconds=SECONDS).run(promise_more)
    promise_more(SECONDS)
    took = rig.drain("chaos.", seconds=60)

    counted, ended = times("chaos:job:counted"), times("chaos:call:ended")
    rings = jobs.rings().read_text().splitlines()
    attempts = rig.scalar(sa.select(sa.func.sum(PromisedJob.attempts)).where(PromisedJob.job.startswith("chaos.")))
    lost = PROMISES - len(counted) - len(ended)
    doubled = sum(counted) + sum(ended) - len(counted) - len(ended)
    with capsys.disabled():
        sys.stdout.write(
            f"\nchaos: {PROMISES} promised, {rig.kills} kills, {attempts} attempts; lost {lost},"
            f" doubled {doubled}, rung again {len(rings) - len(ended)}; drained {took:.1f} s after\n"
        )
    assert made == PROMISES
    assert (lost, doubled) == (0, 0)
    assert len(set(rings)) == len(rings), "at most one ring for each attempt"
    assert len(rings) <= sum(times("chaos:call:begun")), "no ring without a record"
    assert rig.stop_workers() < 7


def test_stopping_lets_the_running_job_finish(rig: Rig) -> None:
    rig.settings.var.mkdir(parents=True, exist_ok=True)
    with transaction():
        service.promise("chaos.linger", subject_id=new_id())
    rig.start_worker()
    running = sa.select(sa.func.count()).select_from(PromisedJob).where(PromisedJob.state == "running")
    await_true(lambda: bool(rig.scalar(running.where(PromisedJob.job == "chaos.linger"))), 20, "the job to begin")
    children = rig.children()
    assert rig.stop_workers() < 6
    assert times("chaos:job:lingered") == [1]
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_children_do_not_outlive_a_killed_parent(rig: Rig) -> None:
    rig.start_worker()
    await_true(lambda: len(rig.children()) == 1 + rig.processes, 20, "the children")
    children = rig.children()
    time.sleep(0.5)
    rig.kill_parent()
    _, alive = psutil.wait_procs(children, timeout=6)
    assert alive == []
