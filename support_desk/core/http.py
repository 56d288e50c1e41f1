"""The HTTP edge: one transaction a request, one parser, one rendering of errors."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

import flask_smorest
import structlog
from apispec import APISpec
from flask import Flask, Response, g, has_request_context, json, request
from flask_smorest.utils import prepare_response
from werkzeug.exceptions import HTTPException

from support_desk.core import access, settings
from support_desk.core.db import transaction
from support_desk.core.errors import (
    BadRequest,
    BodyTooLarge,
    DeskError,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    UnknownParameter,
    UnsupportedMediaType,
)
from support_desk.core.events import announce
from support_desk.core.i18n import LANGUAGES
from support_desk.core.parsing import DeskParser
from support_desk.core.schemas import NUL, ProblemView

API = "/api/v1"
PROBLEM = "application/problem+json"
MAX_BODY_BYTES = 64 * 1024
_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_BY_STATUS: dict[int | None, type[DeskError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
}
Body = TypeVar("Body")
log = structlog.get_logger("http")
_page_errors: dict[str, Callable[[DeskError], Response]] = {}


@dataclass(frozen=True)
class RequestRefused:
    """Somebody asked for what they may not do; announced in a transaction of its own."""

    code: str
    endpoint: str


class DeskFlask(Flask):
    """Flask in which a request is one transaction, entered only by the caller its route declares."""

    def dispatch_request(self) -> Response:
        rule = request.url_rule
        if request.routing_exception is not None or rule is None or rule.endpoint.endswith("static"):
            return self.make_response(super().dispatch_request())
        if request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
            return self.make_response(super().dispatch_request())
        view = self.view_functions[rule.endpoint]
        with transaction(keep=request.method not in _READS):
            _refuse_unreadable_path(view)
            access.set_caller(access.admit(view, request))
            return self.make_response(super().dispatch_request())


def _refuse_unreadable_path(view: Callable[..., Any]) -> None:
    if any(isinstance(value, str) and NUL in value for value in (request.view_args or {}).values()):
        raise NotFound
    if request.path.startswith(API) and request.args and not _takes_query(view):
        raise UnknownParameter


def _takes_query(view: Callable[..., Any]) -> bool:
    documented = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
    return any(parameter["in"] == "query" for parameter in documented)


class Blueprint(flask_smorest.Blueprint):
    """A feature's routes."""

    ARGUMENTS_PARSER = DeskParser()


class Api(flask_smorest.Api):
    """The documented API; every error in it is a problem (RFC 9457)."""

    ERROR_SCHEMA: ClassVar[Any] = ProblemView
    spec: APISpec

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            document: dict[str, Any] = {"description": status.phrase}
            if status >= 400:
                document["schema"] = self.ERROR_SCHEMA
            prepare_response(document, self.spec, PROBLEM)
            self.spec.components.response(status.name, document, lazy=True)
        document = {"description": "A problem", "schema": self.ERROR_SCHEMA}
        prepare_response(document, self.spec, PROBLEM)
        self.spec.components.response("DEFAULT_ERROR", document, lazy=True)

    def _register_error_handlers(self) -> None:
        """Errors are rendered by `install` alone."""


def install(app: Flask) -> None:
    """Request ids, security headers, request log and the rendering of errors."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(DeskError, _render_refusal)
    app.register_error_handler(HTTPException, _render_http_exception)
    app.register_error_handler(Exception, _render_unknown)
    app.before_request(_begin)
    app.after_request(_finish)


def page_errors_with(render: Callable[[DeskError], Response], *, under: str = "/") -> None:
    """Say how an error looks on the pages below a path (everything outside the API)."""
    _page_errors[under] = render


def _page_error() -> Callable[[DeskError], Response] | None:
    """How an error looks on the page that was asked for, if it is one."""
    if request.path.startswith(("/api/", "/health/")):
        return None
    places = [place for place in _page_errors if request.path.startswith(place)]
    return _page_errors[max(places, key=len)] if places else None


def _begin() -> None:
    g.request_id = uuid4().hex
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = request_id()
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if settings.current().production:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not (request.endpoint or "").endswith("static"):
        response.headers.setdefault("Cache-Control", "no-store")
    log.info(
        "request",
        method=request.method,
        route=request.url_rule.rule if request.url_rule else None,
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
        request_id=request_id(),
        caller=access.caller().kind,
    )
    return response


def problem(error: DeskError) -> dict[str, Any]:
    """The body of an error as RFC 9457 wants it."""
    body: dict[str, Any] = {
        "type": f"urn:support-desk:problem:{error.code}",
        "title": error.title(request_language()),
        "status": error.status,
        "code": error.code,
        "instance": f"urn:request:{request_id()}",
    }
    if error.detail:
        body["detail"] = error.detail
    if error.errors:
        body["errors"] = [
            {"pointer": item.pointer, "code": item.code, "message": item.message} for item in error.errors
        ]
    return body


def answer(error: DeskError) -> Response:
    """A counted refusal as a return value: what was counted is committed with it."""
    if render := _page_error():
        response = render(error)
    else:
        response = Response(json.dumps(problem(error)), status=error.status, content_type=PROBLEM)
        response.headers["Content-Language"] = request_language()
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def _render_refusal(error: DeskError) -> Response:
    if isinstance(error, Forbidden):
        with transaction():
            announce(RequestRefused(error.code, request.endpoint or ""))
    return answer(error)


def _render_http_exception(error: HTTPException) -> Response:
    if error.code is not None and error.code < 400:
        return Response(error.get_body(), status=error.code, headers=error.get_headers())
    kind = _BY_STATUS.get(error.code)
    if kind is None and error.code is not None and error.code >= 500:
        return answer(DeskError())
    refusal = (kind or BadRequest)()
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            refusal.headers[name] = value
    return answer(refusal)


def _render_unknown(error: Exception) -> Response:
    # The message may hold what a customer typed: the type and the place are enough to find the fault.
    log.error("unexpected", error=type(error).__name__, request_id=request_id(), exc_info=error)
    return answer(DeskError())


def request_id() -> str:
    """The id of this request, as answers and logs name it."""
    return g.get("request_id", "-") if has_request_context() else "-"


def request_language() -> str:
    """The caller's language: Accept-Language, Japanese if it says nothing we speak."""
    if not has_request_context():
        return "ja"
    return request.accept_languages.best_match(LANGUAGES, default="ja") or "ja"


def client_address() -> str:
    """The visitor's network address, as a trusted form server or proxy tells it."""
    return access.caller().forwarded_address or request.remote_addr or "0.0.0.0"  # noqa: S104


def client_network() -> tuple[int, str]:
    """IP version and the network that limits count by: one IPv4 address, or an IPv6 /64."""
    try:
        address = ipaddress.ip_address(client_address().split("%")[0])
    except ValueError:
        return 4, "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return 4, str(address.ipv4_mapped)
        return 6, str(ipaddress.ip_network((address, 64), strict=False))
    return 4, str(address)


def etag(version: int) -> str:
    """The ETag of a row's version."""
    return f'"{version}"'


def with_etag(
    view: Body, version: int, status: int = 200, headers: Mapping[str, str] | None = None
) -> tuple[Body, int, dict[str, str]]:
    """What a view function returns to carry the row's version."""
    return view, status, {**(headers or {}), "ETag": etag(version)}


def takes_header(name: str, meaning: str, *, required: bool = False) -> Callable[[Any], Any]:
    """Document a header that a route reads; goes below the route's decorator."""

    def decorate(view: Any) -> Any:
        apidoc = dict(getattr(view, "_apidoc", {}))
        manual = dict(apidoc.get("manual_doc", {}))
        described = {"in": "header", "name": name, "description": meaning, "required": required}
        manual["parameters"] = [*manual.get("parameters", []), {**described, "schema": {"type": "string"}}]
        view._apidoc = {**apidoc, "manual_doc": manual}
        return view

    return decorate


reads_version = takes_header("If-Match", "the ETag of the version that was seen", required=True)


def require_if_match(version: int) -> None:
    """Refuse a write that does not name the version it saw (428), or names an older one (412)."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired
    if given.strip().removeprefix("W/") != etag(version):
        raise PreconditionFailed(headers={"ETag": etag(version)})


def not_modified(version: int) -> Response | None:
    """304 when the caller has this version already."""
    if request.headers.get("If-None-Match", "").strip() == etag(version):
        return Response(status=304, headers={"ETag": etag(version)})
    return None
