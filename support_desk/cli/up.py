"""`support-desk up`: the whole desk on one machine, under one supervisor."""

import errno
import json
import socket
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import click

from support_desk.accounts.commands import load_demo_into_empty
from support_desk.accounts.directory_service import count_customers
from support_desk.agents.service import ensure_first_agent, list_agents
from support_desk.app import create_app
from support_desk.cli.migrations import migrate_database
from support_desk.cli.programs import ROOT, WORKER, web_command, worker_command
from support_desk.config import Settings, SettingsError, environ_with
from support_desk.core.db import db, transaction
from support_desk.embedded import Engines, Program, Stopped, StopRequest, start_engines, supervise

SLOW_SECONDS = 60.0


def run_everything(settings: Settings, *, demo: bool) -> None:
    """Start engines, migrate, start web and workers, and watch over them until a signal says stop."""
    _refuse_a_port_in_use(settings.host, settings.port)
    with StopRequest() as request, ExitStack() as stack:
        try:
            request.interrupting = True
            say("starting PostgreSQL and Valkey" if not settings.database_url else "using the given database")
            engines = stack.enter_context(
                start_engines(settings.var, database_url=settings.database_url, redis_url=settings.redis_url)
            )
            settings = replace(settings, database_url=engines.database_url, redis_url=engines.redis_url)
            notes = _prepare(settings, demo=demo)
            request.interrupting = False
        except Stopped:
            say("stopped before everything was up")
            return
        stack.callback(say, "stopping")
        announce = Announcement(settings, notes)
        stack.callback(announce.close)
        supervise(engines.children, _programs(settings, engines), request, say=say, idle=announce.look)
    say("stopped")


def say(line: str) -> None:
    """One line of progress."""
    click.echo(f"support-desk: {line}")


def _prepare(settings: Settings, *, demo: bool) -> list[str]:
    """Bring the database to where the web can serve it; returns what to tell when everything is up."""
    app = create_app(replace(settings, log_level="WARNING"))
    with app.app_context():
        try:
            migrate_database(app, say)
            if settings.production:
                return []
            notes = _first_agent()
            if demo and not count_customers():
                say("filling an empty directory with demo customers")
                notes += load_demo_into_empty()
            return notes
        finally:
            db.session.remove()
            db.engine.dispose()


def _first_agent() -> list[str]:
    """Somebody who can sign in to the dashboard."""
    with transaction():
        made = ensure_first_agent()
        if made is not None:
            return [f"sign in as {made[0]} with the password {made[1]} (shown only now)"]
        email = list_agents()[0].email
    return [f"sign in as {email}; forgotten: support-desk agents reset {email}"]


def _programs(settings: Settings, engines: Engines) -> list[list[Program]]:
    """Web and workers, in the order of their start: each group is stopped before the one ahead of it."""
    environ = environ_with(
        SUPPORT_DESK_DATABASE_URL=engines.database_url,
        SUPPORT_DESK_REDIS_URL=engines.redis_url,
        SUPPORT_DESK_VAR=str(settings.var),
        PYTHONUNBUFFERED="1",
    )
    log = settings.var / "log"
    program = partial(Program, directory=ROOT, environ=environ, stop_seconds=2.0)
    workers = []
    if WORKER.exists():
        # One parent forks all the processes: what they have loaded is shared.
        workers.append(program("worker", worker_command(settings), log / "worker.log"))
    else:
        say(f"no {WORKER.name} here: promised jobs will wait")
    return [workers, [program("web", web_command(settings), log / "web.log", stop_seconds=2.5)]]


def _refuse_a_port_in_use(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be had ({error.strerror})"
        raise SettingsError(f"{host}:{port} {reason}: set SUPPORT_DESK_PORT to another port") from None


class Announcement:
    """Tells, once everything answers, where everything is."""

    def __init__(self, settings: Settings, notes: list[str]) -> None:
        self._settings = settings
        self._notes = notes
        self._since = time.monotonic()
        self._done = False
        self._complained = False

    def look(self) -> None:
        """Say the addresses when the web is ready; say so once when it takes too long."""
        if self._done:
            return
        if self._ready():
            self._done = True
            for line in self._lines():
                click.echo(line)
        elif not self._complained and time.monotonic() - self._since > SLOW_SECONDS:
            self._complained = True
            say(f"not ready after {SLOW_SECONDS:.0f} s; still trying (see {self._settings.var / 'log'})")

    def close(self) -> None:
        """Tell at least what is told only once."""
        if not self._done:
            for note in self._notes:
                say(note)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self._address()}/health/ready", timeout=2) as answer:  # noqa: S310
                return bool(json.load(answer)["status"] == "ready")
        except (OSError, ValueError, KeyError):
            return False

    def _address(self) -> str:
        """Where this machine reaches the web, which may listen on every address."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._settings.host, self._settings.host)  # noqa: S104
        return f"http://{host}:{self._settings.port}"

    def _lines(self) -> list[str]:
        base, var = self._settings.base_url, self._settings.var
        return [
            "",
            "support_desk is ready.",
            f"  Help page     {base}/",
            f"  Dashboard     {base}/desk",
            *(f"                {note}" for note in self._notes),
            f"  API           {base}/docs",
            f"  Messages sent {base}/mailbox (files in {var / 'outgoing'})",
            f"  Logs          {var / 'log'}",
            "Ctrl-C stops everything.",
        ]
