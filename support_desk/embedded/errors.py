"""What can keep the embedded engines from running."""


class EngineError(RuntimeError):
    """An engine is missing or does not start; the text says what to do about it."""


class AlreadyRunning(EngineError):
    """Another process runs its engines on the same directory."""
