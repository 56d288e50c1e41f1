"""Signing in to the account, signing out, and what the customer has there."""

from __future__ import annotations

from typing import Any

from flask import Response

from support_desk.accounts import profile_service, sessions_service, sign_in_service
from support_desk.accounts.errors import SignInFailed
from support_desk.accounts.schemas import AccountProfileView, AccountSessionView, SignInToAccount
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
def open_session(body: dict[str, str]) -> dict[str, str] | Response:
    """Sign in with an e-mail address or phone number and the password."""
    token = sign_in_service.sign_in(body["identifier"], body["password"], network=client_network()[1])
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
    account_id = caller().account_id
    assert account_id is not None
    return profile_service.get_profile(account_id)
