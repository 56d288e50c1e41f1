"""Both sides of the desk in a real browser against real processes: a customer gets back in, an agent looks on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from support_desk.accounts.demo import (
    EMILY_EMAIL,
    HANAKO_EMAIL,
    KENICHI_EMAIL,
    MAKOTO_EMAIL,
    YOKO_EMAIL,
    demo_customers,
)
from support_desk.core import clock
from tests.browser.conftest import Watched
from tests.journeys.desk import Desk

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe: install the dev group")

PASSWORD = "窓の外では静かに雪が降る"
READY_MILLISECONDS = 30_000
OPEN_ALL = """document.querySelectorAll("details").forEach((each) => {
  each.removeAttribute("name");
  each.open = true;
})"""
PAGES = ("/", "/contact?issue=forgot_email", "/password", "/sign-in", "/t", "/account/new", "/mailbox")


def _customer(email: str) -> dict[str, Any]:
    """A customer of the demo directory."""
    return next(line for line in demo_customers(clock.today()) if email in line["emails"])


def _send_contact_form(page: Page, base: str, customer: dict[str, Any], *, reach: str) -> str:
    """Open a case that names the customer; returns its reference."""
    page.goto(f"{base}/contact?issue=email_unreachable")
    page.fill("#name", customer["name"])
    page.fill("#email", reach)
    page.fill("#claimed_email", customer["emails"][0])
    page.fill("#claimed_postal_code", customer["postal_code"])
    page.fill("#description", "メールが届かなくなりました。<script>alert(1)</script>")
    page.click("form.contact > p > button")
    page.wait_for_url(re.compile(r"/t/SD-"))
    return page.url.split("/t/")[1][:12]


def _fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_customer_gets_back_in(watched: Watched, demo_desk: Desk):
    page, base = watched.page, watched.base
    phone_sized = page.viewport_size == {"width": 390, "height": 844}
    customer = _customer(HANAKO_EMAIL if phone_sized else KENICHI_EMAIL)
    page.goto(base + "/")
    page.click("details.topic >> nth=2")
    page.click("details.topic[open] .button")
    assert page.url.startswith(f"{base}/contact?issue=")
    reach = "new.mailbox@example.net"
    _send_contact_form(page, base, customer, reach=reach)
    assert _fits(page)

    # The page shows by itself when the code may be typed.
    page.click("#sms_code button")
    page.wait_for_selector("#code-sms_code", timeout=READY_MILLISECONDS)
    page.fill("#code-sms_code", "0000-0000")
    page.click("#sms_code form >> nth=0 >> button")
    expect(page.locator(".error-summary")).to_be_focused()
    page.fill("#code-sms_code", demo_desk.code_by_text(customer["phone_e164"]))
    page.click("#sms_code form >> nth=0 >> button")
    expect(page.locator("#sms_code .good")).to_be_visible()

    page.click("#order_recall button")
    page.wait_for_selector("#item_1", timeout=READY_MILLISECONDS)
    for number, order in enumerate(customer["orders"][-2:], 1):
        page.fill(f"#item_{number}", order["title"])
        page.fill(f"#date_{number}", order["placed_at"][:10].replace("-", "/"))
        page.fill(f"#amount_yen_{number}", f"{order['amount']:,}円")
    page.click("#order_recall form > p > button")
    expect(page.locator("#order_recall .good")).to_be_visible()
    expect(page.locator("#plan tbody")).to_contain_text(
        f"{customer['gift_balance_yen']:,}", timeout=READY_MILLISECONDS
    )

    page.click("#new-password summary")
    page.fill("#new_password", PASSWORD)
    page.click("#new-password button")
    page.click(".note a[href='/sign-in']")
    page.fill("#identifier", customer["phone_e164"])
    page.fill("#password", PASSWORD)
    page.click("main form button")
    assert page.url == f"{base}/account"
    expect(page.locator("dl.facts")).to_contain_text(f"{customer['gift_balance_yen']:,}")
    assert _fits(page)
    page.click("main form button")
    assert page.url == f"{base}/sign-in"


@pytest.mark.parametrize("watched", ["ja-phone"], indirect=True)
def test_the_link_in_the_mail_opens_the_case_and_leaves_no_key_behind(watched: Watched, demo_desk: Desk):
    page, base = watched.page, watched.base
    reach = "new.emily@example.net"
    reference = _send_contact_form(page, base, _customer(EMILY_EMAIL), reach=reach)
    page.context.clear_cookies()
    page.goto(f"{base}/t/{reference}")
    expect(page.locator("#open-case")).to_be_visible()
    mail = demo_desk.mail_to(reach)
    link = re.search(rf"{re.escape(base)}/t/{reference}#[A-Za-z0-9_-]{{43}}", mail)
    assert link is not None
    page.goto("about:blank")
    page.goto(link[0])
    expect(page.locator("#prove")).to_be_visible()
    assert page.url == f"{base}/t/{reference}"
    assert page.evaluate("document.cookie") == ""
    expect(page.locator(".messages")).to_contain_text("<script>alert(1)</script>")


@pytest.mark.parametrize("watched", ["ja-phone"], indirect=True)
def test_an_agent_answers_and_the_customer_sees_it(watched: Watched, demo_desk: Desk, chromium: Browser):
    page, base = watched.page, watched.base
    reference = _send_contact_form(page, base, _customer(YOKO_EMAIL), reach="new.yoko@example.net")
    email = "hana.uketsuke@example.jp"
    made = json.loads(demo_desk.run("agents", "create", email, "--name", "受付 花", "--json"))
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    desk = context.new_page()
    desk.goto(f"{base}/desk")
    desk.fill("#email", email)
    desk.fill("#password", made["password"])
    desk.click("main form button")
    desk.click(f"text={reference}")
    expect(desk.locator(".messages")).to_contain_text("<script>alert(1)</script>")
    desk.fill("#body", "お調べしております。")
    desk.click("#composer button")
    expect(desk.locator(".messages")).to_contain_text("お調べしております。")
    context.close()
    # Without a reload.
    expect(page.locator(".messages")).to_contain_text("お調べしております。", timeout=READY_MILLISECONDS)


def test_everything_works_without_script(chromium: Browser, demo_desk: Desk):
    base = f"http://127.0.0.1:{demo_desk.port}"
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="ja-JP", java_script_enabled=False
    )
    page = context.new_page()
    customer = _customer(MAKOTO_EMAIL)
    _send_contact_form(page, base, customer, reach="no.script@example.net")
    page.click("#email_code button")
    code = demo_desk.code_by_mail(customer["emails"][0])
    for _ in range(20):
        page.reload()
        if page.locator("#code-email_code").count():
            break
        page.wait_for_timeout(500)
    page.fill("#code-email_code", code)
    page.click("#email_code form >> nth=0 >> button")
    expect(page.locator("#email_code .good")).to_be_visible()
    page.click("#new-password summary")
    page.fill("#new_password", PASSWORD)
    page.click("#new-password button")
    expect(page.locator(".note a[href='/sign-in']")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ja-JP", "en-US"])
def test_the_pages_shut_nobody_out(chromium: Browser, demo_desk: Desk, scheme: Any, language: str):
    """axe finds nothing, and 320 pixels are wide enough."""
    base = f"http://127.0.0.1:{demo_desk.port}"
    context = chromium.new_context(viewport={"width": 320, "height": 700}, locale=language, color_scheme=scheme)
    page = context.new_page()

    def check() -> None:
        found = axe.Axe().run(page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], page.url
        assert _fits(page), page.url

    for path in PAGES:
        page.goto(base + path)
        page.evaluate(OPEN_ALL)
        check()
    page.goto(base + "/contact")
    page.click("form.contact > p > button")
    check()
    _send_contact_form(page, base, _customer(EMILY_EMAIL), reach=f"{scheme}.{language}@example.net")
    page.click("#order_recall button")
    page.wait_for_selector("#item_1", timeout=READY_MILLISECONDS)
    page.evaluate(OPEN_ALL)
    check()
    context.close()


def test_the_reader_of_the_document_works_offline(chromium: Browser, demo_desk: Desk):
    context = chromium.new_context(locale="en-US")
    watched = Watched(context, f"http://127.0.0.1:{demo_desk.port}")
    watched.open("/docs")
    path = watched.page.locator('[data-path="/api/v1/help-topics"]')
    expect(path).to_be_visible(timeout=READY_MILLISECONDS)
    path.click()
    expect(watched.page.locator(".opblock.is-open")).to_contain_text("phone_line")
    context.close()
    assert watched.wrong == []
