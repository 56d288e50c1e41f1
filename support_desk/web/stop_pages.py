"""This was not me: GET shows, POST acts (mail scanners follow links, people press buttons)."""

from __future__ import annotations

from flask import Response

from support_desk.core.access import public
from support_desk.restoration import service as restoration
from support_desk.restoration.models import ActionState
from support_desk.web.site import render, site

_OVER = (ActionState.CANCELLED, ActionState.EXPIRED)


@site.get("/stop/<string:token>")
@public
def stop_page(token: str) -> Response:
    """What would be stopped."""
    preview = restoration.stop_preview(token)
    return render("stop", token=token, preview=preview, over=preview.state in _OVER, done=False)


@site.post("/stop/<string:token>")
@public
def stop(token: str) -> Response:
    """Stop it."""
    restoration.stop(token)
    return render("stop", here=f"/stop/{token}", preview=restoration.stop_preview(token), over=False, done=True)
