"""Promising a message in the caller's transaction. It is rendered and sent by a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from support_desk.core import clock
from support_desk.core.db import db, new_id
from support_desk.core.i18n import LANGUAGES
from support_desk.notifications.catalogue import TEMPLATES, Template
from support_desk.notifications.errors import UnknownTemplate
from support_desk.notifications.letter_paper import Recipient
from support_desk.notifications.models import Channel, MessageState, OutgoingMessage
from support_desk.outbox import service as outbox

Value = str | int | datetime | Mapping[str, Any] | None
SubjectRef = tuple[str, UUID]


def notify_email(
    template: str, *, to: str, language: str, dedupe: str, subject_ref: SubjectRef, **values: Value
) -> None:
    """Promise one mail; the same dedupe key is one mail.

    `values` as the catalogue says; a code or link is given as what it is derived from. Raises UnknownTemplate,
    and TypeError for values that the template lacks or does not take.
    """
    _notify(Channel.EMAIL, template, to, language, dedupe, subject_ref, values)


def notify_sms(
    template: str, *, to: str, language: str, dedupe: str, subject_ref: SubjectRef, **values: Value
) -> None:
    """Promise one SMS to a number in E.164; otherwise as `notify_email`."""
    _notify(Channel.SMS, template, to, language, dedupe, subject_ref, values)


def notify_letter(
    template: str, *, to: Recipient, language: str, dedupe: str, subject_ref: SubjectRef, **values: Value
) -> None:
    """Promise one letter to a postal address; otherwise as `notify_email`."""
    address = json.dumps(asdict(to), ensure_ascii=False)
    _notify(Channel.LETTER, template, address, language, dedupe, subject_ref, values)


def _notify(
    channel: Channel,
    name: str,
    to: str,
    language: str,
    dedupe: str,
    subject_ref: SubjectRef,
    values: Mapping[str, Value],
) -> None:
    template = _find(name, channel)
    given = {key: value for key, value in values.items() if value is not None}
    if not template.needs <= given.keys() <= template.takes:
        raise TypeError(f"{name} takes {sorted(template.takes)}, was given {sorted(given)}")
    message_id = db.session.execute(
        insert(OutgoingMessage)
        .values(
            id=new_id(),
            dedupe=dedupe,
            channel=channel,
            template=name,
            language=language if language in LANGUAGES else LANGUAGES[0],
            address=to,
            template_values=json.dumps(given, ensure_ascii=False, default=_as_text),
            subject_kind=subject_ref[0],
            subject_id=subject_ref[1],
            state=MessageState.QUEUED,
            sends_count=0,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=[OutgoingMessage.dedupe])
        .returning(OutgoingMessage.id)
    ).scalar()
    if message_id is not None:
        job = "notifications.send_urgent" if template.urgent else "notifications.send"
        outbox.promise(job, dedupe=f"message:{message_id}", message_id=message_id)


def _find(name: str, channel: Channel) -> Template:
    template = TEMPLATES.get(name)
    if template is None or channel not in template.channels:
        raise UnknownTemplate(f"no {channel} text is called {name}")
    return template


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"a message cannot hold a {type(value).__name__}")


def delivered_notice_at(subject_ref: SubjectRef) -> datetime | None:
    """When the first notice about a subject reached a registered channel, or None."""
    notices = [template.name for template in TEMPLATES.values() if template.notice]
    return db.session.scalar(
        sa.select(sa.func.min(OutgoingMessage.sent_at)).where(
            OutgoingMessage.subject_kind == subject_ref[0],
            OutgoingMessage.subject_id == subject_ref[1],
            OutgoingMessage.state == MessageState.SENT,
            OutgoingMessage.template.in_(notices),
        )
    )
