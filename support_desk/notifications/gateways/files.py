"""Gateways into a folder: nothing leaves the machine, and everything can be read."""

from __future__ import annotations

import json
import os
from datetime import UTC
from email.errors import MessageError
from pathlib import Path

from support_desk.notifications.errors import RefusedForGood
from support_desk.notifications.gateways.protocol import OutgoingMail, OutgoingText


class FileMail:
    """One .eml file a mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: OutgoingMail, /) -> None:
        """Write the mail; the same key writes the same file again."""
        try:
            content = mail.message.as_bytes()
        except (MessageError, UnicodeError, ValueError):
            raise RefusedForGood("mail_malformed") from None
        write_whole(self._folder, f"{mail.key}.eml", content)


class FileSms:
    """One JSON file `{to, text, created_at}` an SMS."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, text: OutgoingText, /) -> None:
        """Write the SMS; the same key writes the same file again."""
        created = text.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        content = {"to": text.to, "text": text.text, "created_at": created}
        write_whole(self._folder, f"{text.key}.json", json.dumps(content, ensure_ascii=False).encode())


def write_whole(folder: Path, name: str, content: bytes) -> None:
    """Put a file there whole: a reader never sees half of it, whenever this process is killed."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{name}.{os.getpid()}"
    fresh.write_bytes(content)
    fresh.replace(folder / name)
