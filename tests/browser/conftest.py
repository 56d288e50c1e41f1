"""A real browser, and a real desk with the demo customers."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from support_desk.embedded import start_engines
from tests.browser.chromium import HOW, a_chromium
from tests.conftest import SECRET
from tests.journeys.desk import Desk


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one these tests are skipped."""
    with a_chromium() as browser:
        if browser is None:
            pytest.skip(HOW)
        yield browser


@pytest.fixture(scope="session")
def demo_desk(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Web, worker and engines of this test run alone, with the demo customers."""
    var = tmp_path_factory.mktemp("browser")
    engines = start_engines(var, throwaway=True)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "SUPPORT_DESK_DATABASE_URL": engines.database_url,
        "SUPPORT_DESK_REDIS_URL": engines.redis_url,
        "SUPPORT_DESK_SECRET_KEY": SECRET,
    }
    desk = Desk(environment, var)
    try:
        desk.run("migrate")
        desk.run("demo", "load")
        desk.start()
        yield desk
    finally:
        desk.stop()
        engines.stop()


class Watched:
    """A page of a visitor, and what went wrong in it: anything refused by the policy, any error of a script."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page: Page = context.new_page()
        self.base = base
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("request", lambda request: self._see(request.url))

    def _hear(self, kind: str, text: str) -> None:
        # A refused form is an answer like any other; the browser calls it an error.
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.wrong.append(text)

    def _see(self, address: str) -> None:
        if not address.startswith((self.base, "data:", "blob:")):
            self.wrong.append(f"asked for {address}")

    def open(self, path: str) -> None:
        """Go to a page of the desk."""
        self.page.goto(self.base + path)


@pytest.fixture(params=["ja-phone", "en-desktop"])
def watched(request: pytest.FixtureRequest, chromium: Browser, demo_desk: Desk) -> Iterator[Watched]:
    """A visitor's page, once on a phone in Japanese and once on a desktop in English."""
    language, device = request.param.split("-")
    size = {"width": 390, "height": 844} if device == "phone" else {"width": 1280, "height": 900}
    context = chromium.new_context(
        viewport=size,  # type: ignore[arg-type]
        locale={"ja": "ja-JP", "en": "en-US"}[language],
        timezone_id="Asia/Tokyo",
    )
    page = Watched(context, f"http://127.0.0.1:{demo_desk.port}")
    yield page
    context.close()
    assert page.wrong == []
