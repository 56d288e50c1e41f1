"""Sending one message: the intent is committed, the gateway called, the outcome committed."""

from __future__ import annotations

import json
from email import policy
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from support_desk.config import Settings
from support_desk.core import clock, settings
from support_desk.core.codes import derive_code, format_code
from support_desk.core.db import db, transaction
from support_desk.core.i18n import format_on
from support_desk.core.secrets import derive_token
from support_desk.notifications.catalogue import TEMPLATES
from support_desk.notifications.errors import RefusedForGood
from support_desk.notifications.gateways import (
    OutgoingLetter,
    OutgoingMail,
    OutgoingText,
    letter_gateway,
    mail_gateway,
    sms_gateway,
)
from support_desk.notifications.letter_paper import Letter, Recipient
from support_desk.notifications.models import Channel, MessageState, OutgoingMessage
from support_desk.notifications.rendering import Rendered, one_line, render
from support_desk.outbox.runner import JobRun

log = structlog.get_logger("notifications")
Parcel = OutgoingMail | OutgoingText | OutgoingLetter


def send(run: JobRun, message_id: UUID) -> None:
    """Send a message that was promised. A crash in between sends it again: same words, same Message-ID."""
    refused: str | None = None
    with transaction():
        message = db.session.get_one(OutgoingMessage, message_id, with_for_update=True)
        if message.template_values is None:
            run.complete()
            return
        message.sends_count += 1
        message.begun_at = clock.now()
        about = {"message": str(message_id), "template": message.template, "channel": message.channel.value}
        try:
            parcel = pack(message, settings.current())
        except RefusedForGood as error:
            refused = error.code
    if refused is None:
        log.info("sending a message", **about)
        try:
            _hand_over(parcel, settings.current())
        except RefusedForGood as error:
            refused = error.code
        except Exception as error:
            if run.is_last:
                _mark_failed(message_id, type(error).__name__)
            raise
    _record(run, message_id, refused)
    log.info("message sent" if refused is None else "message failed", **about)


def _record(run: JobRun, message_id: UUID, refused: str | None) -> None:
    with transaction():
        message = db.session.get_one(OutgoingMessage, message_id, with_for_update=True)
        message.state = MessageState.SENT if refused is None else MessageState.FAILED
        message.sent_at = clock.now() if refused is None else None
        message.failure = refused
        message.template_values = None
        db.session.flush()
        run.complete()


def _mark_failed(message_id: UUID, failure: str) -> None:
    """Nothing more is tried by itself; what it is filled with is kept, so that a person can have it sent again."""
    with transaction():
        message = db.session.get_one(OutgoingMessage, message_id, with_for_update=True)
        message.state = MessageState.FAILED
        message.failure = failure


def _hand_over(parcel: Parcel, chosen: Settings) -> None:
    if isinstance(parcel, OutgoingMail):
        mail_gateway(chosen.mail_url).send(parcel)
    elif isinstance(parcel, OutgoingLetter):
        letter_gateway(chosen.letters_dir, chosen.time_zone).send(parcel)
    else:
        sms_gateway(chosen.sms_url).send(parcel)


def pack(message: OutgoingMessage, chosen: Settings) -> Parcel:
    """The message as it goes out: the same bytes in every attempt. Raises RefusedForGood for a bad address."""
    values = {
        name: _derive(value, chosen) if isinstance(value, dict) else value
        for name, value in json.loads(message.template_values or "{}").items()
    }
    rendered = render(
        TEMPLATES[message.template],
        message.channel.value,
        message.language,
        values,
        shop_name=chosen.shop_name,
        base_url=chosen.base_url,
        desk_phone=chosen.desk_phone,
        zone=chosen.time_zone,
    )
    if message.channel is Channel.SMS:
        if not message.address.removeprefix("+").isdigit():
            raise RefusedForGood("address_malformed")
        return OutgoingText(message.id.hex, message.address, rendered.text, message.created_at)
    if message.channel is Channel.LETTER:
        return OutgoingLetter(message.id.hex, _letter(message, rendered, chosen), message.created_at)
    return OutgoingMail(message.id.hex, _mail(message, rendered, chosen))


def _derive(value: dict[str, Any], chosen: Settings) -> str:
    """A code or a link from what it is derived from: neither is ever stored."""
    if "alphabet" in value:
        return format_code(derive_code(**value))
    token = derive_token(value["purpose"], *value["parts"])
    return f"{chosen.base_url}{value['path'].replace('{token}', token)}"


def _letter(message: OutgoingMessage, rendered: Rendered, chosen: Settings) -> Letter:
    day = message.created_at.astimezone(ZoneInfo(chosen.time_zone)).date()
    return Letter(
        to=Recipient(**json.loads(message.address)),
        title=rendered.subject,
        text=rendered.text,
        language=message.language,
        sent_on=format_on(day, message.language),
        sender=one_line(chosen.shop_name),
    )


def _mail(message: OutgoingMessage, rendered: Rendered, chosen: Settings) -> EmailMessage:
    mail = EmailMessage(policy.default.clone(utf8=not message.address.isascii()))
    host = urlsplit(chosen.base_url).hostname or "localhost"
    try:
        # An Address holds exactly one mailbox: a comma or a line break cannot add a second recipient.
        mail["To"] = Address(addr_spec=message.address)
        mail["From"] = Address(chosen.shop_name, addr_spec=chosen.mail_from)
        mail["Subject"] = rendered.subject
    except (MessageError, ValueError, IndexError):
        raise RefusedForGood("address_malformed") from None
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Content-Language"] = message.language
    mail.set_content(rendered.text, charset="utf-8", cte="8bit")
    return mail
