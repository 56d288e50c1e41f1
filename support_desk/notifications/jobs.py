"""Jobs of the notifications."""

from uuid import UUID

from support_desk.notifications import sending
from support_desk.outbox.registry import URGENT, job
from support_desk.outbox.runner import JobRun


@job("notifications.send", external=True)
def send(run: JobRun, message_id: UUID) -> None:
    sending.send(run, message_id)


@job("notifications.send_urgent", queue=URGENT, external=True)
def send_urgent(run: JobRun, message_id: UUID) -> None:
    sending.send(run, message_id)
