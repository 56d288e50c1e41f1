"""What runs in the worker's child processes: one queue each, and the keeper with relay, reconciler, schedule."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

import structlog
from flask import Flask
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from support_desk.core.db import db
from support_desk.outbox import broker, heartbeats, reconciler, relay, schedule

log = structlog.get_logger("outbox")

# RQ blocks on its queue for this long less 15 s, so that a worker shows a sign of life every 5 s.
_WORKER_TTL_SECONDS = 20
_REDIS_PAUSE_SECONDS = 0.5
_TICK_SECONDS = 1.0


class Stop:
    """Remembers that a signal asked this process to end."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._take)

    def _take(self, signum: int, frame: FrameType | None) -> None:
        self.asked = True


class QueueWorker(SimpleWorker):
    """RQ's worker without a process of its own for each job: the lease isolates, and it costs a tenth."""

    max_connection_wait_time = 2.0

    def __init__(self, app: Flask, duty: str, stop: Stop, **options: Any) -> None:
        self._app = app
        self._duty = duty
        self._stop = stop
        self._at_work = False
        self._seen = 0.0
        super().__init__(**options)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run one job in an application context of its own."""
        self._at_work = True
        try:
            with self._app.app_context():
                super().execute_job(job, queue)
        finally:
            self._at_work = False

    def heartbeat(self, *args: Any, **options: Any) -> None:
        """RQ's sign of life, and ours in SQL."""
        super().heartbeat(*args, **options)
        if time.monotonic() - self._seen >= heartbeats.EVERY_SECONDS - 0.5 and not self._at_work:
            self._seen = time.monotonic()
            with self._app.app_context():
                show_life(self._duty)

    def subscribe(self) -> None:
        """Take no commands over Redis: whoever could send them could stop the desk."""

    def _install_signal_handlers(self) -> None:
        """Take the signals over; one that came while RQ was starting counts."""
        super()._install_signal_handlers()
        if self._stop.asked:
            raise StopRequested

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the running job and end; at once when there is none. Further signals change nothing."""
        if self._stop_requested:
            return
        self._stop_requested = True
        if not self._at_work:
            raise StopRequested

    @property
    def stopping(self) -> bool:
        """Whether the worker was told to end."""
        return bool(self._stop_requested)


def show_life(duty: str) -> None:
    """Write a sign of life; a database that is away does not end the process."""
    try:
        heartbeats.beat(duty)
    except SQLAlchemyError as error:
        log.warning("cannot write a sign of life", error=type(error).__name__)


def serve_queue(app: Flask, name: str) -> None:
    """Work off one queue until told to end; waits for Redis whenever it is away."""
    stop = Stop()
    while not stop.asked:
        try:
            with app.app_context():
                connection = broker.connect(_WORKER_TTL_SECONDS)
            with connection:
                worker = QueueWorker(
                    app,
                    name,
                    stop,
                    queues=[broker.queue(name, connection)],
                    connection=connection,
                    serializer=JSONSerializer,
                    worker_ttl=_WORKER_TTL_SECONDS,
                    log_job_description=False,
                )
                worker.log_result_lifespan = False
                worker.work(logging_level="WARNING")
                if worker.stopping:
                    return
        except (RedisError, OSError) as error:
            log.warning("Redis is away", queue=name, error=type(error).__name__)
        except StopRequested:
            return
        # RQ's own handlers are gone with its worker.
        stop = Stop() if not stop.asked else stop
        time.sleep(_REDIS_PAUSE_SECONDS)


def keep(app: Flask) -> None:
    """Relay, reconcile and keep the schedule until told to end."""
    stop = Stop()
    with app.app_context(), relay.Listener() as listener, broker.connect() as connection:
        reconcile_at = beat_at = 0.0
        while not stop.asked:
            now = time.monotonic()
            if now >= beat_at:
                beat_at = now + heartbeats.EVERY_SECONDS
                _try("sign of life", lambda: heartbeats.beat(heartbeats.KEEPER))
            _try("schedule", schedule.tick)
            _try("relay", lambda: relay.publish_due(connection))
            if now >= reconcile_at:
                reconcile_at = now + reconciler.EVERY_SECONDS
                _try("reconciler", lambda: reconciler.reconcile(connection))
            if not stop.asked:
                listener.wait(_TICK_SECONDS)
        db.engine.dispose()


def _try(what: str, step: Any) -> None:
    """One step of the keeper; what fails is tried again at the next turn."""
    try:
        step()
    except (RedisError, SQLAlchemyError, OSError) as error:
        log.warning("cannot do a step", step=what, error=type(error).__name__)
