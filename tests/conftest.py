"""Real engines, one migrated template, a savepoint a test; a cloned database where real commits matter."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from alembic import command
from alembic.config import Config
from flask import has_app_context
from flask.testing import FlaskClient
from sqlalchemy.orm import scoped_session

from support_desk.app import create_app
from support_desk.config import Settings
from support_desk.core.db import db
from support_desk.core.http import DeskFlask
from support_desk.embedded import Engines, start_engines
from support_desk.outbox import runner
from tests.canaries import Canaries, Keeper

ROOT = Path(__file__).resolve().parent.parent
SECRET = "a-secret-of-the-test-suite-that-is-long-enough"


CANARIES = Canaries()
KEEPER = Keeper(CANARIES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Whatever a test logs is kept, to be searched for secrets."""
    KEEPER.listen()
    return (yield)


@pytest.fixture(scope="session", autouse=True)
def canaries() -> Iterator[Canaries]:
    """Every secret of this test process; at its end none may have been found where it must not lie."""
    yield CANARIES
    leaks = CANARIES.finish()
    assert not leaks, leaks[:20]


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory, canaries: Canaries) -> Iterator[Engines]:
    """PostgreSQL and Valkey of this test process alone."""
    started = start_engines(tmp_path_factory.mktemp("engines"), throwaway=True)
    yield started
    canaries.search_redis(started.redis_url)
    started.stop()


@pytest.fixture(scope="session")
def make_settings(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Settings]:
    """Settings on the test engines."""
    var = tmp_path_factory.mktemp("var")

    def make(**override: Any) -> Settings:
        values = {
            "database_url": engines.database_url,
            "redis_url": engines.redis_url,
            "secret_key": SECRET,
            "var": var,
            "log_level": "ERROR",
        }
        return Settings.from_environ({}, **{**values, **override})

    return make


def migrate(app: DeskFlask) -> None:
    """Bring the application's database to the newest migration."""
    config = Config(toml_file=str(ROOT / "pyproject.toml"))
    config.attributes["app"] = app
    command.upgrade(config, "head")


@pytest.fixture(scope="session")
def template(engines: Engines, make_settings: Callable[..., Settings]) -> sa.URL:
    """A migrated database that tests clone."""
    url = sa.make_url(engines.database_url)
    _administer(url, 'CREATE DATABASE "desk_template"')
    url = url.set(database="desk_template")
    app = create_app(make_settings(database_url=url.render_as_string(hide_password=False)))
    migrate(app)
    with app.app_context():
        db.engine.dispose()
    return url


def _administer(url: sa.URL, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def make_database(template: sa.URL, engines: Engines) -> Callable[[str], str]:
    """Clone the template under a name; returns the clone's address."""

    def clone(name: str) -> str:
        admin = sa.make_url(engines.database_url)
        _administer(admin, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _administer(admin, f'CREATE DATABASE "{name}" TEMPLATE "desk_template" STRATEGY file_copy')
        return template.set(database=name).render_as_string(hide_password=False)

    return clone


@pytest.fixture(scope="session")
def app(make_database: Callable[[str], str], make_settings: Callable[..., Settings]) -> Iterator[DeskFlask]:
    """The application on a clone of its own; what a test writes there is rolled back."""
    application = create_app(make_settings(database_url=make_database("desk_app")))
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def db_session(app: DeskFlask, canaries: Canaries) -> Iterator[scoped_session[Any]]:
    """A session whose commits end in a savepoint that is rolled back after the test."""
    with app.app_context():
        engine = db.engines[None]
        connection = engine.connect()
        outer = connection.begin()
        db.engines[None] = connection  # type: ignore[index]
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield db.session
        finally:
            db.session.remove()
            canaries.read_messages(app.config["SETTINGS"].var / "outgoing")
            with suppress(sa.exc.DBAPIError):
                canaries.search_tables(connection)
            outer.rollback()
            connection.close()
            db.engines[None] = engine


class SettlingClient(FlaskClient):
    """A client that settles what the test itself wrote first: a GET rolls back to there, and no further."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        if has_app_context():
            db.session.commit()
        path = args[0] if args and isinstance(args[0], str) else str(kwargs.get("path", ""))
        headers = dict(kwargs.get("headers") or {})
        data = kwargs.get("data")
        body = kwargs.get("json") or (data if isinstance(data, Mapping) else None)
        CANARIES.note_request(path, body, headers.get("Authorization", ""))
        answer = super().open(*args, **kwargs)
        if not answer.is_streamed:
            CANARIES.note_answer(path, answer.content_type or "", answer.get_data(as_text=True))
        return answer


@pytest.fixture
def client(app: DeskFlask, db_session: scoped_session[Any]) -> FlaskClient:
    """An HTTP client of the application, inside the test's savepoint."""
    app.test_client_class = SettlingClient
    return app.test_client()


@pytest.fixture
def real_db(make_database: Callable[[str], str], make_settings: Callable[..., Settings]) -> Iterator[DeskFlask]:
    """The application on a fresh clone where commits are real (threads and processes may share it)."""
    application = create_app(make_settings(database_url=make_database("desk_real")))
    yield application
    with application.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def run_jobs(app: DeskFlask, db_session: scoped_session[Any]) -> Callable[[], int]:
    """Run every promised job that is due, through the real claim, until none is left; a failing one raises."""

    def run() -> int:
        db_session.commit()
        count = 0
        while done := runner.run_due(raising=True):
            count += done
            assert count < 1000, "jobs keep promising jobs that are due"
        return count

    return run


class Clock:
    """Frozen time that a test moves by hand."""

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    @property
    def at(self) -> datetime:
        """The present business time."""
        return datetime.now(UTC)

    def move(self, **amount: float) -> None:
        """Go forward (or back) by `timedelta(**amount)`."""
        self.set(self.at + timedelta(**amount))

    def set(self, at: datetime) -> None:
        """Go to a moment."""
        self._traveller.move_to(at)


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time stands still from now on; Wednesday 2026-11-25 10:00 in Tokyo unless the test moves it."""
    with time_machine.travel(datetime(2026, 11, 25, 1, 0, tzinfo=UTC), tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def outgoing(app: DeskFlask) -> Path:
    """The folder of captured messages, emptied."""
    folder: Path = app.config["SETTINGS"].var / "outgoing"
    for file in folder.rglob("*.*"):
        file.unlink()
    return folder


@pytest.fixture
def mails(outgoing: Path) -> Callable[[], list[EmailMessage]]:
    """The mails sent so far in this test, oldest first."""

    def read() -> list[EmailMessage]:
        files = sorted((outgoing / "mail").glob("*.eml"), key=lambda file: (file.stat().st_mtime_ns, file.name))
        found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    return read


@pytest.fixture
def texts(outgoing: Path) -> Callable[[], list[dict[str, str]]]:
    """The SMS sent so far in this test, oldest first: {to, text, created_at}."""

    def read() -> list[dict[str, str]]:
        files = sorted((outgoing / "sms").glob("*.json"), key=lambda file: (file.stat().st_mtime_ns, file.name))
        return [json.loads(file.read_text()) for file in files]

    return read
