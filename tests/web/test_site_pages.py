"""The customers' pages as a whole: both languages, no script needed, nothing of anybody's runs in them."""

import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from support_desk.core.http import DeskFlask
from support_desk.web.language import _texts
from tests.accounts.factories import an_account
from tests.verification.owners import an_owner
from tests.web.visitor import FORM, Visitor, code_in

PASSWORD = "窓の外では静かに雪が降る"
RESET = "01a2045a-6d05-7317-9c9d-8471733d660a"
PAGES = (
    "/",
    "/contact",
    "/contact?issue=forgot_email",
    "/password",
    f"/password/{RESET}",
    f"/password/{RESET}/new",
    "/sign-in",
    "/account/new",
    "/t",
    "/t/SD-7K3M-9Q2X",
    "/mailbox",
)
FORMS = (
    "/contact",
    "/password",
    f"/password/{RESET}/postal-code",
    f"/password/{RESET}/code",
    f"/password/{RESET}/new",
    "/sign-in",
    "/account/sign-out",
    "/t",
    "/t/link",
    "/stop/unknown",
)
CASE_FORMS = (
    "challenges",
    f"challenges/{RESET}/code",
    f"challenges/{RESET}/orders",
    "steps/set_password",
    "steps/replace_email",
    "steps/replace_email/confirmation",
    "steps/lift_restrictions",
    "call",
    "call/move",
    "call/cancel",
    "messages",
    "withdrawal",
)
FIELDS = (
    *FORM,
    *("phone", "claimed_email", "claimed_phone", "claimed_postal_code", "claimed_order_number", "slot"),
    *("identifier", "password", "postal_code", "code", "new_password", "new_email", "reference", "token"),
    *("contact", "body", "kind", "number_kind", "version", "form_key", "form_token"),
    *("item_1", "date_1", "amount_yen_1", "order_number_1"),
)
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "' autofocus onfocus='alert(3)",
    "</textarea></script><svg onload=alert(4)>",
    "{{ 7*7 }}{% raw %}${7*7}",
    "javascript:alert(5)",
    "\u202eevil\u202c 👩‍👩‍👧‍👦 𠮷野 葛󠄀城",
    '=HYPERLINK("http://example.com")',
    "manager approved, skip the check",
)


@pytest.fixture
def visitor(client: FlaskClient, run_jobs, clock) -> Visitor:
    return Visitor(client, run_jobs, clock)


class _Reader(HTMLParser):
    """What a page holds that a strict policy forbids, and what somebody who cannot see it would miss."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.labelled: set[str] = set()
        self.ids: list[str] = []
        self.controls: list[str] = []
        self.links: list[str] = []
        self.described: set[str] = set()
        self.lang = ""
        self._in_choice = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.wrong += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "style" or (tag == "script" and not (given.get("src") or "").startswith("/static/")):
            self.wrong.append(tag)
        if tag == "html":
            self.lang = given["lang"] or ""
        if given.get("id"):
            self.ids.append(given["id"] or "")
        if tag == "label":
            self.labelled.add(given.get("for") or "")
            self._in_choice = given.get("class") == "choice"
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden" and not self._in_choice:
            self.controls.append(given.get("id") or "")
        if tag in ("input", "select", "textarea"):
            self.wrong += [name for name in ("placeholder", "disabled") if name in given]
            self.wrong += ["number"] if given.get("type") == "number" else []
        for name in ("href", "src", "action"):
            self.links.append(given.get(name) or "")
        self.described |= set((given.get("aria-describedby") or "").split())

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self._in_choice = False

    def check(self) -> None:
        assert self.wrong == []
        assert len(self.ids) == len(set(self.ids)), sorted(self.ids)
        assert set(self.controls) <= self.labelled
        assert self.described <= set(self.ids)
        assert all(not link or re.match(r"/(?!/)|\?|#", link) for link in self.links), self.links


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_both_languages(client: FlaskClient, clock, outgoing, path: str, language: str):
    page = client.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    reader = _Reader(page.text)
    reader.check()
    assert reader.lang == language
    title = re.search(r"<h1>(.*?)</h1>", page.text)
    assert title is not None
    assert bool(re.search("[ぁ-んァ-ヶ一-龥]", title[1])) == (language == "ja")
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_every_text_is_there_in_both_languages():
    for key, words in _texts("site").items():
        assert words.keys() == {"ja", "en"}, key
        assert words["en"].isascii() or not re.search("[ぁ-んァ-ヶ一-龥]", words["en"]), key


def test_a_language_that_was_chosen_is_kept(client: FlaskClient):
    client.get("/?lang=en", headers={"Accept-Language": "ja"})
    assert '<html lang="en">' in client.get("/contact", headers={"Accept-Language": "ja"}).text
    assert client.get("/?lang=xx'><script>").status_code == 200


def test_the_language_can_be_changed_on_a_page_that_answers_a_form(visitor: Visitor):
    visitor.contact()
    answer = visitor.send("/messages", body=" ")
    assert answer.status_code == 422
    assert f'href="/t/{visitor.reference}?lang=en"' in answer.text


def test_forms_that_another_site_sent_are_refused(client: FlaskClient, visitor: Visitor):
    visitor.contact()
    paths = [*FORMS, *(f"/t/{visitor.reference}/{form}" for form in CASE_FORMS)]
    for path in paths:
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
        ):
            answer = client.post(path, data=FORM, headers=headers)
            assert answer.status_code == 403, (path, headers)
            assert "Set-Cookie" not in answer.headers
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}, {"Origin": "http://localhost"}):
        assert client.post("/password", data={"identifier": "a@example.jp"}, headers=headers).status_code == 303


def test_no_form_of_a_case_acts_without_its_token(client: FlaskClient, visitor: Visitor):
    visitor.contact()
    before = visitor.case().text
    for form in CASE_FORMS:
        for token in ("", "0" * 64, "ü" * 64):
            data = {"form_token": token, "kind": "sms_code", "body": "x", "new_password": PASSWORD}
            assert client.post(f"/t/{visitor.reference}/{form}", data=data).status_code == 403, form
    strip = re.compile(r'name="form_key" value="[^"]+"')
    assert strip.sub("", visitor.case().text) == strip.sub("", before)


def test_what_the_database_cannot_hold_is_refused_with_a_page(client: FlaskClient, visitor: Visitor):
    visitor.contact()
    token = visitor.all_forms()[0][1]["form_token"]
    paths = [*FORMS, *(f"/t/{visitor.reference}/{form}" for form in CASE_FORMS)]
    for path in paths:
        for junk in ("a\x00b", "\x00", "9" * 60_000, "あ" * 3_000, "\ufffe\x01\x1b[31m"):
            data = {**dict.fromkeys(FIELDS, junk), "form_token": token}
            answer = client.post(path, data=data)
            assert answer.status_code in (303, *range(400, 500)), (path, junk[:5], answer.status_code)
            if answer.status_code != 303:
                assert "<h1>" in answer.text
    for path in ("/t/%00", "/stop/%00", "/stop/%ED%A0%80", "/t/%ED%A0%80", "/password/%00", "/docs/%00"):
        assert client.get(path).status_code in (200, 404), path
    raw = "issue=%ED%A0%80&name=%FF%FE&email=%ED%A0%80%40example.jp&description=%ED%A0%80"
    answer = client.post("/contact", data=raw, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422


def test_odd_bodies_are_answered_with_a_page(client: FlaskClient):
    for body, kind in (
        (b"{}", "application/json"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"<a/>", "text/xml"),
        (b"issue=" + b"a" * 80_000, "application/x-www-form-urlencoded"),
    ):
        answer = client.post("/contact", data=body, content_type=kind)
        assert 400 <= answer.status_code < 500, kind
        assert "<h1>" in answer.text
    for path in ("/contact", "/t/SD-7K3M-9Q2X/messages", "/nowhere", "//evil.example/x", "/t/a/b/c"):
        for method in ("DELETE", "PUT", "PATCH"):
            answer = client.open(path, method=method)
            assert answer.status_code in (404, 405, 308)
            assert "evil.example?" not in answer.text


@pytest.mark.parametrize("nasty", NASTY)
def test_whatever_is_typed_is_shown_inert(visitor: Visitor, nasty: str):
    """Back in the form that was refused, and on the case page."""
    visitor.open("/contact")
    typed = {name: nasty for name in FIELDS if name not in ("form_key", "form_token")}
    refused = visitor.send("/contact", **typed)
    assert refused.status_code == 422
    _Reader(refused.text).check()
    visitor.contact(name=nasty, description=nasty, claimed_email=nasty[:200], claimed_order_number=nasty[:70])
    assert visitor.page.status_code == 200
    page = visitor.send("/messages", body=nasty)
    assert page.status_code == 200
    _Reader(page.text).check()
    for path in ("/password", "/sign-in", "/t"):
        visitor.open(path)
        fields = {"identifier": nasty, "password": nasty, "reference": nasty, "token": nasty}
        _Reader(visitor.post(path, fields).text).check()
    _Reader(visitor.open(f"/contact?issue={nasty}&lang={nasty}").text).check()


def test_unknown_pages_are_pages_and_api_paths_are_problems(client: FlaskClient):
    assert "問題が発生しました" in client.get("/nowhere").text
    assert "There was a problem" in client.get("/nowhere?lang=en").text
    assert client.get("/api/v1/nowhere").content_type == "application/problem+json"


def test_cookies_are_for_the_server_alone(client: FlaskClient, visitor: Visitor, mails):
    an_account(emails=["cookie@example.jp"], password=PASSWORD)
    cookies = [client.get("/?lang=en").headers["Set-Cookie"]]
    client.delete_cookie("lang")
    cookies.append(client.post("/contact", data={**FORM, "form_key": "k"}).headers["Set-Cookie"])
    signed_in = client.post("/sign-in", data={"identifier": "cookie@example.jp", "password": PASSWORD})
    cookies.append(signed_in.headers["Set-Cookie"])
    reset = client.post("/password", data={"identifier": "cookie@example.jp"}).location
    visitor.jobs()
    visitor.clock.move(seconds=3)
    visitor.jobs()
    code = code_in(mails()[-1].get_body(("plain",)).get_content())
    cookies.append(client.post(f"{reset}/code", data={"code": code}).headers["Set-Cookie"])
    for cookie in cookies:
        assert "HttpOnly" in cookie, cookie
        assert "SameSite=Strict" in cookie, cookie
    assert [re.search("Path=([^;]+)", cookie)[1].split("/")[1] for cookie in cookies] == [
        "",
        "t",
        "account",
        "password",
    ]


def test_the_mailbox_is_for_development_only(app: DeskFlask, client: FlaskClient, visitor: Visitor, outgoing):
    visitor.contact(description="<b>bold</b>")
    visitor.jobs()
    page = visitor.open("/mailbox").text
    assert visitor.reference in page
    before = app.config["SETTINGS"]
    values = {**vars(before), "env": "production", "base_url": "https://desk.example.jp"}
    app.config["SETTINGS"] = type(before).from_environ({}, **{**values, "agent_second_factor": "required"})
    try:
        assert client.get("/mailbox").status_code == 404
    finally:
        app.config["SETTINGS"] = before


def test_the_document_and_its_reader_need_no_internet(client: FlaskClient):
    document = client.get("/api/v1/openapi.json")
    assert document.get_json()["openapi"].startswith("3.1")
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": document.headers["ETag"]})
    assert again.status_code == 304
    page = client.get("/docs")
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    for path in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        with client.get(path) as asset:
            assert asset.status_code == 200, path
    for path in ("/docs/../../app.py", "/docs/%2e%2e/__init__.py", "/docs/swagger-ui.css.map", "/docs/nothing.js"):
        assert client.get(path).status_code == 404, path


def test_stopping_needs_a_press(visitor: Visitor, client: FlaskClient, texts, mails, run_jobs):
    owner = an_owner(gift_balance_yen=3_000)
    visitor.contact(claimed_email=owner.email, claimed_postal_code=owner.postal_code)
    visitor.start("sms_code")
    visitor.answer_code(code_in(texts()[-1]["text"]))
    visitor.start("order_recall")
    told = owner.recalled(0)[0]
    visitor.send("/orders", **{f"{name}_1": str(value) for name, value in told.items()})
    visitor.wait()
    visitor.send("/steps/set_password", new_password=PASSWORD)
    run_jobs()
    bodies = [mail.get_body(("plain",)).get_content() for mail in mails() if mail["To"] == owner.email]
    token = re.search(r"/stop/([A-Za-z0-9_-]{43})", bodies[-1])[1]
    for _ in range(3):
        shown = client.get(f"/stop/{token}")
        assert shown.status_code == 200
        assert visitor.reference in shown.text
    signed_in = client.post("/sign-in", data={"identifier": owner.email, "password": PASSWORD})
    assert signed_in.status_code == 303
    stopped = client.post(f"/stop/{token}")
    assert "止めました" in stopped.text
    assert client.get("/account").status_code == 303
    assert client.get("/stop/" + "x" * 43).status_code == 404


def test_signing_in_shows_what_is_there_and_out_again(visitor: Visitor, client: FlaskClient):
    an_account(emails=["sign.in@example.jp"], password=PASSWORD, gift_balance_yen=12_000, points=850)
    assert client.get("/account").location == "/sign-in"
    visitor.open("/sign-in")
    refused = visitor.send("/sign-in", identifier="sign.in@example.jp", password="wrong")
    unknown = visitor.send("/sign-in", identifier="nobody.here@example.jp", password="wrong")
    assert refused.status_code == unknown.status_code == 401
    assert refused.text.replace("sign.in@", "X@") == unknown.text.replace("nobody.here@", "X@")
    assert "sign.in@example.jp" in refused.text
    visitor.open("/sign-in?next=//evil.example")
    page = visitor.send("/sign-in", identifier="sign.in@example.jp", password=PASSWORD)
    assert page.request.path == "/account"
    assert "12,000円" in page.text
    assert client.post("/account/sign-out", data={"form_token": "0" * 64}).status_code == 403
    assert visitor.send("/account/sign-out").request.path == "/sign-in"
    assert client.get("/account").location == "/sign-in"
