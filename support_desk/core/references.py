"""The reference of a ticket: SD-7K3M-9Q2X; seven random letters and one that checks them."""

from __future__ import annotations

import re
import secrets

from support_desk.core.codes import CROCKFORD, check_character, normalise_code

_SHAPE = re.compile(r"SD-[0-9A-Z]{4}-[0-9A-Z]{4}")
_LETTERS = 7


def new_reference() -> str:
    """A fresh reference; 35 random bits, so that none can be guessed from another."""
    letters = "".join(secrets.choice(CROCKFORD) for _ in range(_LETTERS))
    whole = letters + check_character(letters)
    return f"SD-{whole[:4]}-{whole[4:]}"


def read_reference(text: str) -> str | None:
    """A reference as people type it, put right; None when it cannot be one."""
    letters = normalise_code(text, "crockford").removeprefix("SD")
    if len(letters) != 8 or any(letter not in CROCKFORD for letter in letters):
        return None
    if check_character(letters[:_LETTERS]) != letters[_LETTERS]:
        return None
    return f"SD-{letters[:4]}-{letters[4:]}"


def is_reference(text: str) -> bool:
    """Whether this is a reference, exactly as we write it."""
    return bool(_SHAPE.fullmatch(text)) and read_reference(text) == text
