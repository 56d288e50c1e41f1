"""The embedded default: a real PostgreSQL and a real Valkey, started beside the desk and stopped with it."""

from support_desk.embedded.engines import Engines, running_engines, start_engines
from support_desk.embedded.errors import AlreadyRunning, EngineError
from support_desk.embedded.supervisor import Program, Stopped, StopRequest, supervise

__all__ = [
    "AlreadyRunning",
    "EngineError",
    "Engines",
    "Program",
    "StopRequest",
    "Stopped",
    "running_engines",
    "start_engines",
    "supervise",
]
