"""Reading an import file: lines of JSON, plain or gzipped, of which a bad one spoils no other."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import marshmallow as ma

from support_desk.accounts.import_schemas import AccountLine

LONGEST_LINE_BYTES = 16 * 1024 * 1024
_MOST_REASONS = 3
_schema = AccountLine()


@dataclass(frozen=True)
class NumberedLine:
    """A line of a file, its number counted from 1, and how far into the file it ends."""

    number: int
    content: bytes
    file_position: int


@dataclass(frozen=True)
class BadLine:
    """A line that was not taken, and why. The reason names fields, never what stands in them."""

    number: int
    reason: str


def read_lines(path: Path) -> Iterator[NumberedLine]:
    """The lines of a `.jsonl` or `.jsonl.gz` file that are not blank. Raises OSError, EOFError, zlib.error."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        opened: BinaryIO = gzip.GzipFile(fileobj=raw) if zipped else raw  # type: ignore[assignment]
        number = 0
        while content := opened.readline(LONGEST_LINE_BYTES):
            number += 1
            whole = content.endswith(b"\n") or len(content) < LONGEST_LINE_BYTES
            while content and not content.endswith(b"\n") and len(content) == LONGEST_LINE_BYTES:
                content = opened.readline(LONGEST_LINE_BYTES)
            if not whole:
                yield NumberedLine(number, b"", raw.tell())
            elif content.strip():
                yield NumberedLine(number, content, raw.tell())


def parse_line(line: NumberedLine) -> dict[str, Any] | BadLine:
    """The customer a line describes, or why it describes none."""
    if not line.content:
        return BadLine(line.number, "longer than 16 MiB")
    try:
        document = json.loads(line.content.decode(), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        return BadLine(line.number, "not UTF-8")
    except (ValueError, RecursionError):
        return BadLine(line.number, "not JSON")
    if not isinstance(document, dict):
        return BadLine(line.number, "not a JSON object")
    try:
        loaded: dict[str, Any] = _schema.load(document)
    except ma.ValidationError as error:
        reasons = list(_reasons(error.normalized_messages()))
        more = f" (and {len(reasons) - _MOST_REASONS} more)" if len(reasons) > _MOST_REASONS else ""
        return BadLine(line.number, "; ".join(reasons[:_MOST_REASONS]) + more)
    except (OverflowError, RecursionError):
        return BadLine(line.number, "a value is out of range")
    return loaded


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _reasons(messages: Any, path: str = "") -> Iterator[str]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _reasons(inner, path if key == "_schema" else f"{path}/{key}")
    elif isinstance(messages, list):
        for message in messages:
            yield f"{path or '/'}: {message}"
    else:
        yield f"{path or '/'}: {messages}"
