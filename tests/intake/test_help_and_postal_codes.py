"""The help menu, the phone line's hours, and the towns of a postal code."""

import gzip
from datetime import UTC, datetime
from itertools import islice

import pytest

from support_desk.intake import postal_service
from support_desk.intake.help_topics import NEXT_STEPS, help_menu
from support_desk.tickets.models import Issue
from tests.data import shared_data


def _all_topics(topics):
    for topic in topics:
        yield topic
        yield from _all_topics(topic.topics)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_issue_has_a_topic_with_guidance_and_a_next_step(language):
    topics = list(_all_topics(help_menu(language).topics))
    assert {topic.issue for topic in topics if topic.issue} == {issue.value for issue in Issue}
    for topic in topics:
        assert topic.title
        assert all(topic.guidance)
        assert topic.next_step in NEXT_STEPS or topic.topics


def test_both_languages_have_the_same_menu():
    ja, en = (list(_all_topics(help_menu(language).topics)) for language in ("ja", "en"))
    assert [(topic.id, topic.next_step, topic.href, len(topic.guidance)) for topic in ja] == [
        (topic.id, topic.next_step, topic.href, len(topic.guidance)) for topic in en
    ]


def test_the_menu_speaks_the_callers_language_and_says_when_the_line_opens(client, clock):
    clock.set(datetime(2026, 11, 25, 1, 0, tzinfo=UTC))
    ja = client.get("/api/v1/help-topics").get_json()
    assert ja["title"] == "お困りですか？"
    assert ja["phone_line"]["open_now"] is True
    assert ja["phone_line"]["opens_at"] is None
    assert ja["phone_line"]["closes_at"] == "2026-11-25T11:00:00.000Z"
    clock.set(datetime(2026, 11, 25, 14, 0, tzinfo=UTC))
    en = client.get("/api/v1/help-topics", headers={"Accept-Language": "en"}).get_json()
    assert en["title"] == "Need help?"
    assert en["phone_line"]["open_now"] is False
    assert en["phone_line"]["opens_at"] == "2026-11-26T00:00:00.000Z"


@pytest.mark.parametrize("written", ["1500002", "150-0002", "１５０−０００２", "〒150-0002"])
def test_a_postal_code_is_found_as_people_write_it(client, written):
    items = client.get(f"/api/v1/postal-codes/{written}").get_json()["items"]
    assert [(item["prefecture"], item["city"], item["town"]) for item in items] == [("東京都", "渋谷区", "渋谷")]


def test_an_unknown_code_has_no_towns_and_what_is_no_code_is_refused(client):
    unknown = client.get("/api/v1/postal-codes/9999999")
    assert (unknown.status_code, unknown.get_json()) == (200, {"items": []})
    for odd in ("123", "abcdefg", "12345678", "%00", "１２３"):
        answer = client.get(f"/api/v1/postal-codes/{odd}")
        assert answer.status_code in (404, 422), odd


COLUMNS = "postal_code\tjisx0402\tprefecture\tcity\ttown\tprefecture_kana\tcity_kana\ttown_kana\tnote\n"


def test_a_loaded_file_replaces_the_demo_towns(tmp_path, client, db_session):
    file = tmp_path / "towns.tsv.gz"
    with gzip.open(file, "wt", encoding="utf-8") as lines:
        lines.write(COLUMNS)
        lines.write("9990001\t1\t架空県\t架空市\t一番町\tカクウケン\tカクウシ\tイチバンチョウ\t\n")
        lines.write("9990001\t1\t架空県\t架空市\t二番町\tカクウケン\tカクウシ\tニバンチョウ\t\n")
        lines.write("9990001\t1\t架空県\t架空市\t二番町\tカクウケン\tカクウシ\tニバンチョウ\t重複\n")
        lines.write("no code\t1\t架空県\t架空市\t三番町\tカクウケン\tカクウシ\tサンバンチョウ\t\n")
    assert postal_service.load_towns(postal_service.read_rows(file)) == 2
    assert postal_service.load_towns(postal_service.read_rows(file)) == 2
    db_session.commit()
    items = client.get("/api/v1/postal-codes/999-0001").get_json()["items"]
    assert [item["town"] for item in items] == ["一番町", "二番町"]
    assert client.get("/api/v1/postal-codes/1500002").get_json()["items"] == []


def test_a_file_with_other_columns_is_refused(tmp_path):
    file = tmp_path / "towns.tsv"
    file.write_text("code\ttown\n1\tx\n")
    with pytest.raises(postal_service.PostalFileUnreadable):
        list(postal_service.read_rows(file))


def _many_rows():
    """Lines of the whole of Japan where that data is at hand, else as many made up."""
    data = shared_data()
    if data is not None:
        return islice(postal_service.read_rows(data / "postal" / "jp_postal_towns.tsv.gz"), 20_000)
    names = ("prefecture", "city", "town", "prefecture_kana", "city_kana", "town_kana")
    return [{"postal_code": f"{code:07}", **dict.fromkeys(names, "x")} for code in range(20_000)]


def test_a_whole_country_can_be_loaded(db_session):
    assert postal_service.load_towns(_many_rows()) > 19_000
