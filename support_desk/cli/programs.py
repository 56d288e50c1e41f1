"""The programs the desk consists of, as commands."""

import sys
from pathlib import Path

import support_desk
from support_desk.config import Settings

ROOT = Path(support_desk.__file__).resolve().parent.parent
WORKER = ROOT / "worker.py"
GRACE_SECONDS = 2  # what a request may still take when the web is told to stop


def web_command(settings: Settings, *, processes: int | None = None) -> list[str]:
    """Gunicorn serving the application; SIGTERM lets requests under way finish."""
    return [
        *(sys.executable, "-m", "gunicorn", "support_desk.app:create_app()"),
        *("--bind", f"{settings.host}:{settings.port}"),
        *("--worker-class", "gthread", "--workers", str(processes or settings.web_processes)),
        *("--threads", str(settings.web_threads)),
        *("--graceful-timeout", str(GRACE_SECONDS), "--no-control-socket", "--log-level", "warning"),
    ]


def worker_command(settings: Settings) -> list[str]:
    """The parent of the worker processes, of the relay and of the schedule."""
    return [sys.executable, str(WORKER), "--processes", str(settings.worker_processes)]
