"""Idempotency-Key: the same request twice has one effect and one answer.

Only a MAC of the body and the ids of what was made are kept, for 24 hours; the answer is built anew from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import json, request
from psycopg.errors import LockNotAvailable
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError

from support_desk.core import clock
from support_desk.core.access import caller
from support_desk.core.db import db
from support_desk.core.errors import BadRequest, Conflict, Unprocessable
from support_desk.core.http import takes_header
from support_desk.core.models import IdempotencyRecord
from support_desk.core.secrets import mac

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_KEPT = timedelta(hours=24)
_MAX_KEY_LENGTH = 255
_WAIT_SECONDS = 2
Ids = Mapping[str, Any]
Answer = TypeVar("Answer")


_MEANING = "the same key and body again: the same answer, without a second effect; kept for 24 hours"
needs_key = takes_header(HEADER, _MEANING, required=True)
may_send_key = takes_header(HEADER, _MEANING)


class IdempotencyKeyMissing(BadRequest):
    code = "idempotency_key_missing"
    ja = "Idempotency-Key ヘッダーが必要です。"
    en = "Send an Idempotency-Key."


class IdempotencyKeyInvalid(BadRequest):
    code = "idempotency_key_invalid"
    ja = "Idempotency-Key は 1 文字以上 255 文字以下にしてください。"
    en = "An Idempotency-Key has 1 to 255 characters."


class IdempotencyKeyReused(Unprocessable):
    code = "idempotency_key_reused"
    ja = "この Idempotency-Key は別の内容で使われています。"
    en = "This Idempotency-Key was used with another body."


class RequestInProgress(Conflict):
    code = "request_in_progress"
    ja = "同じリクエストを処理しています。少し待ってからもう一度お試しください。"
    en = "The same request is still being worked on. Try again in a moment."


def once(
    work: Callable[[], Ids],
    show: Callable[[Ids], Answer],
    *,
    required: bool = False,
    key: str | None = None,
    body: Any = None,
) -> tuple[Answer, dict[str, str]]:
    """Do `work` once for this key and show what it made; a repeat is shown the same, without work.

    `work` returns the ids of what it made (JSON values); `show` builds the answer from them. Returns the answer
    and the headers to send with it. The key and body are the request's unless given (a form carries its own).
    """
    key = request.headers.get(HEADER) if key is None else key
    if key is None:
        if required:
            raise IdempotencyKeyMissing
        return show(work()), {}
    if not 1 <= len(key) <= _MAX_KEY_LENGTH:
        raise IdempotencyKeyInvalid
    scope = mac("idempotency", caller().kind, caller().id, request.method, request.path, key)
    body_mac = _body_mac(body)
    if _begin(scope, body_mac):
        ids = work()
        db.session.execute(
            sa.update(IdempotencyRecord).where(IdempotencyRecord.scope == scope).values(ids=dict(ids))
        )
        return show(ids), {}
    record = db.session.execute(sa.select(IdempotencyRecord).where(IdempotencyRecord.scope == scope)).scalar_one()
    if record.body_mac != body_mac:
        raise IdempotencyKeyReused
    return show(record.ids or {}), {REPLAYED: "true"}


def _body_mac(body: Any) -> bytes:
    document = request.get_json(silent=True) if body is None else body
    return mac("idempotency-body", json.dumps(document, sort_keys=True, default=str))


def _begin(scope: bytes, body_mac: bytes) -> bool:
    """Whether this is the first request with the key; waits for one that is under way."""
    at = clock.now()
    db.session.execute(
        sa.delete(IdempotencyRecord).where(IdempotencyRecord.scope == scope, IdempotencyRecord.expires_at <= at)
    )
    try:
        with db.session.begin_nested():
            db.session.execute(sa.text(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'"))
            row = insert(IdempotencyRecord).values(
                scope=scope, body_mac=body_mac, created_at=at, expires_at=at + _KEPT
            )
            done = row.on_conflict_do_nothing().returning(IdempotencyRecord.scope)
            first = db.session.execute(done).scalar() is not None
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise RequestInProgress(headers={"Retry-After": "2"}) from None
        raise
    db.session.execute(sa.text("SET LOCAL lock_timeout = DEFAULT"))
    return first
