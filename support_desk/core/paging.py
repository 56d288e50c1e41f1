"""Lists: keyset order with the id as tie-break, and opaque signed cursors."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import json

from support_desk.core.db import db
from support_desk.core.errors import InvalidCursor
from support_desk.core.secrets import mac, verify_mac

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list and the cursor of the next, if there is one."""

    items: list[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Key:
    """A column a list is ordered by, which never is null; `read` takes its value from a row."""

    column: Any
    read: Callable[[Any], Any]
    descending: bool = False


def page(query: sa.Select[Any], keys: Sequence[Key], *, limit: int, cursor: str | None, scope: str) -> Page[Any]:
    """One page of a query's first column, in the order of the keys; the last key must be unique.

    `scope` names the list and its filters: a cursor of another list is refused.
    """
    if cursor is not None:
        query = query.where(_after(keys, _read_cursor(cursor, scope, len(keys))))
    ordered = query.order_by(*(key.column.desc() if key.descending else key.column.asc() for key in keys))
    rows = list(db.session.execute(ordered.limit(limit + 1)).scalars())
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, _write_cursor(keys, rows[-1], scope) if more else None)


def _after(keys: Sequence[Key], values: list[Any]) -> sa.ColumnElement[bool]:
    alternatives = []
    for index, key in enumerate(keys):
        same = [earlier.column == value for earlier, value in zip(keys[:index], values, strict=False)]
        value = values[index]
        alternatives.append(sa.and_(*same, key.column < value if key.descending else key.column > value))
    return sa.or_(*alternatives)


def _write_cursor(keys: Sequence[Key], row: Any, scope: str) -> str:
    text = json.dumps([_to_json(key.read(row)) for key in keys], separators=(",", ":"))
    return base64.urlsafe_b64encode(mac("cursor", scope, text) + text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, scope: str, count: int) -> list[Any]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, text = raw[:32], raw[32:].decode()
        if not verify_mac("cursor", signature, scope, text):
            raise InvalidCursor
        values = [_from_json(value) for value in json.loads(text)]
    except (ValueError, UnicodeError):
        raise InvalidCursor from None
    if len(values) != count:
        raise InvalidCursor
    return values


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, UUID):
        return {"id": str(value)}
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        kind, text = next(iter(value.items()))
        read: dict[str, Callable[[str], Any]] = {
            "at": datetime.fromisoformat,
            "on": date.fromisoformat,
            "id": UUID,
        }
        return read[kind](text)
    return value
