"""create_app: settings, database, blueprints, event subscriptions."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import structlog
from flask import Blueprint as PageBlueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from support_desk import health
from support_desk.accounts import ledger_models, order_models, own_proof_models
from support_desk.accounts import models as account_models
from support_desk.accounts import routes as account_routes
from support_desk.accounts.sessions_service import authenticate as authenticate_account
from support_desk.agents import agent_routes, team_routes
from support_desk.agents import models as agent_models
from support_desk.agents.access import authenticate_agent, authenticate_intake
from support_desk.audit import models as audit_models
from support_desk.audit.service import record_refusal
from support_desk.calendar.service import check_calendar
from support_desk.callbacks import agent_routes as callback_agent_routes
from support_desk.callbacks import jobs as callback_jobs
from support_desk.callbacks import models as callback_models
from support_desk.callbacks import routes as callback_routes
from support_desk.callbacks.booking_service import cancel_with_ticket
from support_desk.config import Settings
from support_desk.core import clock, logs
from support_desk.core import models as core_models
from support_desk.core.access import register_authenticator
from support_desk.core.db import db
from support_desk.core.events import subscribe
from support_desk.core.http import Api, Blueprint, DeskFlask, RequestRefused, install, page_errors_with
from support_desk.desk import agent_routes as desk_agent_routes
from support_desk.intake import jobs as intake_jobs
from support_desk.intake import models as intake_models
from support_desk.intake import opening_service, reset_routes
from support_desk.intake import routes as intake_routes
from support_desk.notifications import jobs as notification_jobs
from support_desk.notifications import models as notification_models
from support_desk.outbox import models as outbox_models
from support_desk.restoration import agent_routes as restoration_agent_routes
from support_desk.restoration import jobs as restoration_jobs
from support_desk.restoration import models as restoration_models
from support_desk.restoration import routes as restoration_routes
from support_desk.restoration import service as restoration
from support_desk.tickets import agent_routes as ticket_agent_routes
from support_desk.tickets import jobs as ticket_jobs
from support_desk.tickets import models as ticket_models
from support_desk.tickets import routes as ticket_routes
from support_desk.tickets.access import authenticate_claimant
from support_desk.tickets.events import MessagePosted, TicketClosed, TicketResolved, TicketSolving
from support_desk.verification import agent_routes as verification_agent_routes
from support_desk.verification import jobs as verification_jobs
from support_desk.verification import models as verification_models
from support_desk.verification import routes as verification_routes
from support_desk.verification.events import EvidenceShown
from support_desk.verification.policy_file import check_policy
from support_desk.web import (
    account_pages,
    case_call_pages,
    case_pages,
    case_proof_pages,
    case_step_pages,
    contact_pages,
    desk_callback_pages,
    desk_list_pages,
    desk_quiz_pages,
    desk_sign_in_pages,
    desk_ticket_pages,
    docs_pages,
    help_pages,
    mailbox_pages,
    password_pages,
    stop_pages,
)
from support_desk.web.desk_pages import desk_pages
from support_desk.web.desk_pages import error_page as desk_error_page
from support_desk.web.site import error_page, site

log = structlog.get_logger("app")

# Every module that holds tables: imported so that the metadata is whole.
MODEL_MODULES: list[ModuleType] = [
    core_models,
    outbox_models,
    audit_models,
    notification_models,
    agent_models,
    account_models,
    order_models,
    ledger_models,
    own_proof_models,
    ticket_models,
    verification_models,
    restoration_models,
    callback_models,
    intake_models,
]
# Every module that registers jobs: imported so that the worker knows them.
JOB_MODULES: list[ModuleType] = [
    notification_jobs,
    ticket_jobs,
    verification_jobs,
    restoration_jobs,
    callback_jobs,
    intake_jobs,
]
BLUEPRINTS: list[Blueprint] = [
    account_routes.blp,
    agent_routes.blp,
    team_routes.blp,
    desk_agent_routes.blp,
    ticket_routes.blp,
    ticket_agent_routes.agent_blp,
    verification_routes.blp,
    verification_agent_routes.agent_blp,
    restoration_routes.blp,
    restoration_agent_routes.blp,
    callback_routes.blp,
    callback_agent_routes.agent_blp,
    intake_routes.blp,
    reset_routes.blp,
]
# The modules that put their routes onto the agents' pages.
DESK_PAGES: list[ModuleType] = [
    desk_sign_in_pages,
    desk_list_pages,
    desk_ticket_pages,
    desk_quiz_pages,
    desk_callback_pages,
]
# The modules that put theirs onto the customers' pages.
SITE_PAGES: list[ModuleType] = [
    account_pages,
    case_call_pages,
    case_pages,
    case_proof_pages,
    case_step_pages,
    contact_pages,
    docs_pages,
    help_pages,
    mailbox_pages,
    password_pages,
    stop_pages,
]
PAGES: list[PageBlueprint] = [health.pages, desk_pages, site]


def create_app(settings: Settings | None = None) -> DeskFlask:
    """The application, ready to serve; connects to nothing yet."""
    settings = settings or Settings.from_environ()
    logs.configure(settings.log_level)
    clock.set_shift(settings.time_shift)
    check_policy(settings)
    check_calendar(settings)
    app = DeskFlask("support_desk", static_folder=None)
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url or "postgresql+psycopg://",
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(),
        API_TITLE="support_desk",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
    db.init_app(app)
    install(app)
    _authenticate()
    _register(app)
    _subscribe()
    return app


def _engine_options() -> dict[str, Any]:
    return {
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 10,
        "connect_args": {"options": "-c timezone=UTC", "connect_timeout": 5},
    }


def _register(app: DeskFlask) -> None:
    api = Api(app)
    for name, scheme in _SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    for pages in PAGES:
        app.register_blueprint(pages)
    page_errors_with(error_page)
    page_errors_with(desk_error_page, under="/desk")
    app.extensions["api"] = api


_SECURITY_SCHEMES = {
    "ticketToken": {"type": "http", "scheme": "bearer", "description": "the ticket's access_token"},
    "accountSession": {"type": "http", "scheme": "bearer", "description": "a customer's session token"},
    "agentSession": {"type": "apiKey", "in": "cookie", "name": "desk_session"},
    "apiToken": {"type": "http", "scheme": "bearer", "description": "an API token"},
}


def _authenticate() -> None:
    """How each kind of caller proves who they are."""
    register_authenticator("account", authenticate_account)
    register_authenticator("agent", authenticate_agent)
    register_authenticator("intake", authenticate_intake)
    register_authenticator("claimant", authenticate_claimant)


def _subscribe() -> None:
    """Who listens to what: upper features to announcements of lower ones."""
    subscribe(RequestRefused, record_refusal)
    subscribe(TicketResolved, restoration.prepare)
    subscribe(TicketSolving, restoration.expect_entitlements)
    subscribe(EvidenceShown, restoration.review)
    subscribe(TicketClosed, cancel_with_ticket)
    subscribe(MessagePosted, opening_service.tell_of_reply)
