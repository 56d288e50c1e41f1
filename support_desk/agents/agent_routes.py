"""Signing in to the desk, and what an agent does about themselves."""

from typing import Any
from uuid import UUID

from flask import Response
from werkzeug.http import dump_cookie

from support_desk.agents import service, sign_in_service, tokens_service
from support_desk.agents.access import cookie_is_secure, cookie_name
from support_desk.agents.errors import (
    InvalidCredentials,
    SecondFactorNeeded,
    SessionNeeded,
    WrongSecondFactor,
)
from support_desk.agents.schemas import (
    ApiTokenList,
    ConfirmEnrolment,
    EnrolmentView,
    IssueApiToken,
    IssuedApiTokenView,
    MeView,
    PresenceView,
    SessionList,
    SetPresence,
    SignedInView,
    SignIn,
)
from support_desk.agents.sign_in_service import SignedIn, SignInRefused
from support_desk.agents.views import ApiTokenView as ApiTokenRow
from support_desk.core import settings
from support_desk.core.access import agent, agent_any, caller, public
from support_desk.core.errors import DeskError, Problem, TooManyRequests
from support_desk.core.http import Blueprint, answer, client_network
from support_desk.core.paging import Page
from support_desk.core.schemas import PageArguments

blp = Blueprint("agents", __name__, url_prefix="/api/v1/agent", description="Signing in to the desk")


def refusal(reason: SignInRefused) -> DeskError:
    """The error that a counted refusal is answered with."""
    if reason is SignInRefused.NETWORK:
        return TooManyRequests(retry_after_seconds=int(sign_in_service.PER_NETWORK.window.total_seconds()))
    if reason is SignInRefused.SECOND_FACTOR:
        return SecondFactorNeeded()
    if reason is SignInRefused.WRONG_CODE:
        return wrong_code()
    return InvalidCredentials()


def wrong_code() -> DeskError:
    """The answer to a wrong code of the authenticator app."""
    return WrongSecondFactor(errors=[Problem("/code", "second_factor_invalid", WrongSecondFactor.en)])


def session_cookie(opened: SignedIn | None) -> str:
    """The Set-Cookie value of a session, or the one that takes the cookie away."""
    now = settings.current()
    return dump_cookie(
        cookie_name(now),
        opened.token if opened else "",
        max_age=int(sign_in_service.SESSION_LASTS.total_seconds()) if opened else 0,
        secure=cookie_is_secure(now),
        httponly=True,
        samesite="Lax",
        path="/",
    )


def network_key() -> str:
    """The network that sign-in attempts are counted by."""
    version, network = client_network()
    return f"{version}:{network}"


@blp.post("/sessions")
@public
@blp.arguments(SignIn)
@blp.response(201, SignedInView)
def sign_in(body: dict[str, Any]) -> Response | tuple[dict[str, Any], int, dict[str, str]]:
    """Sign in; the same answer for an unknown address and a wrong password."""
    opened = sign_in_service.sign_in(**body, network=network_key())
    if isinstance(opened, SignInRefused):
        return answer(refusal(opened))
    view = {
        "agent": opened.agent,
        "csrf_token": opened.csrf_token,
        "second_factor_enrolment_required": opened.enrolment_only,
    }
    return view, 201, {"Set-Cookie": session_cookie(opened)}


@blp.get("/sessions")
@agent_any
@blp.arguments(PageArguments, location="query")
@blp.response(200, SessionList)
def list_sessions(query: dict[str, Any]) -> dict[str, Any]:
    """Your sign-ins that are alive, newest first."""
    found = sign_in_service.page_sessions(_agent_id(), **query)
    items = [{**vars(item), "current": item.id == caller().session_id} for item in found.items]
    return {"items": items, "next_cursor": found.next_cursor}


@blp.delete("/sessions/<uuid:session_id>")
@agent("presence.write")
@blp.response(204)
def end_session(session_id: UUID) -> None:
    """End one of your sign-ins, on another device for example."""
    _session_id()
    sign_in_service.end_session(session_id, of_agent=_agent_id())


@blp.delete("/sessions/current")
@agent_any
@blp.response(204)
def sign_out() -> tuple[str, int, dict[str, str]]:
    """End the present session."""
    sign_in_service.sign_out(_session_id())
    return "", 204, {"Set-Cookie": session_cookie(None)}


@blp.get("/me")
@agent_any
@blp.response(200, MeView)
def me() -> dict[str, Any]:
    """Who is calling, and what they may do."""
    who = caller()
    found = service.get_agent(_agent_id())
    return {
        **vars(found),
        "permissions": sorted(who.permissions),
        "csrf_token": sign_in_service.csrf_token(who.session_id) if who.session_id else None,
    }


@blp.put("/me/presence")
@agent("presence.write")
@blp.arguments(SetPresence)
@blp.response(200, PresenceView)
def set_presence(body: dict[str, Any]) -> service.AgentView:
    """Say what you are doing; also the sign of life."""
    return service.set_presence(_agent_id(), body["presence"])


@blp.post("/me/second-factor")
@agent_any
@blp.response(201, EnrolmentView)
def begin_enrolment() -> sign_in_service.Enrolment:
    """A secret for the authenticator app; in force once confirmed."""
    _session_id()
    return sign_in_service.begin_enrolment(_agent_id())


@blp.put("/me/second-factor")
@agent_any
@blp.arguments(ConfirmEnrolment)
@blp.response(204)
def confirm_enrolment(body: dict[str, Any]) -> Response | None:
    """Put the authenticator app in force; it is demanded at every sign-in from now on."""
    if not sign_in_service.confirm_enrolment(_agent_id(), _session_id(), body["code"]):
        return answer(wrong_code())
    return None


@blp.get("/api-tokens")
@agent("tokens.manage")
@blp.arguments(PageArguments, location="query")
@blp.response(200, ApiTokenList)
def list_tokens(query: dict[str, Any]) -> Page[ApiTokenRow]:
    """Your API tokens that are not revoked; an admin sees everybody's."""
    return tokens_service.page_tokens(_whose_tokens(), **query)


@blp.post("/api-tokens")
@agent("tokens.manage")
@blp.arguments(IssueApiToken)
@blp.response(201, IssuedApiTokenView)
def issue_token(body: dict[str, Any]) -> dict[str, Any]:
    """A new API token; its secret is shown once."""
    _session_id()
    view, secret = tokens_service.issue_token(
        _agent_id(),
        caller().role or "",
        name=body["name"],
        scopes=frozenset(body["scopes"]),
        expires_at=body["expires_at"],
    )
    return {**vars(view), "token": secret}


@blp.delete("/api-tokens/<uuid:token_id>")
@agent("tokens.manage")
@blp.response(204)
def revoke_token(token_id: UUID) -> None:
    """End an API token at once."""
    tokens_service.revoke_token(token_id, of_agent=_whose_tokens())


def _agent_id() -> UUID:
    found = caller().agent_id
    assert found is not None
    return found


def _session_id() -> UUID:
    """The session of a person at the dashboard: what opens doors is not done by a program's token."""
    found = caller().session_id
    if found is None:
        raise SessionNeeded
    return found


def _whose_tokens() -> UUID | None:
    return None if "agents.manage" in caller().permissions else _agent_id()
