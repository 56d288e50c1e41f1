"""Jobs for the fault tests: one with its effect in SQL, one with an effect outside."""

import os
import time
from pathlib import Path
from uuid import UUID

from support_desk.audit import service as audit
from support_desk.core import settings
from support_desk.core.db import transaction
from support_desk.outbox.registry import URGENT, job
from support_desk.outbox.runner import JobRun


@job("chaos.count")
def count(subject_id: UUID) -> None:
    audit.record("chaos", subject_id, "chaos:job:counted")
    # Long enough to be killed in the middle, with the effect written and not committed.
    time.sleep(0.05)


@job("chaos.call", queue=URGENT, external=True)
def call(run: JobRun, subject_id: UUID) -> None:
    with transaction():
        audit.record("chaos", subject_id, "chaos:call:begun", attempt=run.attempt)
    time.sleep(0.03)
    _ring(f"{run.promise_id} {run.attempt}\n")
    with transaction():
        audit.record("chaos", subject_id, "chaos:call:ended", attempt=run.attempt)
        run.complete()


@job("chaos.linger")
def linger(subject_id: UUID) -> None:
    time.sleep(0.6)
    audit.record("chaos", subject_id, "chaos:job:lingered")


def rings() -> Path:
    """The file that stands for the outer world: one line a ring."""
    return settings.current().var / "rings"


def _ring(line: str) -> None:
    handle = os.open(rings(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)
