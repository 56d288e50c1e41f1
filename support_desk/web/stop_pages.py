"""This was not me: GET shows, POST acts (mail scanners follow links, people press buttons)."""

from __future__ import annotations

from flask import Response

from support_desk.core.access import public
from support_desk.restoration import service as restoration
from support_desk.web.site import render, site


@site.get("/stop/<string:token>")
@public
def stop_page(token: str) -> Response:
    """What would be stopped."""
    return render("stop", preview=restoration.stop_preview(token), done=False)


@site.post("/stop/<string:token>")
@public
def stop(token: str) -> Response:
    """Stop it."""
    restoration.stop(token)
    return render("stop", preview=restoration.stop_preview(token), done=True)
