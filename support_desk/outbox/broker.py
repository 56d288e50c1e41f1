"""Redis as the outbox uses it: short timeouts, and nothing in it that is not also in SQL."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from support_desk.core import settings

# A Redis that hangs must not hold up the process that also keeps the schedule.
TIMEOUT_SECONDS = 2


def connect(timeout_seconds: float = TIMEOUT_SECONDS) -> Redis:
    """A connection to the configured Redis; connects when first used. One that blocks needs a longer timeout."""
    return Redis.from_url(
        settings.current().redis_url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=TIMEOUT_SECONDS,
        # Once more at once, over a fresh connection; whoever waits longer does so in a loop that can be stopped.
        retry=Retry(NoBackoff(), 1),
    )


def queue(name: str, connection: Redis) -> Queue:
    """An RQ queue whose jobs are JSON: a name and ids, never pickled objects."""
    return Queue(name, connection=connection, serializer=JSONSerializer)
