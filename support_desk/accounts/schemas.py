"""What the routes of the account take and show."""

from __future__ import annotations

import marshmallow as ma

from support_desk.accounts.models import PrimeStatus, RestrictedPart
from support_desk.core.schemas import Instant, Schema, Text, one_of


class SignInToAccount(Schema):
    """An e-mail address or phone number, and the password."""

    identifier = Text(max=300, required=True)
    password = Text(max=1000, required=True, strip=False, load_only=True, metadata={"format": "password"})


class AccountSessionView(Schema):
    """A new session; the token is shown this once."""

    token = ma.fields.String(required=True)


class SecondStepView(Schema):
    """The password was right; the code of the second step is awaited."""

    second_step_token = ma.fields.String(required=True)


class FinishSignIn(Schema):
    """The code from the SMS or the authenticator app."""

    second_step_token = Text(max=200, required=True, load_only=True)
    code = Text(max=64, min=1, required=True, load_only=True)


class RecoveryCodesView(Schema):
    """Ten new codes, shown this once; those before are void."""

    codes = ma.fields.List(ma.fields.String(), required=True)


class AuthenticatorView(Schema):
    """What an authenticator app reads, shown this once."""

    secret = ma.fields.String(required=True)
    otpauth_uri = ma.fields.String(required=True)


class ConfirmAuthenticator(Schema):
    """A code that the new app shows, and the password."""

    code = Text(max=64, min=1, required=True, load_only=True)
    password = Text(max=1000, required=True, strip=False, load_only=True, metadata={"format": "password"})


class PrimeView(Schema):
    """The Prime membership."""

    status = one_of(*(status.value for status in PrimeStatus), required=True)
    plan = ma.fields.String(required=True, allow_none=True)
    paid_until = ma.fields.Date(required=True, allow_none=True)


class RestrictionView(Schema):
    """A part of the account that is shut, until when, and what lifts it sooner."""

    part = one_of(*(part.value for part in RestrictedPart), required=True)
    since = Instant(required=True)
    until = Instant(required=True, allow_none=True)
    lift_with = ma.fields.List(ma.fields.String(), required=True)


class AccountProfileView(Schema):
    """The signed-in customer's account, masked."""

    account_id = ma.fields.String(required=True)
    name = ma.fields.String(required=True, allow_none=True)
    email = ma.fields.String(required=True, allow_none=True)
    phone = ma.fields.String(required=True, allow_none=True)
    prefecture = ma.fields.String(required=True, allow_none=True)
    registered_at = Instant(required=True)
    gift_balance_yen = ma.fields.Integer(required=True)
    points = ma.fields.Integer(required=True)
    prime = ma.fields.Nested(PrimeView, required=True)
    two_step = ma.fields.Boolean(required=True)
    restrictions = ma.fields.List(ma.fields.Nested(RestrictionView), required=True)
