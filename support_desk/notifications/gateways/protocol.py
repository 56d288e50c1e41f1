"""What every gateway promises.

`send` returns when the message was handed over. It raises RefusedForGood where trying again is useless, and
anything else where it may help. The same key means the same message: a gateway that can recognise it delivers
it once; where it cannot, a message may arrive twice, with the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from typing import Protocol

from support_desk.notifications.letter_paper import Letter


@dataclass(frozen=True)
class OutgoingMail:
    """A mail ready to go; `key` is the same in every attempt."""

    key: str
    message: EmailMessage


@dataclass(frozen=True)
class OutgoingText:
    """An SMS ready to go, to a number in E.164; `key` is the same in every attempt."""

    key: str
    to: str
    text: str
    created_at: datetime


@dataclass(frozen=True)
class OutgoingLetter:
    """A letter ready to be printed; `key` is the same in every attempt."""

    key: str
    letter: Letter
    created_at: datetime


class MailGateway(Protocol):
    """Sends mail."""

    def send(self, mail: OutgoingMail, /) -> None:
        """Hand one mail over."""


class SmsGateway(Protocol):
    """Sends SMS."""

    def send(self, text: OutgoingText, /) -> None:
        """Hand one SMS over."""


class LetterGateway(Protocol):
    """Has letters printed and posted."""

    def send(self, letter: OutgoingLetter, /) -> None:
        """Hand one letter over."""
