"""The jobs that may be promised, by name. Features register theirs in their `jobs.py`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from support_desk.outbox.errors import UnknownJob

URGENT = "urgent"
DEFAULT = "default"
# Served in this order: callbacks and security codes first.
QUEUES = (URGENT, DEFAULT)

Handler = TypeVar("Handler", bound=Callable[..., None])


@dataclass(frozen=True)
class Job:
    """A registered job: its function, its queue, and how its ids are read back from JSON."""

    name: str
    handler: Callable[..., None]
    queue: str
    external: bool
    readers: dict[str, Callable[[Any], Any]]
    required: frozenset[str]

    def read(self, ids: dict[str, Any]) -> dict[str, Any]:
        """The stored ids as the handler's arguments."""
        return {name: self.readers[name](value) for name, value in ids.items()}

    def check(self, ids: dict[str, Any]) -> None:
        """Refuse ids that the handler does not take, or lacks; raises TypeError."""
        if not self.required <= ids.keys() <= self.readers.keys():
            raise TypeError(f"{self.name} takes {sorted(self.readers)}, was promised {sorted(ids)}")


_jobs: dict[str, Job] = {}
_periods: dict[str, int] = {}


def job(name: str, *, queue: str = DEFAULT, external: bool = False) -> Callable[[Handler], Handler]:
    """Register a function as a job.

    A plain job runs inside the transaction that completes it. An external one is called with a `JobRun` first,
    opens its own transactions around its network call, and calls `run.complete()` in the last of them.
    """
    if queue not in QUEUES:
        raise ValueError(f"{name}: no worker serves the queue {queue}")

    def register(handler: Handler) -> Handler:
        known = _jobs.get(name)
        if known and (known.handler.__module__, known.handler.__qualname__) != (
            handler.__module__,
            handler.__qualname__,
        ):
            raise ValueError(f"two functions are registered as {name}")
        _jobs[name] = _describe(name, handler, queue, external)
        return handler

    return register


def periodic(name: str, *, every_seconds: int, queue: str = DEFAULT) -> Callable[[Handler], Handler]:
    """Register a function without arguments as work that is due again and again."""

    def register(handler: Handler) -> Handler:
        _periods[name] = every_seconds
        return job(name, queue=queue)(handler)

    return register


def _describe(name: str, handler: Callable[..., None], queue: str, external: bool) -> Job:
    parameters = list(inspect.signature(handler).parameters.values())
    hints = get_type_hints(handler)
    if external:
        parameters = parameters[1:]
    return Job(
        name=name,
        handler=handler,
        queue=queue,
        external=external,
        readers={p.name: UUID if hints.get(p.name) is UUID else _as_stored for p in parameters},
        required=frozenset(p.name for p in parameters if p.default is inspect.Parameter.empty),
    )


def _as_stored(value: Any) -> Any:
    return value


def find_job(name: str) -> Job | None:
    """The job of that name, or None."""
    return _jobs.get(name)


def get_job(name: str) -> Job:
    """The job of that name; raises UnknownJob."""
    found = _jobs.get(name)
    if found is None:
        raise UnknownJob(name)
    return found


def periods() -> dict[str, int]:
    """Periodic work: job name to seconds between two runs."""
    return dict(_periods)
