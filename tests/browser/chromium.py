"""The browser of the tests and of the pictures: one that is installed, found without being told where."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "no browser: install Debian's chromium (apt-get install chromium fonts-noto-cjk), run `playwright install "
    "chromium`, or name one in SUPPORT_DESK_TEST_BROWSER"
)
# It talks to this machine alone.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
]


def find_chromium(own: str = "") -> str | None:
    """The path of a Chromium; `own`: where Playwright would keep its own."""
    named = os.environ.get("SUPPORT_DESK_TEST_BROWSER")
    if named:
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (own if own and Path(own).exists() else None)


@contextmanager
def a_chromium() -> Iterator[Browser | None]:
    """A running browser, or None where none is installed."""
    with sync_playwright() as playwright:
        path = find_chromium(playwright.chromium.executable_path)
        if path is None:
            yield None
            return
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()
