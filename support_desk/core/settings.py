"""The settings of the running application."""

from flask import current_app

from support_desk.config import Settings


def current() -> Settings:
    """Settings of the current application."""
    settings = current_app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    return settings
