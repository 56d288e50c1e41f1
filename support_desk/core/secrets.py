"""Keys, MACs, derived tokens, encrypted columns and blind indexes, all from the configured secrets.

The first secret signs and encrypts; all of them verify and decrypt, so that a secret can be rotated.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from support_desk.core import settings

_KEY_ID_BYTES = 4
_NONCE_BYTES = 12
_SEPARATOR = b"\x1f"


class Undecryptable(Exception):
    """The value was encrypted with a secret that is no longer configured, or was tampered with."""


@lru_cache(maxsize=256)
def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"support_desk:{purpose}".encode()).derive(secret.encode())


def purpose_key(purpose: str, index: int = 0) -> bytes:
    """The 32-byte key of one purpose; index 0 is the secret that signs."""
    return _derive(settings.current().secret_keys[index], purpose)


def purpose_keys(purpose: str) -> list[bytes]:
    """The keys of one purpose under every configured secret, the signing one first."""
    return [_derive(secret, purpose) for secret in settings.current().secret_keys]


def _frame(parts: tuple[object, ...]) -> bytes:
    """The parts as one message in which no two different lists look alike."""
    texts = [str(part).encode() for part in parts]
    return _SEPARATOR.join(str(len(text)).encode() + b":" + text for text in texts)


def mac_with(key: bytes, *parts: object) -> bytes:
    """HMAC-SHA-256 of the parts under a key."""
    return hmac.new(key, _frame(parts), hashlib.sha256).digest()


def mac(purpose: str, *parts: object) -> bytes:
    """HMAC-SHA-256 of the parts under the key of a purpose."""
    return mac_with(purpose_key(purpose), *parts)


def verify_mac(purpose: str, given: bytes, *parts: object) -> bool:
    """Whether one of the configured secrets made this MAC; every one is tried."""
    good = False
    for key in purpose_keys(purpose):
        good |= hmac.compare_digest(mac_with(key, *parts), given)
    return good


def derive_token(purpose: str, *parts: object) -> str:
    """A 256-bit token that need not be stored: 43 URL-safe characters."""
    return _token(mac(f"token:{purpose}", *parts))


def token_matches(purpose: str, given: str, *parts: object) -> bool:
    """Whether this is the derived token, under any configured secret; in constant time."""
    good = False
    for key in purpose_keys(f"token:{purpose}"):
        good |= hmac.compare_digest(_token(mac_with(key, *parts)).encode(), given.encode("utf-8", "replace"))
    return good


def _token(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def blind_index(kind: str, normalised: str) -> bytes:
    """What an encrypted value is looked up by: 32 bytes that tell nothing without the secret."""
    return mac(f"blind-index:{kind}", normalised)


def token_hash(token: str) -> bytes:
    """What is stored of a random token (it has 256 bits: no salt is needed)."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def encrypt(text: str) -> bytes:
    """AES-256-GCM of a text: key id, nonce, ciphertext with tag."""
    key = purpose_key("column")
    nonce = os.urandom(_NONCE_BYTES)
    return _key_id(key) + nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


def decrypt(sealed: bytes) -> str:
    """The text that was encrypted; raises Undecryptable."""
    key_id, nonce = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
    for key in purpose_keys("column"):
        if _key_id(key) == key_id:
            try:
                return AESGCM(key).decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], None).decode()
            except Exception as error:
                raise Undecryptable from error
    raise Undecryptable


@lru_cache(maxsize=64)
def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key-id" + key).digest()[:_KEY_ID_BYTES]


class EncryptedText(sa.types.TypeDecorator[str]):
    """A text column that is encrypted before it reaches the database; look it up by `blind_index`."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> bytes | None:
        return None if value is None else encrypt(value)

    def process_result_value(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else decrypt(bytes(value))
