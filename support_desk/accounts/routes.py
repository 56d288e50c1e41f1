"""Signing in to the account, signing out, and what the customer has there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, jsonify, make_response

from support_desk.accounts import (
    authenticators_service,
    profile_service,
    recovery_codes_service,
    second_step_service,
    sessions_service,
    sign_in_service,
)
from support_desk.accounts.errors import SignInFailed, WrongCode
from support_desk.accounts.schemas import (
    AccountProfileView,
    AccountSessionView,
    AuthenticatorView,
    ConfirmAuthenticator,
    FinishSignIn,
    RecoveryCodesView,
    SecondStepView,
    SignInToAccount,
)
from support_desk.core.access import account_session, caller, public
from support_desk.core.http import Blueprint, answer, client_network

blp = Blueprint(
    "account",
    __name__,
    url_prefix="/api/v1",
    description="The customer's account: sign-in, balances, restrictions",
)


@blp.post("/account/sessions")
@public
@blp.arguments(SignInToAccount)
@blp.response(201, AccountSessionView)
@blp.alt_response(202, schema=SecondStepView, description="2-step is on: the code is awaited")
def open_session(body: dict[str, str]) -> dict[str, str | None] | Response:
    """Sign in with an e-mail address or phone number and the password."""
    opened = sign_in_service.sign_in(body["identifier"], body["password"], network=client_network()[1])
    if opened is None:
        return answer(SignInFailed())
    if opened.token is None:
        return make_response(jsonify(second_step_token=opened.second_step_token), 202)
    return {"token": opened.token}


@blp.post("/account/sessions/second-step")
@public
@blp.arguments(FinishSignIn)
@blp.response(201, AccountSessionView)
def finish_sign_in(body: dict[str, str]) -> dict[str, str] | Response:
    """The second step: the code from the SMS or the authenticator app; five tries in ten minutes."""
    token = second_step_service.finish_second_step(
        body["second_step_token"], body["code"], network=client_network()[1]
    )
    return answer(SignInFailed()) if token is None else {"token": token}


@blp.delete("/account/sessions/current")
@account_session
@blp.response(204)
def end_session() -> None:
    """Sign out."""
    session_id = caller().session_id
    assert session_id is not None
    sessions_service.end_session(session_id)


@blp.get("/account")
@account_session
@blp.response(200, AccountProfileView)
def show_account() -> Any:
    """The masked profile, balances, Prime, and what is restricted until when."""
    return profile_service.get_profile(_mine())


@blp.post("/account/recovery-codes")
@account_session
@blp.response(201, RecoveryCodesView)
def make_recovery_codes() -> dict[str, list[str]]:
    """Ten codes to keep on paper, each good once; codes made before are void."""
    return {"codes": recovery_codes_service.make_recovery_codes(_mine())}


@blp.post("/account/authenticator")
@account_session
@blp.response(201, AuthenticatorView)
def begin_authenticator() -> Any:
    """A secret for an authenticator app; it counts once a code of it was confirmed."""
    return authenticators_service.begin_authenticator(_mine())


@blp.post("/account/authenticator/confirmation")
@account_session
@blp.arguments(ConfirmAuthenticator)
@blp.response(204)
def confirm_authenticator(body: dict[str, str]) -> Response | None:
    """Put the new authenticator app in force by a code of it and the password."""
    if authenticators_service.confirm_authenticator(_mine(), body["code"], body["password"]):
        return None
    return answer(WrongCode())


def _mine() -> UUID:
    account_id = caller().account_id
    assert account_id is not None
    return account_id
