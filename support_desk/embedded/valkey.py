"""Valkey on a Unix socket, for as long as this process lives."""

import signal
import subprocess
import time
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


class Valkey:
    """The server with its data in `<var>/valkey`."""

    name = "Valkey"

    def __init__(self, var: Path, sockets: Path, *, throwaway: bool) -> None:
        self.log = var / "log" / "valkey.log"
        self.socket = sockets / SOCKET
        self.url = f"unix://{quote(str(self.socket))}?db=0"
        self._data = var / "valkey"
        self._throwaway = throwaway
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        pid_file = self.socket.with_name("valkey.pid")
        # An old server removes the socket by name as its last act, so it must be gone before ours listens.
        children.await_end_of_orphan(pid_file, str(self.socket), ask=signal.SIGTERM)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "pidfile": str(pid_file),
            "daemonize": "no",
            "set-proc-title": "no",  # the orphan check reads the command line
            "save": "",
            "appendonly": "no" if self._throwaway else "yes",
            "maxmemory-policy": "noeviction",
        }
        command: list[str | Path] = [valkey_program()]
        for name, value in settings.items():
            command += [f"--{name}", value]
        with self.log.open("ab") as output:
            self._process = children.spawn(command, output=output, environ={"LC_ALL": "C"}, directory=self._data)
        self._await_answer(self._process)

    def ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End it; what it holds is on disk when it was started to keep it."""
        if self._process is not None:
            children.stop(self._process, ask=signal.SIGTERM, seconds=1)

    def _await_answer(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))
        with client:
            while True:
                try:
                    client.ping()
                except redis.RedisError:
                    if process.poll() is None and time.monotonic() < deadline:
                        time.sleep(0.02)
                        continue
                    self.stop()
                    raise EngineError(
                        f"Valkey did not start; the end of {self.log}:\n{children.tail(self.log)}"
                    ) from None
                return
