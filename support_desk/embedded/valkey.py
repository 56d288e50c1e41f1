"""Valkey on a Unix socket, for as long as this process lives."""

import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from support_desk.embedded import children
from support_desk.embedded.errors import EngineError
from support_desk.embedded.places import valkey_program

SOCKET = "valkey.sock"
START_SECONDS = 20.0


@dataclass
class Valkey:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """End it; what it holds is on disk when it was started to keep it."""
        children.stop(self.process, ask=signal.SIGTERM, seconds=2)


def start_valkey(var: Path, sockets: Path, *, throwaway: bool) -> Valkey:
    """Start the server with its data in `<var>/valkey` and wait until it answers."""
    data, log, pid_file, socket = (
        var / "valkey",
        var / "log" / "valkey.log",
        sockets / "valkey.pid",
        sockets / SOCKET,
    )
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log.parent.mkdir(parents=True, exist_ok=True)
    # An old server removes the socket by name as its last act, so it must be gone before ours listens.
    children.await_end_of_orphan(pid_file, str(socket), ask=signal.SIGTERM)
    socket.unlink(missing_ok=True)
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "pidfile": str(pid_file),
        "daemonize": "no",
        "set-proc-title": "no",  # the orphan check reads the command line
        "save": "",
        "appendonly": "no" if throwaway else "yes",
        "maxmemory-policy": "noeviction",
    }
    command: list[str | Path] = [valkey_program()]
    for name, value in settings.items():
        command += [f"--{name}", value]
    with log.open("ab") as output:
        process = children.spawn(command, output=output, environ={"LC_ALL": "C"}, directory=data)
    server = Valkey(f"unix://{quote(str(socket))}?db=0", process)
    _await_answer(server, socket, log)
    return server


def _await_answer(server: Valkey, socket: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
    try:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                if server.process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                server.stop()
                raise EngineError(f"Valkey did not start; the end of {log}:\n{tail(log)}") from None
            return
    finally:
        client.close()


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
