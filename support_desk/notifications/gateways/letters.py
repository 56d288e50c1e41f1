"""The print queue: a folder with one PDF a letter, and one line a letter in the list of its day."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import io
from pathlib import Path
from zoneinfo import ZoneInfo

from support_desk.notifications.errors import RefusedForGood
from support_desk.notifications.gateways.files import write_whole
from support_desk.notifications.gateways.protocol import OutgoingLetter
from support_desk.notifications.letter_paper import draw

COLUMNS = ("letter_id", "file", "created_at", "postal_code", "language", "pages", "sha256")


class FileLetters:
    """Letters as files; the same key is one file and one line, however often it is sent."""

    def __init__(self, folder: Path, zone: str) -> None:
        self._folder, self._zone = folder, ZoneInfo(zone)

    def send(self, letter: OutgoingLetter, /) -> None:
        """Queue one letter for printing."""
        try:
            sheet = draw(letter.letter)
        except ValueError:
            raise RefusedForGood("letter_does_not_fit") from None
        name = f"{letter.key}.pdf"
        write_whole(self._folder, name, sheet)
        self._list(letter, name, hashlib.sha256(sheet).hexdigest())

    def _list(self, letter: OutgoingLetter, name: str, digest: str) -> None:
        created = letter.created_at.astimezone(self._zone)
        row = (
            letter.key,
            name,
            created.isoformat(timespec="seconds"),
            letter.letter.to.postal_code,
            letter.letter.language,
            "1",
            digest,
        )
        path = self._folder / f"letters-{created:%Y-%m-%d}.csv"
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = _rows(path)
            if row[0] not in {known[0] for known in rows}:
                text = io.StringIO()
                csv.writer(text, lineterminator="\r\n").writerows([COLUMNS, *rows, row])
                write_whole(self._folder, path.name, text.getvalue().encode())


def _rows(path: Path) -> list[list[str]]:
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.reader(file) if row][1:]
