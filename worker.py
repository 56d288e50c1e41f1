"""Work off promised jobs: `python worker.py [--queue NAME …] [--processes N]`. Any number may run."""

import argparse
import sys

from support_desk.app import create_app
from support_desk.config import Settings, SettingsError
from support_desk.outbox.registry import QUEUES
from support_desk.outbox.supervisor import Supervisor, duties


def main() -> None:
    """Start the worker processes and keep them until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="worker.py",
        description="Start worker processes, the relay, the reconciler and the schedule.",
        epilog="Example: python worker.py --queue urgent --queue default --processes 4",
    )
    parser.add_argument(
        "--queue", action="append", choices=QUEUES, default=[], help="serve this queue (default: all)"
    )
    parser.add_argument("--processes", type=int, help="worker processes, one queue each")
    given = parser.parse_args()
    try:
        settings = Settings.from_environ()
        if not settings.database_url or not settings.redis_url:
            raise SettingsError("set SUPPORT_DESK_DATABASE_URL and SUPPORT_DESK_REDIS_URL, or use support-desk up")
    except SettingsError as error:
        sys.exit(f"worker.py: {error}")
    count = settings.worker_processes if given.processes is None else given.processes
    Supervisor(create_app(settings), duties(given.queue, count)).run()


if __name__ == "__main__":
    main()
