"""Blind indexes of what names an account: the only way a customer is looked up by personal data."""

from __future__ import annotations

from support_desk.accounts.models import ChannelKind, IdentifierKind
from support_desk.core.japan import fold_kana, fold_name, normalise_email, normalise_phone
from support_desk.core.secrets import blind_index


def identifier_mac(kind: IdentifierKind | ChannelKind, normalised: str) -> bytes:
    """What an identifier is stored and looked up by."""
    return blind_index(f"account:{kind.value}", normalised)


def whole_name_mac(name: str) -> bytes:
    """Equal for two spellings of one name, family name first."""
    return blind_index("account:whole_name", fold_name(name))


def whole_kana_mac(kana: str) -> bytes:
    """Equal for two spellings of one reading."""
    return blind_index("account:whole_kana", fold_kana("".join(kana.split())))


def address_mac(postal_code: str, *lines: str) -> bytes:
    """Equal for two accounts at one address."""
    return blind_index("account:address", "\n".join([postal_code, *("".join(line.split()) for line in lines)]))


def read_identifier(text: str) -> tuple[ChannelKind, str] | None:
    """The e-mail address or phone number that a text is, normalised; None when it is neither."""
    email = normalise_email(text)
    if email is not None:
        return ChannelKind.EMAIL, email
    phone = normalise_phone(text)
    return (ChannelKind.PHONE, phone) if phone is not None else None
