"""Which gateway a setting means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from support_desk.notifications.errors import UnknownGateway
from support_desk.notifications.gateways.files import FileMail, FileSms
from support_desk.notifications.gateways.letters import FileLetters
from support_desk.notifications.gateways.protocol import LetterGateway, MailGateway, SmsGateway

Gateway = TypeVar("Gateway")
Maker = Callable[[str], Gateway]


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        raise UnknownGateway("a file:// address needs an absolute folder: file:///var/lib/…")
    return Path(unquote(parts.path))


def _file_mail(url: str) -> MailGateway:
    return FileMail(_folder(url))


def _file_sms(url: str) -> SmsGateway:
    return FileSms(_folder(url))


MAIL: Mapping[str, Maker[MailGateway]] = {"file": _file_mail}
SMS: Mapping[str, Maker[SmsGateway]] = {"file": _file_sms}


def mail_gateway(url: str) -> MailGateway:
    """The gateway SUPPORT_DESK_MAIL_URL means; raises UnknownGateway."""
    return _choose(MAIL, url, "SUPPORT_DESK_MAIL_URL")


def sms_gateway(url: str) -> SmsGateway:
    """The gateway SUPPORT_DESK_SMS_URL means; raises UnknownGateway."""
    return _choose(SMS, url, "SUPPORT_DESK_SMS_URL")


def letter_gateway(folder: str, zone: str) -> LetterGateway:
    """The print queue in the folder SUPPORT_DESK_LETTERS_DIR; its days are those of the zone."""
    return FileLetters(Path(folder), zone)


def _choose(makers: Mapping[str, Maker[Gateway]], url: str, setting: str) -> Gateway:
    scheme = urlsplit(url).scheme
    if scheme not in makers:
        known = ", ".join(f"{name}://" for name in sorted(makers))
        # The address itself may hold a password: only its scheme is repeated.
        raise UnknownGateway(f"{setting} begins with {scheme or 'no scheme'}: this release knows {known}")
    return makers[scheme](url)
