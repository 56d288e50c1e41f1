"""The identifiers a ticket names, in the one form in which they are compared and counted."""

from __future__ import annotations

from dataclasses import dataclass

from support_desk.core.japan import normalise_email, normalise_phone
from support_desk.core.secrets import blind_index
from support_desk.tickets.models import KeyKind


@dataclass(frozen=True, kw_only=True)
class Contact:
    """How the claimant can be reached, as they wrote it."""

    name: str | None = None
    name_kana: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What the claimant says about the account they mean; proves nothing."""

    email: str | None = None
    phone: str | None = None
    postal_code: str | None = None
    order_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """An e-mail address or a phone number in normalised form."""

    kind: KeyKind
    normalised: str

    @property
    def key(self) -> bytes:
        """What it is counted and looked up by: 32 bytes that tell nothing without the secret."""
        return blind_index(self.kind.value, self.normalised)


def identifiers_of(contact: Contact, claimed: Claimed) -> list[Identifier]:
    """Every identifier that is named, strongest first, each once; what cannot be one is left out."""
    emails = [normalise_email(claimed.email), normalise_email(contact.email)]
    phones = [normalise_phone(claimed.phone), normalise_phone(contact.phone)]
    found = [Identifier(kind=KeyKind.EMAIL, normalised=email) for email in emails if email]
    found += [Identifier(kind=KeyKind.PHONE, normalised=phone) for phone in phones if phone]
    return list(dict.fromkeys(found))
