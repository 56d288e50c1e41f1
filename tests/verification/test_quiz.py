"""The order quiz: the same tiles wherever it is looked at, received alike, scored in the worker, never told."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from support_desk.accounts import service as accounts
from support_desk.accounts.order_models import CatalogueTitle
from support_desk.core import clock as business
from support_desk.core.db import db
from support_desk.outbox.models import PromisedJob
from support_desk.tickets import service as tickets
from support_desk.verification import service
from support_desk.verification.evidence_service import list_evidence
from support_desk.verification.models import Challenge, EvidenceItem, QuizAttempt
from tests.agents.people import a_token, an_agent
from tests.verification.owners import Claimant, Owner, a_case_naming
from tests.verification.shops import TITLES, a_line, a_regular, a_shop, an_order, category_of, take_in, titles_of
from tests.verification.test_codes import code_of
from tests.verification.test_equal_answers import Statements, seen

Grids = list[dict[str, Any]]


@pytest.fixture
def shop(clock: Any, db_session: Any) -> None:
    a_shop()
    db_session.commit()


@pytest.fixture
def owner(shop: None, db_session: Any) -> Owner:
    found = a_regular(8)
    db_session.commit()
    return found


class Quiz:
    """A claimant at the quiz."""

    def __init__(self, client: FlaskClient, run_jobs: Any, clock: Any, owner: Owner | None) -> None:
        self.claimant = Claimant(client, a_case_naming(owner))
        self.run_jobs, self.clock, self.owner = run_jobs, clock, owner
        self.id = ""

    def begin(self) -> Grids:
        """Ask for the quiz, wait until it is ready, look at it."""
        self.id = self.claimant.ask("order_quiz").get_json()["id"]
        assert "grids" not in self.claimant.look(self.id).get_json()
        self.run_jobs()
        self.clock.move(seconds=2)
        self.run_jobs()
        return self.grids()

    def grids(self) -> Grids:
        shown = self.claimant.look(self.id).get_json()
        assert shown["state"] == "ready"
        grids: Grids = shown["grids"]
        return grids

    def send(self, ticked: list[list[str]]) -> None:
        """Answer, and let the worker score."""
        answer = self.claimant.answer(self.id, grids=[{"tile_ids": ids} for ids in ticked])
        assert (answer.status_code, answer.get_json()) == (200, {"state": "received"})
        self.run_jobs()

    def answer_as_owner(self, grids: Grids) -> None:
        """Tick what the owner ordered."""
        assert self.owner is not None
        mine = titles_of(self.owner)
        self.send([[tile["id"] for tile in grid["tiles"] if tile["title"] in mine] for grid in grids])


@pytest.fixture
def sit(client: FlaskClient, run_jobs: Any, clock: Any) -> Any:
    return lambda owner: Quiz(client, run_jobs, clock, owner)


def bits() -> list[float]:
    rows = db.session.scalars(
        sa.select(EvidenceItem).where(EvidenceItem.kind == "order_quiz").order_by(EvidenceItem.id)
    )
    return [float(row.bits or 0) for row in rows]


def shown_titles(grids: Grids) -> list[str]:
    return [tile["title"] for grid in grids for tile in grid["tiles"]]


def ids_of(grids: Grids) -> list[list[str]]:
    return [[tile["id"] for tile in grid["tiles"]] for grid in grids]


def test_an_owner_recognises_what_was_ordered(owner: Owner, sit: Any) -> None:
    quiz = sit(owner)
    grids = quiz.begin()
    assert [len(grid["tiles"]) for grid in grids] == [12, 12, 12]
    for grid in grids:
        mine = [tile for tile in grid["tiles"] if tile["title"] in titles_of(owner)]
        assert 2 <= len(mine) <= 5
        assert {tile["category"] for tile in grid["tiles"]} == {tile["category"] for tile in mine}
    quiz.answer_as_owner(grids)
    assert bits() == [14.0]
    row = db.session.get_one(Challenge, quiz.id, populate_existing=True)
    assert (row.state, row.facts) == ("answered", None)


def test_the_prompt_does_not_tell_how_many_are_right(owner: Owner, sit: Any) -> None:
    quiz = sit(owner)
    prompts = {grid["prompt"] for grid in quiz.begin()}
    assert prompts == {"次の12点のうち、過去にご注文されたものをすべて選んでください(0個の場合もあります)"}
    headers = {**quiz.claimant.case.headers, "Accept-Language": "en"}
    shown = quiz.claimant.client.get(f"{quiz.claimant.base}/challenges/{quiz.id}", headers=headers).get_json()
    assert "Choose all of them" in shown["grids"][0]["prompt"]


@pytest.mark.parametrize("every", [True, False])
def test_ticking_all_or_nothing_fails(owner: Owner, sit: Any, every: bool) -> None:
    quiz = sit(owner)
    grids = quiz.begin()
    quiz.send(ids_of(grids) if every else [[], [], []])
    assert all(each < 4.3 for each in bits())


def test_a_hundred_reloads_two_browsers_the_phone_and_an_agent_see_the_same(
    owner: Owner, sit: Any, client: FlaskClient, db_session: Any, clock: Any, run_jobs: Any
) -> None:
    headers = a_token(an_agent(), "verification.read", "verification.work")
    db_session.commit()
    quiz = sit(owner)
    first = quiz.begin()
    assert all(quiz.grids() == first for _ in range(100))
    other = sit(owner)
    assert other.begin() == first, "another case of the same account"
    agent = client.get(f"/api/v1/agent/tickets/{quiz.claimant.case.id}/challenges/{quiz.id}", headers=headers)
    assert agent.get_json()["grids"] == first
    clock.move(minutes=11)
    assert quiz.claimant.look(quiz.id).get_json()["state"] == "dead"
    assert quiz.begin() == first, "abandoned and resumed"


def test_the_same_key_account_and_attempt_make_the_same_tiles_anew(
    owner: Owner, sit: Any, db_session: Any
) -> None:
    quiz = sit(owner)
    first = shown_titles(quiz.begin())
    db_session.execute(sa.update(Challenge).values(quiz_attempt_id=None, state="dead"))
    db_session.execute(sa.delete(QuizAttempt))
    db_session.commit()
    assert shown_titles(quiz.begin()) == first


def test_later_attempts_share_no_tile_and_without_fresh_orders_nothing_is_right(
    shop: None, sit: Any, clock: Any, db_session: Any
) -> None:
    owner = a_regular(13)
    db_session.commit()
    first = sit(owner)
    before = first.begin()
    first.answer_as_owner(before)
    clock.move(days=31)
    second = sit(owner)
    after = second.begin()
    assert not set(shown_titles(before)) & set(shown_titles(after))
    assert not {*chain(*ids_of(before))} & {*chain(*ids_of(after))}
    mine = titles_of(owner)
    assert len(mine & set(shown_titles(after))) >= 6
    second.answer_as_owner(after)
    assert len(bits()) == 2
    clock.move(days=31)
    third = sit(owner)
    last = third.begin()
    assert not mine & set(shown_titles(last))
    third.send([[], [], []])
    assert len(bits()) == 2


@pytest.mark.parametrize("who", ["nobody", "few orders", "in dispute"])
def test_grids_for_those_we_cannot_ask_look_alike_and_always_fail(
    shop: None, sit: Any, db_session: Any, who: str
) -> None:
    owner = None if who == "nobody" else a_regular(5 if who == "few orders" else 9)
    if who == "in dispute":
        service.mark_contested(owner.id, ticket_id=None, why="stopped")
    db_session.commit()
    quiz = sit(owner)
    grids = quiz.begin()
    assert [len(grid["tiles"]) for grid in grids] == [12, 12, 12]
    assert len(set(shown_titles(grids))) == 36
    assert quiz.grids() == grids
    quiz.send([[], [], []])
    assert bits() == []


def test_an_order_too_fresh_too_old_returned_or_sensitive_is_not_asked_about(
    shop: None, sit: Any, db_session: Any
) -> None:
    good = [TITLES[number * 30] for number in range(7)]
    bad = ["Rosary beads wooden", "妊娠検査薬 2本", "Old thing", "New thing", "Sent back", "On its way"]
    line = a_line(
        [
            *(an_order(title, 100 + number) for number, title in enumerate(good)),
            an_order(bad[0], 200, category="kitchen"),
            an_order(bad[1], 200, category="kitchen"),
            an_order(bad[2], 1110, category="kitchen"),
            an_order(bad[3], 13, category="kitchen"),
            an_order(bad[4], 100, category="kitchen", status="returned"),
            an_order(bad[5], 100, category="kitchen", status="shipped"),
        ]
    )
    take_in([line, a_line([an_order("Bible cover", 50, category="books")])])
    account = accounts.find_account_by_public_id(line["account_id"])
    assert account is not None
    owner = Owner(account.id, line["emails"][0], line["phone_e164"], line["postal_code"], line["orders"])
    db_session.commit()
    shown = set(shown_titles(sit(owner).begin()))
    assert len(shown & set(good)) >= 6
    assert not shown & {*bad, "Bible cover"}
    hidden = db.session.scalars(sa.select(CatalogueTitle.title).where(CatalogueTitle.sensitive))
    assert set(hidden) == {bad[0], bad[1], "Bible cover"}


def test_decoys_were_bought_by_nobody_of_the_household(shop: None, sit: Any, db_session: Any) -> None:
    home = {"postal_code": "1000001", "address": {"prefecture": "東京都", "city": "千代田区", "street": "1-1"}}
    owner = a_regular(8, **home)
    theirs = [title for title in TITLES if title not in titles_of(owner)][:180]
    take_in([a_line([an_order(title, 90) for title in theirs], **home)])
    db_session.commit()
    shown = set(shown_titles(sit(owner).begin()))
    assert len(shown & titles_of(owner)) >= 6
    assert not shown & set(theirs)


def test_tiles_of_another_attempt_are_received_and_spend_it(owner: Owner, sit: Any, db_session: Any) -> None:
    other = sit(a_regular(8))
    foreign = ids_of(other.begin())
    quiz = sit(owner)
    grids = quiz.begin()
    mine = [[tile["id"] for tile in grid["tiles"] if tile["title"] in titles_of(owner)] for grid in grids]
    quiz.send([[*ids, strange[0]] for ids, strange in zip(mine, foreign, strict=True)])
    assert bits() == []
    quiz.answer_as_owner(grids)
    assert bits() == [], "only the first answer counts"
    again = sit(owner)
    assert shown_titles(again.begin()) != shown_titles(grids), "the attempt is spent"


def test_two_cases_with_one_attempt_count_once(owner: Owner, sit: Any) -> None:
    first, second = sit(owner), sit(owner)
    grids = first.begin()
    second.begin()
    first.send(ids_of(grids))
    second.answer_as_owner(grids)
    assert bits() == []


def test_the_answer_has_ten_minutes_from_ready(owner: Owner, sit: Any, clock: Any) -> None:
    quiz = sit(owner)
    grids = quiz.begin()
    clock.move(minutes=10)
    quiz.answer_as_owner(grids)
    assert bits() == []
    clock.move(seconds=1)
    grids = quiz.begin()
    clock.move(minutes=9, seconds=59)
    quiz.answer_as_owner(grids)
    assert bits() == [14.0]


def test_one_attempt_in_thirty_days_and_three_in_a_year(shop: None, sit: Any, clock: Any, db_session: Any) -> None:
    owner = a_regular(40)
    db_session.commit()
    for _ in range(5):
        quiz = sit(owner)
        quiz.answer_as_owner(quiz.begin())
        again = sit(owner)
        again.answer_as_owner(again.begin())
        clock.move(days=31)
    assert len(bits()) == 3


def test_a_right_code_in_the_case_opens_one_more_attempt(
    shop: None, sit: Any, clock: Any, db_session: Any, run_jobs: Any
) -> None:
    owner = a_regular(30)
    db_session.commit()
    stranger = sit(owner)
    stranger.send(ids_of(stranger.begin()))
    mine = sit(owner)
    sms = mine.claimant.ask("sms_code").get_json()["id"]
    clock.move(seconds=2)
    run_jobs()
    assert mine.claimant.answer(sms, code=code_of(sms)).status_code == 200
    mine.answer_as_owner(mine.begin())
    assert bits() == [14.0]
    mine.answer_as_owner(mine.begin())
    assert bits() == [14.0]


def test_recall_and_quiz_are_not_added(owner: Owner, sit: Any, run_jobs: Any) -> None:
    quiz = sit(owner)
    quiz.answer_as_owner(quiz.begin())
    recall = quiz.claimant.ask("order_recall").get_json()["id"]
    quiz.claimant.answer(recall, orders=owner.recalled(0))
    run_jobs()
    evidence = list_evidence(tickets.get_ticket(quiz.claimant.case.id))
    assert {(item.group, item.kind) for item in evidence} == {("MEM", "order_quiz"), ("MEM", "order_recall")}
    verdict = service.verdict(quiz.claimant.case.id, "replace_email", at=business.now())
    assert verdict.level == "light"


def test_what_is_kept_is_encrypted_and_no_job_carries_it(owner: Owner, sit: Any) -> None:
    quiz = sit(owner)
    grids = quiz.begin()
    sealed = db.session.scalars(sa.text("SELECT grids FROM quiz_attempts")).one()
    assert shown_titles(grids)[0].encode() not in bytes(sealed)
    quiz.claimant.answer(quiz.id, grids=[{"tile_ids": ids[:2]} for ids in ids_of(grids)])
    jobs = "".join(json.dumps(ids) for ids in db.session.scalars(sa.select(PromisedJob.ids)))
    assert not [tile for ids in ids_of(grids) for tile in ids if tile in jobs]


def test_no_answer_tells_which_tiles_are_right(
    owner: Owner, sit: Any, client: FlaskClient, db_session: Any
) -> None:
    headers = a_token(an_agent(), "verification.read", "verification.work")
    db_session.commit()
    quiz = sit(owner)
    grids = quiz.begin()
    assert {key for grid in grids for tile in grid["tiles"] for key in tile} == {"id", "title", "category"}
    base = f"/api/v1/agent/tickets/{quiz.claimant.case.id}"
    for path in (f"{base}/challenges/{quiz.id}", f"{base}/verification"):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert "ordered" not in answer.text.replace("ordered before", "")
        assert client.get(f"{path}?debug=true", headers=headers).status_code == 400


def test_an_agent_enters_what_a_caller_says_and_hears_nothing_of_it(
    owner: Owner, sit: Any, client: FlaskClient, db_session: Any, clock: Any, run_jobs: Any
) -> None:
    headers = a_token(an_agent(), "verification.read", "verification.work")
    db_session.commit()
    case = a_case_naming(owner)
    base = f"/api/v1/agent/tickets/{case.id}/challenges"
    started = client.post(base, json={"kind": "order_quiz"}, headers=headers)
    assert (started.status_code, started.get_json()["state"]) == (201, "preparing")
    run_jobs()
    clock.move(seconds=2)
    run_jobs()
    path = f"{base}/{started.get_json()['id']}"
    grids = client.get(path, headers=headers).get_json()["grids"]
    mine = titles_of(owner)
    said = [{"tile_ids": [tile["id"] for tile in grid["tiles"] if tile["title"] in mine]} for grid in grids]
    answer = client.post(f"{path}/answer", json={"grids": said}, headers=headers)
    assert (answer.status_code, answer.get_json()) == (200, {"state": "received"})
    run_jobs()
    assert bits() == [14.0]


@pytest.mark.parametrize(
    "grids",
    [
        [],
        [{}],
        [{"tile_ids": "all"}],
        [{"tile_ids": [1]}],
        [{"tile_ids": ["\x00"]}],
        [{"tile_ids": ["x" * 65]}],
        [{"tile_ids": []}] * 4,
        [{"tile_ids": ["x"] * 13}],
        [{"tile_ids": [], "titles": []}],
    ],
)
def test_a_malformed_answer_is_refused_and_spends_nothing(owner: Owner, sit: Any, grids: Any) -> None:
    quiz = sit(owner)
    shown = quiz.begin()
    assert quiz.claimant.answer(quiz.id, grids=grids).status_code == 422
    quiz.answer_as_owner(shown)
    assert bits() == [14.0]


def test_an_answer_of_tiles_to_another_kind_is_404_and_other_answers_to_the_quiz_are_refused(
    owner: Owner, sit: Any
) -> None:
    quiz = sit(owner)
    quiz.begin()
    recall = quiz.claimant.ask("order_recall").get_json()["id"]
    assert quiz.claimant.answer(recall, grids=[{"tile_ids": []}]).status_code == 404
    assert quiz.claimant.answer(quiz.id, orders=[{"item": "x"}]).status_code == 404
    assert quiz.claimant.answer(quiz.id, code="AAAA-AAAA").get_json()["code"] == "invalid_code"
    assert quiz.claimant.answer(quiz.id, code="AAAA-AAAA", grids=[{"tile_ids": []}]).status_code == 422
    stranger = sit(None)
    assert stranger.claimant.answer(quiz.id, grids=[{"tile_ids": []}]).status_code == 404


def test_an_answer_before_there_are_tiles_is_received_and_spends_nothing(owner: Owner, sit: Any) -> None:
    quiz = sit(owner)
    quiz.id = quiz.claimant.ask("order_quiz").get_json()["id"]
    quiz.send([["guess"]])
    quiz.answer_as_owner(quiz.begin())
    assert bits() == [14.0]


def masked(answer: Any) -> Any:
    """What is seen of an answer, the words of the tiles left out."""
    status, headers, body = seen(answer)
    document = json.loads(body)
    for grid in document.get("grids", ()):
        for tile in grid["tiles"]:
            assert len(tile["id"]) == 22
            tile["id"] = tile["title"] = tile["category"] = "T"
    lengths = {"Content-Length", "ETag"}
    return status, [(name, value) for name, value in headers if name not in lengths], document


@pytest.fixture
def cast(shop: None, db_session: Any) -> dict[str, Owner | None]:
    people = {
        "known": a_regular(9),
        "few orders": a_regular(2),
        "in dispute": a_regular(9),
        "capped": a_regular(9),
    }
    service.mark_contested(people["in dispute"].id, ticket_id=None, why="stopped")
    db_session.commit()
    return {"unknown": None, **people}


def test_every_answer_and_all_sql_of_a_request_is_the_same_whoever_is_claimed(
    cast: dict[str, Owner | None], sit: Any, clock: Any, run_jobs: Any
) -> None:
    capped = sit(cast["capped"])
    capped.send(ids_of(capped.begin()))
    start = clock.at
    walks, logs = {}, {}
    for who, owner in cast.items():
        clock.set(start)
        quiz = sit(owner)
        run_jobs()
        with Statements(db.session.connection().engine) as noted:
            found = [masked(quiz.claimant.ask("order_quiz"))]
        quiz.begin()
        with noted:
            found += [masked(quiz.claimant.ask("order_quiz")), masked(quiz.claimant.look(quiz.id))]
            found += [masked(quiz.claimant.see())]
            found += [masked(quiz.claimant.answer(quiz.id, grids=[{"tile_ids": ["x"]}])) for _ in range(2)]
        run_jobs()
        with noted:
            found += [masked(quiz.claimant.look(quiz.id)), masked(quiz.claimant.see())]
            found.append(masked(quiz.claimant.ask("order_quiz")))
        walks[who], logs[who] = found, noted.texts
    for who in cast:
        assert walks[who] == walks["unknown"], who
        assert logs[who] == logs["unknown"], who
    assert not [
        text for text in logs["known"] if any(table in text for table in ("customer", "FROM orders", "catalogue"))
    ]


def test_the_catalogue_knows_what_is_sold_for_how_much_since_when_and_to_how_many(shop: None) -> None:
    take_in(
        [
            a_line([an_order("Odd thing", 400, category="toys", amount=900, n_items=3)]),
            a_line([an_order("Odd thing", 40, category="toys", amount=500)]),
        ]
    )
    row = db.session.get_one(CatalogueTitle, "Odd thing")
    assert (row.category, row.least_yen, row.most_yen, row.buyers_count) == ("toys", 300, 500, 2)
    assert (row.last_sold_on, row.first_sold_on) == (
        business.today() - timedelta(days=40),
        business.today() - timedelta(days=400),
    )
    assert (row.price_band, row.popularity_band, row.sensitive) == (5, 1, False)
    entry = accounts.catalogue_entries(["Odd thing"])["Odd thing"]
    alike = accounts.titles_alike(entry, on=row.last_sold_on, without=TITLES[210:215], seed="s", limit=500)
    assert alike
    assert {each.category for each in alike} == {"toys"}
    assert not {each.title for each in alike} & {*TITLES[210:215], "Odd thing"}
    assert all(abs(each.price_band - 5) <= 2 for each in alike)
    assert {category_of(each.title) for each in alike} == {"toys"}


def test_decoys_were_on_sale_when_the_order_was_placed(shop: None) -> None:
    take_in([a_line([an_order("Long gone", 900, category="toys"), an_order("Just new", 20, category="toys")])])
    entry = accounts.catalogue_entries(["Just new"])["Just new"]
    today = business.today()
    recent = accounts.titles_alike(entry, on=today - timedelta(days=20), without=(), seed="s", limit=500)
    assert "Long gone" not in {each.title for each in recent}
    then = accounts.titles_alike(entry, on=today - timedelta(days=880), without=(), seed="s", limit=500)
    assert "Long gone" in {each.title for each in then}


def test_a_shop_with_few_titles_shows_short_grids_to_everybody(clock: Any, db_session: Any, sit: Any) -> None:
    owner = a_regular(9)
    db_session.commit()
    for who in (owner, None):
        grids = sit(who).begin()
        assert sum(len(grid["tiles"]) for grid in grids) == 9
        assert [len(grid["tiles"]) for grid in grids] == [3, 3, 3]


def test_a_shop_without_titles_shows_empty_grids(clock: Any, db_session: Any, sit: Any) -> None:
    quiz = sit(None)
    assert [grid["tiles"] for grid in quiz.begin()] == [[], [], []]
    quiz.send([[], [], []])
    assert bits() == []


def test_made_up_grids_are_as_mixed_as_the_orders_of_somebody(clock: Any, db_session: Any, sit: Any) -> None:
    a_shop()
    for number in range(12):
        take_in([a_line([an_order(TITLES[(number * 5 + each) % 70], 90 + each) for each in range(9)])])
    db_session.execute(sa.text("DELETE FROM order_items WHERE title NOT LIKE 'kitchen%'"))
    db_session.commit()
    grids = sit(None).begin()
    assert {tile["category"] for grid in grids for tile in grid["tiles"]} == {"kitchen"}
    assert [len(grid["tiles"]) for grid in grids] == [12, 12, 12]
