"""How a customer's own data looks on a screen somebody may look over."""

from __future__ import annotations


def masked_email(address: str) -> str:
    """The first letter and the domain: `h***@example.jp`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def masked_phone(e164: str) -> str:
    """The country and the last two digits."""
    return f"{e164[:3]}{'*' * (len(e164) - 5)}{e164[-2:]}"


def masked_name(name: str) -> str:
    """The first letter of the name."""
    return f"{name[:1]}＊"
