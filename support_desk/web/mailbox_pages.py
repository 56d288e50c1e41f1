"""A window on the messages of a development system, which never leave it. Production has no such page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Response

from support_desk.core import settings
from support_desk.core.access import public
from support_desk.core.errors import NotFound
from support_desk.web.site import render, site

SHOWN = 50


@dataclass(frozen=True)
class Captured:
    """One captured message."""

    channel: str
    to: str
    subject: str
    parts: list[tuple[str, bool]]
    at: datetime


@site.get("/mailbox")
@public
def mailbox() -> Response:
    """The newest mails and SMS."""
    if settings.current().production:
        raise NotFound
    return render("mailbox", messages=_captured())


def _captured() -> list[Captured]:
    chosen = settings.current()
    files = [(_folder(chosen.mail_url), "*.eml", _mail), (_folder(chosen.sms_url), "*.json", _sms)]
    found = [(file, read) for folder, pattern, read in files if folder for file in folder.glob(pattern)]
    found.sort(key=lambda pair: pair[0].stat().st_mtime_ns, reverse=True)
    return [read(file) for file, read in found[:SHOWN]]


def _folder(url: str) -> Path | None:
    return Path(url.removeprefix("file://")) if url.startswith("file://") else None


def _at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _mail(file: Path) -> Captured:
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    text = body.get_content() if body else ""
    return Captured("mail", str(mail["To"]), str(mail["Subject"]), _parts(text), _at(file))


def _sms(file: Path) -> Captured:
    sms = json.loads(file.read_text("utf-8"))
    return Captured("sms", sms["to"], "", _parts(sms["text"]), _at(file))


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text cut at the links to our own pages; whether each part is one."""
    link = re.compile(f"({re.escape(settings.current().base_url)}/[^\\s<>\"'）」]*)")
    return [(part, index % 2 == 1) for index, part in enumerate(link.split(text)) if part]
