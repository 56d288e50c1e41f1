"""Agents' passwords: Argon2id, and the same work where there is nothing to compare with."""

import secrets
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

MINIMUM_LENGTH = 12
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
#: A hash of nothing anybody knows, so that an unknown address costs as much as a known one.
_DUMMY_HASH = _hasher.hash(secrets.token_urlsafe(32))


def new_password() -> str:
    """A fresh password of 96 random bits, to be shown once."""
    return secrets.token_urlsafe(12)


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, Unicode folded by NFKC."""
    return _hasher.hash(unicodedata.normalize("NFKC", password))


def password_matches(stored_hash: str | None, password: str) -> bool:
    """Whether the password is the stored one; without a stored hash the same work and False."""
    try:
        _hasher.verify(stored_hash or _DUMMY_HASH, unicodedata.normalize("NFKC", password))
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None
