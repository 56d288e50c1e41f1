"""The quiz on the pages: last on the case page, ticked without JavaScript; read out and entered by an agent."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.core.db import db
from support_desk.verification.models import EvidenceItem
from tests.agents.people import an_agent
from tests.verification.owners import Owner, a_case_naming
from tests.verification.shops import a_regular, a_shop, titles_of
from tests.web.desk_browser import Browser
from tests.web.visitor import Visitor

TILE = re.compile(r'<input type="checkbox" name="(tiles_\d)" value="([^"]+)">\s*<span dir="auto">([^<]+)')


@pytest.fixture
def owner(clock: Any, db_session: Any) -> Owner:
    a_shop(buyers=50)
    found = a_regular(8)
    db_session.commit()
    return found


def ticks(page: str, titles: set[str]) -> dict[str, list[str]]:
    """The fields that a browser sends when the tiles with these titles are ticked."""
    found: dict[str, list[str]] = {}
    for name, tile_id, title in TILE.findall(page):
        if unescape(title).strip() in titles:
            found.setdefault(name, []).append(tile_id)
    return found


def evidence() -> list[float]:
    return [float(row.bits or 0) for row in db.session.scalars(sa.select(EvidenceItem))]


def test_a_visitor_ticks_what_was_ordered(client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any) -> None:
    visitor = Visitor(client, run_jobs, clock)
    visitor.contact(name="森 あおい", name_kana="モリ アオイ", claimed_postal_code=owner.postal_code)
    visitor.case()
    offered = re.findall(r'name="kind" value="([a-z_]+)"', visitor.page.text)
    assert offered[-1] == "order_quiz"
    page = visitor.start("order_quiz").text
    assert len(TILE.findall(page)) == 36
    assert page.count("0個の場合もあります") == 3
    assert visitor.case().text.count("checkbox") == page.count("checkbox")
    [(path, fields)] = [form for form in visitor.all_forms() if form[0].endswith("/tiles")]
    visitor.post(path, {**fields, **ticks(page, titles_of(owner))})
    assert visitor.page.status_code == 200
    assert "受け取りました" in visitor.page.text
    assert "checkbox" not in visitor.page.text
    run_jobs()
    assert evidence() == [14.0]


def test_an_empty_answer_is_an_answer(client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any) -> None:
    visitor = Visitor(client, run_jobs, clock)
    visitor.contact(claimed_postal_code="9999999")
    visitor.case()
    visitor.start("order_quiz")
    [(path, fields)] = [form for form in visitor.all_forms() if form[0].endswith("/tiles")]
    visitor.post(path, fields)
    assert "受け取りました" in visitor.page.text
    visitor.open(f"/t/{visitor.reference}?lang=en")
    assert "Choose what you have ordered" in visitor.page.text


def test_too_many_ticks_are_refused_and_spend_nothing(
    client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any
) -> None:
    visitor = Visitor(client, run_jobs, clock)
    visitor.contact(claimed_postal_code="9999999")
    visitor.case()
    visitor.start("order_quiz")
    [(path, fields)] = [form for form in visitor.all_forms() if form[0].endswith("/tiles")]
    visitor.post(path, {**fields, "tiles_1": ["x"] * 13})
    assert visitor.page.status_code == 422
    assert len(TILE.findall(visitor.page.text)) == 36


def test_an_agent_reads_the_tiles_out_and_enters_what_is_said(
    client: FlaskClient, owner: Owner, run_jobs: Any, clock: Any
) -> None:
    case = a_case_naming(owner)
    run_jobs()
    browser = Browser(client).sign_in(an_agent("agent"))
    path = f"/desk/tickets/{case.id}"
    browser.open(path)
    browser.send("/quiz")
    assert "質問を用意しています" in browser.page.text
    clock.move(seconds=2)
    run_jobs()
    page = browser.open(path).text
    assert len(TILE.findall(page)) == 36
    answers = [form for form in browser.forms().items() if "/quiz/" in form[0]]
    [(action, fields)] = answers
    token = {name: value for name, value in fields.items() if not name.startswith("tiles_")}
    browser.post(action, {**token, **ticks(page, titles_of(owner))})
    assert "お答えを受け付けました" in browser.page.text
    assert "checkbox" not in browser.page.text
    run_jobs()
    assert evidence() == [14.0]
    after = browser.open(path).text
    assert "14.0" not in after
    assert not [title for title in titles_of(owner) if title in after]


def test_who_may_only_read_is_not_shown_the_quiz(client: FlaskClient, owner: Owner, run_jobs: Any) -> None:
    case = a_case_naming(owner)
    run_jobs()
    browser = Browser(client).sign_in(an_agent("auditor"))
    page = browser.open(f"/desk/tickets/{case.id}").text
    assert "/quiz" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    assert browser.post(f"/desk/tickets/{case.id}/quiz", {"csrf_token": token[1]}).status_code == 403
