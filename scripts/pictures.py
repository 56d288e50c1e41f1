"""Take the pictures of the documentation: a throwaway system with the demo customers, driven by a browser.

`make pictures` runs it; the pictures lie in docs/pictures afterwards. Business time is put to a Wednesday morning
in Tokyo, so that the phone line is open and calls can be booked.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page

from support_desk.accounts.demo import HANAKO_EMAIL, KENICHI_EMAIL, demo_customers
from tests.browser.chromium import HOW, a_chromium
from tests.journeys.desk import Desk, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
READY_MILLISECONDS = 60_000
MOST_BYTES = 2_000_000
WORDS = {
    "ja": {
        "story": "機種変更のあと、登録したメールアドレスが使えなくなりました。電話番号は前と同じです。",
        "reply": "ご本人の確認ができました。新しいパスワードでサインインしていただけます。",
    },
    "en": {
        "story": "I changed my provider and can no longer read the registered address. My phone is the same.",
        "reply": "Thank you: we know that it is you. You can sign in with your new password.",
    },
}
OTHERS = (
    ("two_step_unavailable", "２段階認証の携帯電話をなくしました。"),
    ("account_locked", "アカウントがロックされていると表示されます。"),
    ("forgot_email", "どのメールアドレスで登録したか思い出せません。"),
    ("other_sign_in", "サインインできません。"),
)


def main() -> int:
    with a_chromium() as browser:
        if browser is None:
            sys.stderr.write(f"{HOW}\n")
            return 1
        PICTURES.mkdir(parents=True, exist_ok=True)
        with _a_desk() as (desk, email, password):
            _fill(desk)
            for language in WORDS:
                _take(browser, desk, language, email, password)
    total = sum(file.stat().st_size for file in PICTURES.glob("*.png"))
    sys.stdout.write(
        f"{len(list(PICTURES.glob('*.png')))} pictures, {total:,} bytes, in {PICTURES.relative_to(ROOT)}" + "\n"
    )
    return 0 if total <= MOST_BYTES else 1


@contextmanager
def _a_desk() -> Iterator[tuple[Desk, str, str]]:
    """A whole system of its own, and who may sign in to its dashboard."""
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        var, port = Path(folder), free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SUPPORT_DESK_")}
        environ = kept | {
            "SUPPORT_DESK_VAR": folder,
            "SUPPORT_DESK_PORT": str(port),
            "SUPPORT_DESK_PHONE_LINE": "+81120123456",
            "SUPPORT_DESK_TIME_SHIFT": f"+{int(_until_morning().total_seconds())}s",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        told = var / "up.txt"
        with told.open("w") as output:
            command = [sys.executable, "-m", "support_desk", "up"]
            process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=output, stderr=output)  # noqa: S603
        try:
            pattern = re.compile(r"sign in as (\S+) with the password (\S+)")
            lines = wait_for("a desk", lambda: "is ready" in (text := told.read_text()) and text, 120)
            found = pattern.search(lines)
            assert found is not None, lines
            yield Desk({}, var, port, shift=_until_morning()), found[1], found[2]
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def _until_morning() -> timedelta:
    """From now to the next Wednesday, five past ten in Tokyo."""
    now = datetime.now(ZoneInfo("Asia/Tokyo"))
    morning = (now + timedelta(days=(2 - now.weekday()) % 7)).replace(hour=10, minute=5, second=0, microsecond=0)
    return (morning if morning > now else morning + timedelta(days=7)) - now


def _customers(desk: Desk) -> list[dict[str, Any]]:
    return demo_customers(desk.now().astimezone(ZoneInfo("Asia/Tokyo")).date())


def _fill(desk: Desk) -> None:
    """Some other people's cases, so that the dashboard has something to show."""
    for (issue, story), customer in zip(OTHERS, _customers(desk)[20:], strict=False):
        desk.open_ticket(
            issue=issue,
            contact={"name": customer["name"], "email": f"new.{customer['emails'][0]}"},
            claimed={"email": customer["emails"][0], "postal_code": customer["postal_code"]},
            description=story,
        )


def _take(browser: Browser, desk: Desk, language: str, email: str, password: str) -> None:
    """All pictures in one language."""
    base = f"http://127.0.0.1:{desk.port}"
    page = _page(browser, language, DESKTOP)
    page.goto(base + "/")
    page.click("details.topic >> nth=2")
    _shoot(page, f"help-{language}")
    account = HANAKO_EMAIL if language == "ja" else KENICHI_EMAIL
    customer = next(each for each in _customers(desk) if account in each["emails"])
    _fill_contact_form(page, base, customer, language)
    _shoot(page, f"contact-{language}")
    small = _page(browser, language, PHONE)
    _fill_contact_form(small, base, customer, language)
    _shoot(small, f"contact-phone-{language}")
    page.click("form.contact > p > button")
    _prove(page, desk, customer)
    reference = page.url.split("/t/")[1][:12]
    agent = _page(browser, language, DESKTOP)
    agent.goto(f"{base}/desk/sign-in?lang={language}")
    agent.fill("#email", email)
    agent.fill("#password", password)
    agent.click("main form button")
    _shoot(agent, f"desk-{language}")
    agent.click(f"text={reference}")
    agent.fill("#body", WORDS[language]["reply"])
    agent.click("#composer button")
    agent.goto(agent.url.split("?")[0])
    _shoot(agent, f"desk-ticket-{language}")
    page.goto(f"{base}/t/{reference}")
    _shoot(page, f"case-{language}")
    small.context.add_cookies([{**each, "url": f"{base}/t/{reference}"} for each in _case_key(page, reference)])
    small.goto(f"{base}/t/{reference}#plan")
    _shoot(small, f"case-phone-{language}")
    for each in (page, small, agent):
        each.context.close()


def _case_key(page: Page, reference: str) -> list[Any]:
    """The cookie that opens the case, for another window."""
    return [
        {"name": each["name"], "value": each["value"]}
        for each in page.context.cookies()
        if each.get("path") == f"/t/{reference}"
    ]


def _fill_contact_form(page: Page, base: str, customer: dict[str, Any], language: str) -> None:
    page.goto(f"{base}/contact?issue=email_unreachable")
    page.fill("#name", customer["name"])
    page.fill("#name_kana", customer["name_kana"])
    page.fill("#email", f"new.{customer['emails'][0]}")
    page.fill("#claimed_email", customer["emails"][0])
    page.fill("#claimed_postal_code", f"{customer['postal_code'][:3]}-{customer['postal_code'][3:]}")
    page.fill("#description", WORDS[language]["story"])
    page.select_option("#slot", index=6)
    page.check("input[name=number_kind][value=on_file]")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")


def _prove(page: Page, desk: Desk, customer: dict[str, Any]) -> None:
    """A code by SMS and an order that is remembered; then a new password."""
    page.click("#sms_code button")
    page.wait_for_selector("#code-sms_code", timeout=READY_MILLISECONDS)
    page.fill("#code-sms_code", desk.code_by_text(customer["phone_e164"]))
    page.click("#sms_code form >> nth=0 >> button")
    page.click("#order_recall button")
    page.wait_for_selector("#item_1", timeout=READY_MILLISECONDS)
    for number, order in enumerate(customer["orders"][-2:], 1):
        page.fill(f"#item_{number}", order["title"])
        page.fill(f"#date_{number}", order["placed_at"][:10])
        page.fill(f"#amount_yen_{number}", str(order["amount"]))
    page.click("#order_recall form > p > button")
    page.wait_for_selector("#order_recall .good")
    page.locator("#plan tbody", has_text=re.compile(r"\d")).wait_for(timeout=READY_MILLISECONDS)
    page.click("#new-password summary")
    page.fill("#new_password", "窓の外では静かに雪が降る")
    page.click("#new-password button")
    page.wait_for_selector(".note a[href='/sign-in']")


def _page(browser: Browser, language: str, size: Any) -> Page:
    context = browser.new_context(
        viewport=size,
        locale={"ja": "ja-JP", "en": "en-US"}[language],
        timezone_id="Asia/Tokyo",
        color_scheme="light",
        reduced_motion="reduce",
    )
    return context.new_page()


def _shoot(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")


if __name__ == "__main__":
    raise SystemExit(main())
