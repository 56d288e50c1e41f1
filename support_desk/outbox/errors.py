"""What can go wrong with promised jobs; none of it is ever shown to a customer."""


class UnknownJob(LookupError):
    """No function is registered under this job name."""


class LeaseLost(Exception):
    """Another worker took the job over; what this one did must not be committed."""


class GiveUp(Exception):
    """A job says that trying again is useless; `code` is stored, so it must name nobody."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
