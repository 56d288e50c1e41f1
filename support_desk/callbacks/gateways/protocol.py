"""What a telephony has to do for a call."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Ring:
    """How a call begins: the link the agent opens, or None where the provider rings by itself."""

    link: str | None


class Telephony(Protocol):
    """Begins calls. The attempt is committed before, and its key makes a repeated request the same ring."""

    def ring(self, attempt_key: str, number: str) -> Ring:
        """Begin a call to a number in E.164."""
        ...
