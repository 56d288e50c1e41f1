"""Both engines together, on one directory that belongs to one process at a time."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from support_desk.embedded.children import Child, Identity
from support_desk.embedded.errors import AlreadyRunning
from support_desk.embedded.places import socket_directory
from support_desk.embedded.postgres import SOCKET, Postgres
from support_desk.embedded.valkey import Valkey

ADDRESSES = "engines.json"
LOCK = "up.lock"


@dataclass
class Engines:
    """Addresses of the database and of Redis, and the way to stop what was started for them."""

    database_url: str
    redis_url: str
    children: list[Child] = field(default_factory=list, repr=False)
    _endings: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def stop(self) -> None:
        """Stop what was started, the last first; a second call does nothing."""
        while self._endings:
            self._endings.pop()()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start_engines(
    var: Path,
    *,
    throwaway: bool = False,
    database_url: str | None = None,
    redis_url: str | None = None,
    root_as: Identity | None = None,
) -> Engines:
    """Start PostgreSQL and Valkey with everything they keep below `var`; an engine whose URL is given is not.

    `throwaway` trades durability for speed, for tests. Raises AlreadyRunning when another process runs
    on `var`, and EngineError with advice when one is missing or does not start.
    """
    var = var.absolute()
    var.mkdir(parents=True, exist_ok=True)
    run = var / "run"
    run.mkdir(exist_ok=True, mode=0o700)
    lock = _lock(run / LOCK)
    engines = Engines(database_url or "", redis_url or "", _endings=[lock.close])
    try:
        if not database_url or not redis_url:
            sockets = socket_directory(var, SOCKET)
            if sockets != run:
                engines._endings.append(partial(_remove_if_empty, sockets))
            if not database_url:
                postgres = Postgres(var, sockets, throwaway=throwaway, root_as=root_as)
                engines.database_url = postgres.url
                engines.children.append(postgres)
            if not redis_url:
                valkey = Valkey(var, sockets, throwaway=throwaway)
                engines.redis_url = valkey.url
                engines.children.append(valkey)
        for child in engines.children:
            engines._endings.append(child.stop)
            child.start()
        _publish(run / ADDRESSES, engines)
        engines._endings.append(lambda: (run / ADDRESSES).unlink(missing_ok=True))
    except BaseException:
        engines.stop()
        raise
    return engines


def running_engines(var: Path) -> Engines | None:
    """The addresses of the engines another process runs on `var`, or None when none does."""
    run = var.absolute() / "run"
    try:
        with _lock(run / LOCK, create=False):
            return None
    except FileNotFoundError:
        return None
    except AlreadyRunning:
        pass
    try:
        addresses = json.loads((run / ADDRESSES).read_text())
    except FileNotFoundError:  # still starting
        return None
    return Engines(addresses["database_url"], addresses["redis_url"])


def _lock(path: Path, *, create: bool = True) -> IO[str]:
    """Hold the file as long as it is open; the kernel lets go when the process ends, however it ends."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT if create else 0), 0o600), "r+")
    # A look by `running_engines` holds the lock for a moment, which must not look like an owner.
    for pause in (0.05, 0.1, 0.2, None) if create else (None,):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if pause is not None:
                time.sleep(pause)
    else:
        owner = file.read().strip() or "unknown"
        file.close()
        raise AlreadyRunning(
            f"the engines of {path.parent.parent} are already running (process {owner}):"
            " stop that one first, or set SUPPORT_DESK_VAR to another directory"
        )
    if create:
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
    return file


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _publish(path: Path, engines: Engines) -> None:
    """Tell the command line where the engines are; appears whole or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    text = json.dumps({"database_url": engines.database_url, "redis_url": engines.redis_url}, indent=2)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
    part.rename(path)
