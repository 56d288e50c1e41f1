"""PostgreSQL on a Unix socket, for as long as this process lives, also for root."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from support_desk.embedded import children
from support_desk.embedded.children import Identity
from support_desk.embedded.errors import EngineError
from support_desk.embedded.leash import NOBODY
from support_desk.embedded.places import OLDEST_POSTGRES, postgres_programs, short_name

SOCKET = ".s.PGSQL.5432"
NAME = "support_desk"  # of the role and of the database
LOCALES = ("C.UTF-8", "en_US.UTF-8")  # libc's: with plain C no Japanese letter is a letter
ENVIRON = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC"}
START_SECONDS = 60.0  # after a kill the log is replayed first
LASTING = {"max_connections": "200", "shared_buffers": "128MB", "timezone": "UTC", "log_timezone": "UTC"}
THROWAWAY = LASTING | {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Postgres:
    """The server with its data in `<var>/postgres`, which is made if absent.

    `root_as` fixes how root avoids being root, for tests; otherwise the first way that works is taken.
    """

    name = "PostgreSQL"

    def __init__(self, var: Path, sockets: Path, *, throwaway: bool, root_as: Identity | None = None) -> None:
        self._programs, self._identity = _choose(var / "postgres", root_as)
        home = _home(var, self._identity)
        self._data = home / "postgres"
        self._sockets = sockets if home == var else home
        self._throwaway = throwaway
        self._process: subprocess.Popen[bytes] | None = None
        self.log = var / "log" / "postgres.log"
        self.url = f"postgresql+psycopg://{NAME}@/{NAME}?host={quote(str(self._sockets), safe='')}"

    def start(self) -> None:
        """Start the server and wait until it answers and has the database."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # PostgreSQL itself judges what a dead server left: only it can see whether a backend survived.
        children.await_end_of_orphan(self._data / "postmaster.pid", str(self._data), ask=signal.SIGQUIT)
        _own(self._data, self._identity)
        if not (self._data / "PG_VERSION").exists():
            _create(self._data, self._programs, self._identity, throwaway=self._throwaway)
        os.chown(self._sockets, _owner(self._identity), -1)
        settings = (THROWAWAY if self._throwaway else LASTING) | {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self._sockets}"',
            "unix_socket_permissions": "0700",
        }
        command: list[str | Path] = [self._programs / "postgres", "-D", self._data]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with self.log.open("ab") as output:
            self._process = children.spawn(
                command,
                output=output,
                environ=ENVIRON,
                directory=Path("/"),
                identity=self._identity,
                death_signal=self._stop_signal,
            )
        self._await_answer(self._process)

    def ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End it: with a checkpoint, or at once when nobody will read its data again."""
        if self._process is not None:
            children.stop(self._process, ask=self._stop_signal, seconds=2)

    @property
    def _stop_signal(self) -> signal.Signals:
        return signal.SIGQUIT if self._throwaway else signal.SIGINT

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                link = psycopg.connect(host=str(self._sockets), user=NAME, dbname="postgres", autocommit=True)
            except psycopg.OperationalError:
                if process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                self.stop()
                raise EngineError(
                    f"PostgreSQL did not start; the end of {self.log}:\n{children.tail(self.log)}"
                ) from None
            with link:
                found = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
                if found is None:
                    link.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
            return


def _choose(data: Path, root_as: Identity | None) -> tuple[Path, Identity]:
    """The programs and the identity that work here, matching the version of existing data."""
    wanted = _version_of(data)
    seen = []
    for programs in postgres_programs():
        for identity in _identities(root_as):
            usable = _readable_copy(programs) if identity is Identity.DROP else programs
            status, written = children.run([usable / "postgres", "--version"], identity=identity, environ=ENVIRON)
            if status == 0:
                break
        else:
            seen.append(f"{programs}: {written.strip() or 'not startable as this user'}")
            continue
        version = _major_version(written)
        if version >= OLDEST_POSTGRES and wanted in (None, version):
            return usable, identity
        seen.append(f"{programs}: version {version}")
    which = f"{wanted} (the version of {data})" if wanted else f"{OLDEST_POSTGRES} or newer"
    ways = ["`pip install 'support-desk[embedded]'`", "`apt-get install postgresql`"]
    ways.append("set SUPPORT_DESK_DATABASE_URL")
    if wanted:
        ways.append(f"move {data} away to begin with an empty database")
    lines = [f"no usable PostgreSQL {which} found; choose: {', or '.join(ways)}", *seen]
    raise EngineError("\n  ".join(lines))


def _major_version(written: str) -> int:
    match = re.search(r"\) (\d+)", written)  # postgres (PostgreSQL) 15.18 (Debian 15.18-0)
    return int(match.group(1)) if match else 0


def _identities(root_as: Identity | None) -> list[Identity]:
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:  # PostgreSQL insists on a name; a number without one is common in containers
            return [Identity.NAMESPACE, Identity.PLAIN]
        return [Identity.PLAIN]
    return [root_as] if root_as is not None else [Identity.NAMESPACE, Identity.DROP]


def _version_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None


def _readable_copy(programs: Path) -> Path:
    """Programs that uid 65534 can start: these, or a copy outside of the private directory they lie in."""
    probe = children.run([programs / "postgres", "--version"], identity=Identity.DROP, environ=ENVIRON)
    if probe[0] == 0 or programs.parent.name != "pginstall":
        return programs
    package = programs.parent.parent
    copy = Path(tempfile.gettempdir()) / short_name(package)
    if not (copy / "complete").exists():
        # The libraries are found by a path relative to the programs, so both lie side by side again.
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir(mode=0o755)
        shutil.copytree(programs.parent, copy / package.name / "pginstall")
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name)
        (copy / "complete").touch()
    if copy.lstat().st_uid != os.geteuid():
        raise EngineError(f"{copy} belongs to another user: remove it and start again")
    return copy / package.name / "pginstall" / "bin"


def _home(var: Path, identity: Identity) -> Path:
    """`var`, or a directory in the temp folder when uid 65534 cannot reach `var`."""
    if identity is not Identity.DROP or children.run(["/bin/ls", "-d", var], identity=identity)[0] == 0:
        return var
    if (var / "postgres" / "PG_VERSION").exists():
        raise EngineError(
            f"uid {NOBODY} cannot reach {var / 'postgres'}, and this machine forbids user namespaces:"
            " make its parent directories passable (chmod a+x), or start as another user than root"
        )
    home = Path(tempfile.gettempdir()) / f"{short_name(var)}-data"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.lstat().st_uid not in (os.geteuid(), NOBODY):
        raise EngineError(f"{home} belongs to another user: remove it and start again")
    os.chown(home, NOBODY, NOBODY)
    return home


def _own(data: Path, identity: Identity) -> None:
    """Give existing data to the user of this start; an earlier one may have used the other way."""
    if not data.exists():
        return
    owner = _owner(identity)
    if data.stat().st_uid == owner:
        return
    if os.geteuid() != 0:
        raise EngineError(f"{data} belongs to another user: start as that user, or remove it")
    for path in (data, *data.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)


def _owner(identity: Identity) -> int:
    return NOBODY if identity is Identity.DROP else os.geteuid()


def _create(data: Path, programs: Path, identity: Identity, *, throwaway: bool) -> None:
    """Make a cluster; a half made one never gets the name of a whole one."""
    half = data.with_name(f"{data.name}.new")
    data.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for locale in LOCALES:
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        _own(half, identity)
        command: list[str | Path] = [
            *(programs / "initdb", "-D", half, "-U", NAME, "--auth=trust", "--encoding=UTF8"),
            *(f"--locale={locale}", "--lc-messages=C", "--no-instructions"),
        ]
        if throwaway:
            command.append("--no-sync")
        status, written = children.run(command, identity=identity, environ=ENVIRON, directory=Path("/"))
        if status == 0:
            half.rename(data)
            return
    raise EngineError(f"initdb failed:\n{written.strip()}")
