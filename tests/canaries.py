"""Canaries: every secret the suite makes or sends is remembered, and looked for where none may ever lie.

Secrets are codes and tokens of captured messages, and what requests and answers carry in the fields that hold
secrets. Looked through are the log at level INFO, problem answers, what agents are answered, Redis, and the tables
that outlive a secret. A leak fails the test process at its end and names the secret's kind and the place.
"""

from __future__ import annotations

import json
import logging
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from redis import Redis

TABLES = ("audit_entries", "promised_jobs", "idempotency_records")
SECRET_FIELDS = frozenset({"password", "new_password", "code", "reset_token", "access_token", "token"})
# What people of the desk type and are given themselves: it may come back to them, and nowhere else.
_OF_AGENTS = re.compile(r"^/(api/v1/agent|desk)")
_SHORTEST = 8
_FEWEST_CHARACTERS = 5
_MESSAGE_SECRETS = re.compile(
    r"^\s*([0-9A-Z]{4}-?[0-9A-Z]{4})\s*$|#([A-Za-z0-9_-]{43})\b|/stop/([A-Za-z0-9_-]{43})\b", re.MULTILINE
)
_IDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32,}\b")
_VARYING = re.compile(r'"(request_id|timestamp|milliseconds)": ?("[^"]*"|[0-9.]+),? ?')


@dataclass
class Canaries:
    """The secrets of one test process, and the leaks that were found."""

    secrets: dict[str, str] = field(default_factory=dict)
    leaks: list[str] = field(default_factory=list)
    _kept: dict[str, set[str]] = field(default_factory=dict)
    _read: set[Path] = field(default_factory=set)
    _heads: dict[str, list[str]] = field(default_factory=dict)

    def register(self, secret: object, kind: str) -> None:
        """Remember a secret, unless it is too short or too plain to be told from other text."""
        if isinstance(secret, str) and len(secret) >= _SHORTEST and len(set(secret)) >= _FEWEST_CHARACTERS:
            if secret not in self.secrets:
                self._heads.setdefault(secret[:_SHORTEST], []).append(secret)
            self.secrets.setdefault(secret, kind)

    def note_request(self, path: str, body: Any, bearer: str = "") -> None:
        """The secrets of a request's body and of its Authorization header."""
        by = "agent" if _OF_AGENTS.match(path) else "customer"
        for name, value in _fields(body):
            self.register(value, f"{by}:{name}")
        for order in body.get("orders") or () if isinstance(body, Mapping) else ():
            for name in ("order_number", "item") if isinstance(order, Mapping) else ():
                self.register(order.get(name), "customer:answer")
        if by == "customer" and not bearer.startswith("sdk_"):
            self.register(bearer.removeprefix("Bearer ").strip(), "customer:token")

    def note_answer(self, path: str, content_type: str, text: str) -> None:
        """The secrets an answer gives away on purpose; problems and answers to agents are kept to be searched."""
        by_agent = _OF_AGENTS.match(path) is not None
        if "json" in content_type:
            try:
                found = list(_fields(json.loads(text)))
            except ValueError:
                found = []
            for name, value in found:
                if name != "code" and not by_agent:
                    self.register(value, f"customer:{name}")
        if "problem" in content_type:
            self.keep("problem answer", text)
        elif by_agent:
            self.keep("answer to an agent", text)

    def read_messages(self, folder: Path) -> None:
        """The codes and links of captured mails and SMS."""
        for file in [*folder.rglob("*.eml"), *folder.rglob("*.json")]:
            if file in self._read:
                continue
            self._read.add(file)
            text = file.read_text("utf-8", "replace").replace("=\n", "").replace("\\n", "\n")
            for match in _MESSAGE_SECRETS.finditer(text):
                self.register(next(filter(None, match.groups())), "customer:code" if match[1] else "customer:link")

    def keep(self, place: str, text: str) -> None:
        """Search a text at the end of the process, when every secret is known."""
        self._kept.setdefault(place, set()).add(_VARYING.sub("", text))

    def search(self, place: str, texts: Iterable[str]) -> None:
        """Look for every secret in these texts; what is found is remembered as a leak."""
        for whole in texts:
            text = _IDS.sub("ID", whole)
            for start in range(len(text) - _SHORTEST + 1):
                for secret in self._heads.get(text[start : start + _SHORTEST], ()):
                    if self._stands_there(text, start, secret) and not self._is_allowed(place, secret):
                        self.leaks.append(f"{self.secrets[secret]} in {place}: …{_around(text, start, secret)}…")

    def _stands_there(self, text: str, start: int, secret: str) -> bool:
        if not text.startswith(secret, start):
            return False
        # Eight digits inside a longer number are no code.
        around = text[max(0, start - 1) : start] + text[start + len(secret) :][:1]
        return not (self.secrets[secret].endswith(":code") and re.search(r"[\w-]", around, re.ASCII))

    def _is_allowed(self, place: str, secret: str) -> bool:
        return place == "answer to an agent" and self.secrets[secret].startswith("agent:")

    def search_tables(self, connection: Any) -> None:
        """Look through the tables that outlive a secret, as this connection sees them."""
        for table in TABLES:
            query = sa.text(f"SELECT to_jsonb(t)::text FROM {table} AS t")
            self.search(table, connection.execute(query).scalars())

    def search_redis(self, address: str) -> None:
        """Look through every key and value of a Redis."""
        with Redis.from_url(address) as redis:
            self.search(
                "Redis", (_plain(value) for key in redis.scan_iter() for value in (key, *_values(redis, key)))
            )

    def finish(self) -> list[str]:
        """Look through what was kept; returns every leak of the process."""
        for place, texts in self._kept.items():
            self.search(place, texts)
        self._kept.clear()
        return self.leaks


class Keeper(logging.Handler):
    """Keeps every log line as it is written, formatted like the desk's own."""

    def __init__(self, canaries: Canaries) -> None:
        super().__init__(logging.INFO)
        self._canaries = canaries

    def emit(self, record: logging.LogRecord) -> None:
        self._canaries.keep("log", self.format(record))

    def listen(self) -> None:
        """Take part in the root logger as it is configured now; what is shown stays as it was."""
        root = logging.getLogger()
        if self in root.handlers or not root.handlers:
            return
        for handler in root.handlers:
            handler.setLevel(max(handler.level, root.level))
        self.setFormatter(root.handlers[0].formatter)
        root.addHandler(self)
        root.setLevel(min(root.level, logging.INFO))


def _fields(document: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(document, Mapping):
        for name, value in document.items():
            if name in SECRET_FIELDS:
                yield name, value
            yield from _fields(value)
    elif isinstance(document, list):
        for each in document:
            yield from _fields(each)


def _values(redis: Any, key: bytes) -> list[bytes]:
    kind = redis.type(key)
    if kind == b"string":
        return [redis.get(key)]
    if kind == b"list":
        return list(redis.lrange(key, 0, -1))
    if kind == b"hash":
        return [part for pair in redis.hgetall(key).items() for part in pair]
    if kind == b"set":
        return list(redis.smembers(key))
    return list(redis.zrange(key, 0, -1)) if kind == b"zset" else []


def _plain(value: bytes) -> str:
    """The value as text; RQ packs the arguments of a job."""
    with suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode("utf-8", "replace")


def _around(text: str, start: int, secret: str) -> str:
    return text[max(0, start - 60) : start] + "▮" * 8 + text[start + len(secret) :][:20]
