"""Health: whether this process lives, and whether the whole is ready to serve."""

from __future__ import annotations

import redis
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, json

from support_desk.core import settings
from support_desk.core.access import operations
from support_desk.core.db import db
from support_desk.outbox import heartbeats

_LONGEST_LAG_SECONDS = 60

pages = Blueprint("health", __name__)


@pages.get("/health/live")
@operations
def live() -> Response:
    """The process answers."""
    return _answer({"status": "ok"}, 200)


@pages.get("/health/ready")
@operations
def ready() -> Response:
    """Everything it needs answers too; names what does not."""
    checks = {"database": _database(), "redis": _redis()}
    checks["migrations"] = _migrations() if checks["database"] else False
    checks |= _outbox() if checks["migrations"] else {"workers": False, "outbox": False}
    good = all(checks.values())
    named = {name: "ok" if fine else "failing" for name, fine in checks.items()}
    return _answer({"status": "ready" if good else "not_ready", "checks": named}, 200 if good else 503)


def _answer(body: dict[str, object], status: int) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")


def _database() -> bool:
    try:
        db.session.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        db.session.remove()
        return False
    return True


def _migrations() -> bool:
    found = db.session.execute(sa.text("SELECT to_regclass('alembic_version')")).scalar()
    if found is None:
        return False
    present = set(db.session.execute(sa.text("SELECT version_num FROM alembic_version")).scalars())
    return present == _heads()


def _outbox() -> dict[str, bool]:
    """Whether every queue and the relay are served, and due jobs do not pile up."""
    health = heartbeats.health()
    return {"workers": not health.missing(), "outbox": health.lag_seconds < _LONGEST_LAG_SECONDS}


def _heads() -> set[str]:
    script = ScriptDirectory.from_config(Config(toml_file="pyproject.toml"))
    return set(script.get_heads())


def _redis() -> bool:
    try:
        client = redis.Redis.from_url(settings.current().redis_url, socket_timeout=2, socket_connect_timeout=2)
        with client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False
