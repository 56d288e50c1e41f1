"""The help menu: what the trouble is, and the right next step for it."""

from __future__ import annotations

from flask import Response

from support_desk.core.access import public
from support_desk.intake.help_service import show_help
from support_desk.web.call_times import PhoneHours
from support_desk.web.language import page_language
from support_desk.web.site import render, site


@site.get("/")
@public
def home() -> Response:
    """お困りですか？"""
    language = page_language()
    shown = show_help(language)
    return render("home", topics=shown.topics, phone=PhoneHours.of(shown.phone_line, language))


@site.get("/account/new")
@public
def new_account() -> Response:
    """When a new account is the right answer, and when it is not."""
    return render("new_account")
