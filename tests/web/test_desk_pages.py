"""The agents' pages, read and written as by a browser without JavaScript."""

import re
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pyotp
import pytest
from flask.testing import FlaskClient

from support_desk.core import clock as business_clock
from support_desk.core.db import db
from support_desk.core.http import DeskFlask
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Author
from support_desk.web.desk_pages import local_path
from support_desk.web.language import _texts
from tests.agents.people import an_agent
from tests.tickets.cases import a_case
from tests.web.desk_browser import Browser

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{ 7*7 }}"


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    return Browser(client).sign_in(an_agent("agent", name="受付 花"))


def test_who_is_not_signed_in_is_led_to_the_form_and_back(client: FlaskClient):
    case, person = a_case(), an_agent()
    wanted = f"/desk/tickets/{case.id}"
    first = client.get(wanted)
    assert first.status_code == 303
    assert first.location.startswith("/desk/sign-in?next=")
    browser = Browser(client)
    browser.open(wanted)
    browser.send("/sign-in", email=person.email, password=person.password)
    assert browser.page.request.path == wanted


@pytest.mark.parametrize(
    "given",
    [
        "//evil.example",
        "https://evil.example",
        "/desk//evil.example",
        "/desk/\\evil",
        "/deskevil",
        "",
        None,
        "/t/x",
    ],
)
def test_signing_in_never_leads_elsewhere(given: str | None):
    assert local_path(given) == "/desk"


def test_a_refused_sign_in_says_so_and_keeps_the_address_only(client: FlaskClient):
    browser = Browser(client)
    browser.open("/desk/sign-in")
    answer = browser.send("/sign-in", email="nobody@example.jp", password="hunter2hunter2")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert "nobody@example.jp" in answer.text
    assert "hunter2hunter2" not in answer.text


def test_a_sign_in_sent_by_another_site_is_refused(client: FlaskClient):
    person = an_agent()
    answer = client.post(
        "/desk/sign-in",
        data={"email": person.email, "password": person.password},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_signing_out_ends_the_session(browser: Browser):
    browser.open("/desk")
    browser.send("/sign-out")
    assert browser.client.get("/desk").status_code == 303


def test_where_the_second_factor_is_demanded_it_is_enrolled_first(clock, app: DeskFlask, client: FlaskClient):
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = type(before).from_environ({}, **{**vars(before), "agent_second_factor": "required"})
    try:
        browser = Browser(client).sign_in(an_agent())
        assert browser.page.request.path == "/desk/second-factor"
        assert browser.open("/desk").request.path == "/desk/second-factor"
        browser.send("/start")
        secret = re.search(r'class="code secret">([A-Z2-7 ]+)<', browser.page.text)
        assert secret is not None
        assert browser.send("/second-factor", code="000000").status_code == 422
        code = pyotp.TOTP(secret.group(1).replace(" ", "")).at(business_clock.now())
        assert browser.send("/second-factor", code=code).request.path == "/desk"
    finally:
        app.config["SETTINGS"] = before


def test_a_form_without_the_token_of_its_session_does_nothing(browser: Browser):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    for token in ("", "wrong"):
        for action in [action for action in browser.forms() if action.startswith("/desk/tickets/")]:
            assert browser.client.post(action, data={"csrf_token": token}).status_code == 403
    assert tickets.get_ticket(case.id).assignee_id is None


def test_the_list_shows_the_views(clock, browser: Browser):
    first, second = a_case(), a_case(issue="two_step_unavailable")
    clock.move(hours=3, minutes=5)
    page = browser.open("/desk?view=unassigned").text
    assert first.reference in page
    assert second.reference in page
    assert "3時間5分" in page
    assert "山＊" in page
    assert "太郎" not in page
    assert browser.open("/desk?view=mine").text.count("SD-") == 0
    assert browser.open("/desk?view=nonsense").status_code == 400


def test_the_list_goes_on_to_the_next_page(clock, browser: Browser):
    made = [a_case().reference for _ in range(30)]
    page = browser.open("/desk?view=all").text
    link = re.search(r'rel="next" href="([^"]+)"', page)
    assert link is not None
    more = browser.open(link.group(1).replace("&amp;", "&")).text
    seen = re.findall(r">(SD-[0-9A-Z-]+)<", page + more)
    assert sorted(seen) == sorted(made)


def test_claiming_the_next_leads_to_it(browser: Browser):
    case = a_case()
    browser.open("/desk")
    page = browser.send("/claim-next")
    assert page.request.path == f"/desk/tickets/{case.id}"
    assert "受付 花" in page.text
    assert "担当になりました" in page.text
    browser.open("/desk")
    assert "待っているお問い合わせはありません" in browser.send("/claim-next").text


def test_a_reply_and_a_note_are_written(browser: Browser):
    case = a_case()
    path = f"/desk/tickets/{case.id}"
    browser.open(path)
    page = browser.send("/messages", body="確認いたします。\r\n少々お待ちください。")
    assert "確認いたします。\n少々お待ちください。" in page.text
    page = browser.send("/messages", body="本人らしい", visibility="internal")
    assert "社内メモ" in page.text
    shown = [(m.visibility.value, m.body) for m in tickets.list_messages(case.id, for_claimant=True)]
    assert ("public", "確認いたします。\n少々お待ちください。") in shown
    assert all(body != "本人らしい" for _, body in shown)


def test_a_form_sent_twice_writes_once(browser: Browser):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    [(path, fields)] = [item for item in browser.forms().items() if item[0].endswith("/messages")]
    for _ in range(3):
        assert browser.post(path, {**fields, "body": "一度だけ"}).status_code == 200
    bodies = [message.body for message in tickets.list_messages(case.id, for_claimant=False)]
    assert bodies.count("一度だけ") == 1


@pytest.mark.parametrize("author", [Author.CLAIMANT, Author.AGENT])
def test_a_stale_reply_is_not_sent_and_not_lost(browser: Browser, author: Author):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    writer = an_agent().id if author is Author.AGENT else None
    tickets.post_message(case.id, author=author, author_id=writer, body="先に一言", visibility="public")
    page = browser.send("/messages", body="ご案内です", visibility="internal")
    assert page.status_code == 412
    assert "先に一言" in page.text
    assert "もう一度送信してください" in page.text
    assert [m.body for m in tickets.list_messages(case.id, for_claimant=False)].count("ご案内です") == 0
    kept = next(fields for action, fields in browser.forms().items() if action.endswith("/messages"))
    assert (kept["body"], kept["visibility"]) == ("ご案内です", "internal")
    assert browser.send("/messages").status_code == 200
    assert [m.body for m in tickets.list_messages(case.id, for_claimant=False)].count("ご案内です") == 1


@pytest.mark.parametrize("body", ["", "   \r\n ", "x" * 10_001, "a\x00b"])
def test_a_text_that_cannot_be_kept_is_refused_on_the_page(browser: Browser, body: str):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    assert browser.send("/messages", body=body).status_code == 422
    assert len(tickets.list_messages(case.id, for_claimant=False)) == 1


def test_the_status_is_moved_only_as_the_lifecycle_allows(browser: Browser):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    assert browser.send("/status", status="closed").status_code == 409
    assert browser.send("/status", status="lost").status_code == 422
    assert "状態を変更しました" in browser.send("/status", status="pending").text
    assert tickets.get_ticket(case.id).status == "pending"


def test_a_stale_status_is_not_written(browser: Browser):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    tickets.claim(case.id, an_agent().id)
    page = browser.send("/status", status="pending")
    assert page.status_code == 412
    assert tickets.get_ticket(case.id).status == "open"


def test_a_ticket_is_taken_and_given_back(browser: Browser):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    browser.send("/claim")
    assert tickets.get_ticket(case.id).assignee_id is not None
    browser.send("/release")
    assert tickets.get_ticket(case.id).assignee_id is None


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


def test_what_strangers_and_colleagues_write_stays_text(client: FlaskClient):
    person = an_agent("admin", name=NASTY)
    contact = {"name": NASTY, "email": "x@example.com"}
    case = a_case(description=NASTY, contact=contact)
    tickets.claim(case.id, person.id)
    tickets.post_message(case.id, author="agent", author_id=person.id, body=NASTY, visibility="internal")
    db.session.commit()
    browser = Browser(client).sign_in(person)
    for path in ("/desk?view=all", f"/desk/tickets/{case.id}", f"/desk/tickets/{case.id}/timeline"):
        page = browser.open(path)
        assert page.status_code == 200
        found = _Elements()
        found.feed(page.text)
        assert not {"script", "img", "style"} & set(found.tags), path
        assert not [name for name in found.attributes if name.startswith("on") or name == "style"], path
        assert "49" not in re.findall(r"&amp;(\S{2})", page.text)
    page = browser.open(f"/desk/tickets/{case.id}")
    assert "&lt;script&gt;alert(1)" in page.text
    assert "{{ 7*7 }}" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy
    assert page.headers["Cache-Control"] == "no-store"


def test_the_timeline_tells_who_did_what(browser: Browser):
    case = a_case()
    browser.open(f"/desk/tickets/{case.id}")
    browser.send("/claim")
    page = browser.open(f"/desk/tickets/{case.id}/timeline").text
    assert "ticket:case:opened" in page
    assert "ticket:assignee:changed" in page
    assert "受付 花" in page


def test_unknown_tickets_and_pages_are_not_found(browser: Browser):
    for path in (f"/desk/tickets/{uuid4()}", "/desk/tickets/x", "/desk/nothing"):
        page = browser.open(path)
        assert page.status_code == 404
        assert page.mimetype == "text/html"


def test_an_auditor_reads_without_being_offered_what_is_refused(client: FlaskClient):
    case = a_case()
    browser = Browser(client).sign_in(an_agent("auditor"))
    browser.open(f"/desk/tickets/{case.id}")
    assert browser.page.status_code == 200
    assert [action for action in browser.forms() if "/tickets/" in action] == []
    token = browser.forms()["/desk/sign-out"]["csrf_token"]
    refused = browser.post(f"/desk/tickets/{case.id}/claim", {"csrf_token": token})
    assert refused.status_code == 403


def test_the_language_is_asked_for_chosen_and_remembered(client: FlaskClient):
    browser = Browser(client)
    assert '<html lang="ja">' in browser.open("/desk/sign-in").text
    assert '<html lang="en">' in browser.open("/desk/sign-in", **{"Accept-Language": "en"}).text
    assert '<html lang="en">' in browser.open("/desk/sign-in?lang=en").text
    assert '<html lang="en">' in browser.open("/desk/sign-in").text


def test_every_text_is_there_in_both_languages():
    for key, words in _texts("desk").items():
        assert set(words) == {"ja", "en"}, key
        assert re.search(r"[ぁ-んァ-ン一-龥]", words["ja"]) or words["ja"] == words["en"], key
        assert set(re.findall(r"{\w+}", words["ja"])) == set(re.findall(r"{\w+}", words["en"])), key


def test_every_text_of_the_templates_exists():
    folder = Path(__file__).resolve().parents[2] / "support_desk" / "web" / "templates" / "desk"
    known = _texts("desk")
    used = {
        key
        for template in folder.glob("*.html")
        for key in re.findall(r"\bt\(\s*[\"']([a-z_A-Z0-9]+)[\"']\s*[),]", template.read_text())
    }
    assert used
    assert used <= set(known)
