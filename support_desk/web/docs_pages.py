"""The API's document and a reader for it, both without internet."""

from __future__ import annotations

from importlib import resources

from flask import Response, current_app, json, make_response, render_template, request, send_from_directory
from werkzeug.utils import safe_join

from support_desk.core.access import public
from support_desk.core.errors import NotFound
from support_desk.core.http import API
from support_desk.web.site import site

# The reader styles its own parts from script; nothing else of it leaves the strict policy.
_READER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


@site.get(f"{API}/openapi.json")
@public
def openapi() -> Response:
    """The OpenAPI 3.1 document, generated from the routes."""
    document = current_app.extensions["api"].spec.to_dict()
    response = Response(json.dumps(document, ensure_ascii=False), content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@site.get("/docs")
@public
def docs() -> Response:
    """The document for people."""
    response = make_response(render_template("site/docs.html", document=f"{API}/openapi.json"))
    response.headers["Content-Security-Policy"] = _READER_POLICY
    return response


@site.get("/docs/<path:name>")
@public
def docs_asset(name: str) -> Response:
    """The reader itself, served from its installed package."""
    folder = str(resources.files("flask_swagger_ui").joinpath("dist"))
    if safe_join(folder, name) is None or not name.endswith((".js", ".css", ".png")):
        raise NotFound
    return send_from_directory(folder, name, max_age=3600)
