"""Jobs that only the tests promise; their effect is an audit entry, so that it lies in SQL."""

from uuid import UUID

from support_desk.audit import service as audit
from support_desk.core.db import transaction
from support_desk.outbox.errors import GiveUp
from support_desk.outbox.registry import job, periodic
from support_desk.outbox.runner import JobRun

calls: list[dict[str, object]] = []


@job("testing.note")
def note(subject_id: UUID, number: int = 0) -> None:
    audit.record("testing", subject_id, "testing:job:done", number=number)


@job("testing.hurry", queue="urgent")
def hurry(subject_id: UUID) -> None:
    audit.record("testing", subject_id, "testing:job:hurried")


@job("testing.stumble")
def stumble(subject_id: UUID) -> None:
    audit.record("testing", subject_id, "testing:job:stumbled")
    raise ValueError("taro@example.jp said something")


@job("testing.give_up")
def give_up() -> None:
    raise GiveUp("nobody_there")


@job("testing.send", external=True)
def send(run: JobRun, subject_id: UUID) -> None:
    calls.append({"promise": run.promise_id, "attempt": run.attempt})
    with transaction():
        audit.record("testing", subject_id, "testing:message:sent", attempt=run.attempt)
        run.complete()


@job("testing.forget", external=True)
def forget(run: JobRun) -> None:
    calls.append({"promise": run.promise_id, "attempt": run.attempt})


@periodic("testing.sweep", every_seconds=30)
def sweep() -> None:
    audit.record("testing", "sweep", "testing:sweep:done")
