"""What the account directory announces."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class AccountRestricted:
    """Parts of what a customer may do were shut."""

    account_id: UUID
    parts: tuple[str, ...]


@dataclass(frozen=True)
class AccountUnrestricted:
    """A part of what a customer may do was opened again."""

    account_id: UUID
    part: str


@dataclass(frozen=True)
class DirectoryImported:
    """Customers were added, and the order statistics counted anew."""

    added_count: int
