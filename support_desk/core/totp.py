"""The authenticator's codes (RFC 6238): thirty-second steps, one either side, each step once."""

import hmac
from datetime import datetime

import pyotp

STEP_SECONDS = 30


def new_secret() -> str:
    """A fresh secret of 160 bits in base 32."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, *, account: str, issuer: str) -> str:
    """The otpauth address that authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def matching_step(secret: str, code: str, *, at: datetime, last_step: int | None) -> int | None:
    """The step that the code belongs to, or None where it is wrong, too old, too new or used already."""
    digits = "".join(code.split())
    now_step = int(at.timestamp()) // STEP_SECONDS
    generator = pyotp.HOTP(secret)
    found = None
    for step in (now_step - 1, now_step, now_step + 1):
        equal = hmac.compare_digest(generator.at(step).encode(), digits.encode())
        if equal and (last_step is None or step > last_step):
            found = step
    return found
