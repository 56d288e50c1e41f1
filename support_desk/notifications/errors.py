"""What can go wrong with messages; none of it is ever shown to a customer."""


class UnknownTemplate(LookupError):
    """There is no such template for this channel."""


class UnknownGateway(ValueError):
    """A setting names a way of sending that is not built; the message says which setting."""


class RefusedForGood(Exception):
    """The receiving side will never take this message; `code` is stored and names nobody."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
