"""A ticket is resolved in the worker: to one account by two kinds, or to none, and counted by a key either way."""

import json
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from support_desk.accounts import service as accounts
from support_desk.accounts.import_lines import NumberedLine
from support_desk.accounts.import_service import ImportReport, import_batch
from support_desk.accounts.statistics_service import rebuild_order_statistics
from support_desk.core.db import transaction
from support_desk.core.events import _subscribers, subscribe
from support_desk.outbox.runner import run_due
from support_desk.outbox.service import promise
from support_desk.tickets import service as tickets
from support_desk.tickets.events import TicketResolved
from support_desk.tickets.models import Ticket
from support_desk.verification import recall_service
from support_desk.verification.resolve_service import account_budget_key, resolve

pytestmark = pytest.mark.usefixtures("db_session", "clock")


def an_order(number: str, day: str = "2026-05-01", **change: Any) -> dict[str, Any]:
    order = {"order_id": number, "placed_at": f"{day}T10:00:00+09:00", "item": "tin kettle", "amount": 4321}
    return {**order, "status": "delivered", **change}


def a_customer(public_id: str, **change: Any) -> dict[str, Any]:
    digits = f"{sum(map(ord, public_id)) % 10_000:04}"
    return {
        "account_id": public_id,
        "emails": [f"{public_id.lower()}@example.com"],
        "name": "山田 太郎",
        "name_kana": "ヤマダ タロウ",
        "phone_e164": f"+81801234{digits}",
        "postal_code": "1500001",
        "address": {"prefecture": "東京都", "city": "渋谷区", "town": "神宮前", "street": "1-1-1"},
        "previous_postal_codes": [],
        "registered_at": "2024-01-01T00:00:00+09:00",
        "orders": [an_order(f"{public_id}-1")],
        "gift_balance_yen": 0,
        "points": 0,
        "prime": {"status": "none", "plan": None, "renews_at": None},
        **change,
    }


def register(*customers: dict[str, Any]) -> None:
    report = ImportReport()
    lines = [NumberedLine(n, json.dumps(customer).encode(), 0) for n, customer in enumerate(customers, 1)]
    import_batch(lines, report)
    assert not report.bad
    rebuild_order_statistics()


def a_ticket(
    *, channel: str = "web", contact: dict[str, str] | None = None, over_budget: bool = False, **claimed: str
) -> Ticket:
    return tickets.open_ticket(
        issue="email_unreachable",
        language="ja",
        channel=channel,
        contact=tickets.Contact(**(contact or {})),
        claimed=tickets.Claimed(**claimed),
        description=None,
        over_budget=over_budget,
    )


def resolved(**ticket: Any) -> Ticket:
    opened = a_ticket(**ticket)
    resolve(opened.id)
    return tickets.get_ticket(opened.id)


def id_of(public_id: str) -> UUID:
    account = accounts.find_account_by_public_id(public_id)
    assert account is not None
    return account.id


@pytest.fixture
def announced() -> Any:
    heard: list[TicketResolved] = []
    before = list(_subscribers[TicketResolved])
    _subscribers[TicketResolved].clear()
    subscribe(TicketResolved, heard.append)
    yield heard
    _subscribers[TicketResolved][:] = before


def test_two_kinds_of_identifiers_name_the_account(announced: list[TicketResolved]) -> None:
    register(a_customer("A1"), a_customer("B1", name="佐藤 花子", name_kana="サトウ ハナコ"))
    ticket = resolved(contact={"name": "やまだ たろう"}, postal_code="〒150ー0001")
    assert (ticket.account_ref, ticket.account_id) == ("A1", id_of("A1"))
    assert ticket.resolved_at is not None
    assert announced == [TicketResolved(ticket.id, id_of("A1"))]


@pytest.mark.parametrize(
    "claim",
    [
        {"email": "a1@example.com"},
        {"postal_code": "1500001"},
        {"contact": {"name": "山田太郎", "name_kana": "ヤマダ タロウ"}},
        {"email": "nobody@example.com", "postal_code": "9999999", "contact": {"name": "誰 一"}},
        {},
    ],
)
def test_one_kind_or_none_names_nobody(claim: dict[str, Any], announced: list[TicketResolved]) -> None:
    register(a_customer("A1"))
    ticket = resolved(**claim)
    assert ticket.account_id is ticket.account_ref is ticket.value_tier is None
    assert ticket.resolved_at is not None
    assert ticket.budget_key is not None
    assert announced == [TicketResolved(ticket.id, None)]


@pytest.mark.parametrize(
    "claim",
    [
        {"email": "A1@EXAMPLE.com", "contact": {"phone": "080-1234-0114"}},
        {"contact": {"email": "a1@example.com", "phone": "０８０ー１２３４ー０１１４"}},
        {"phone": "8012340114", "order_number": "注文番号 a1ー1"},
    ],
)
def test_claimed_and_contact_identifiers_both_count(claim: dict[str, Any]) -> None:
    register(a_customer("A1"), a_customer("B1", name="佐藤 花子", name_kana="サトウ ハナコ"))
    assert resolved(**claim).account_ref == "A1"


def test_of_two_accounts_of_one_person_the_newest_order_is_taken_and_the_other_linked() -> None:
    register(a_customer("A1"), a_customer("B1", orders=[an_order("B1-1", "2026-09-01")]))
    ticket = resolved(contact={"name": "山田 太郎"}, postal_code="1500001")
    assert (ticket.account_ref, ticket.linked_account_refs) == ("B1", ["A1"])


def test_two_people_who_match_alike_leave_the_ticket_unresolved() -> None:
    elsewhere = {"prefecture": "東京都", "city": "渋谷区", "town": "神宮前", "street": "2-2-2"}
    register(a_customer("A1"), a_customer("B1", address=elsewhere))
    assert resolved(contact={"name": "山田 太郎"}, postal_code="1500001").account_id is None


def test_a_ticket_over_its_budget_stays_unresolved() -> None:
    register(a_customer("A1"))
    claim: dict[str, Any] = {"contact": {"name": "山田 太郎"}, "postal_code": "1500001"}
    assert resolved(**claim, over_budget=True).account_id is None
    assert resolved(**claim).account_ref == "A1"


def test_the_assistants_ticket_needs_the_current_email_alone() -> None:
    register(a_customer("A1", emails=["a1@example.com", "old@example.com"]))
    assert resolved(email="a1@example.com").account_id is None
    assert resolved(email="a1@example.com", channel="assistant").account_ref == "A1"
    assert resolved(email="old@example.com", channel="assistant").account_id is None
    assert resolved(phone="080-1234-0114", channel="assistant").account_id is None


def test_a_postal_code_that_is_added_resolves_the_ticket_again(announced: list[TicketResolved]) -> None:
    register(a_customer("A1"))
    ticket = resolved(phone="080-1234-0114", channel="assistant")
    assert ticket.account_id is None
    tickets.correct_claims(ticket.id, postal_code="150-0001")
    resolve(ticket.id)
    assert ticket.account_ref == "A1"
    assert [event.account_id for event in announced] == [None, id_of("A1")]


def test_an_account_once_found_stays(announced: list[TicketResolved]) -> None:
    register(a_customer("A1"))
    ticket = resolved(email="a1@example.com", postal_code="1500001")
    register(a_customer("C1", name="別人 一", name_kana="ベツジン ハジメ", emails=["c1@example.com"]))
    ticket.claimed_email, ticket.contact_name = "c1@example.com", "別人 一"
    resolve(ticket.id)
    assert ticket.account_ref == "A1"
    assert len(announced) == 1


def test_tries_are_counted_by_account_or_by_the_strongest_identifier() -> None:
    register(a_customer("A1"))
    by_email = resolved(email="a1@example.com", postal_code="1500001")
    by_name = resolved(contact={"name": "山田 太郎"}, postal_code="1500001")
    assert by_email.budget_key == by_name.budget_key == account_budget_key(id_of("A1"))
    unknown = [
        resolved(email="x@example.com", contact=contact) for contact in ({"phone": "0801234000"}, {"name": "x"})
    ]
    assert unknown[0].budget_key == unknown[1].budget_key != by_email.budget_key
    assert resolved().budget_key != resolved().budget_key


@pytest.mark.parametrize(
    ("change", "yen", "tier"),
    [
        ({"gift_balance_yen": 40_000, "points": 10_000}, 50_000, "V3"),
        ({"points": 999}, 999, "V0"),
        ({"orders": [an_order("A1-1", status="shipped")]}, 0, "V1"),
        ({"orders": [an_order("A1-1", payment_methods=["credit_card"])]}, 0, "V1"),
    ],
)
def test_the_value_at_risk_is_noted(change: dict[str, Any], yen: int, tier: str) -> None:
    register(a_customer("A1", **change))
    ticket = resolved(email="a1@example.com", postal_code="1500001")
    assert (ticket.value_at_risk_yen, ticket.value_tier) == (yen, tier)


def test_the_job_resolves_the_ticket() -> None:
    with transaction():
        register(a_customer("A1"))
        ticket_id = a_ticket(email="a1@example.com", postal_code="1500001").id
        promise("verification.resolve", ticket_id=ticket_id)
    run_due(raising=True)
    assert tickets.get_ticket(ticket_id).account_ref == "A1"


def test_remembered_orders_are_scored_against_the_directory() -> None:
    others = [
        a_customer(
            f"Z{n}",
            phone_e164=None,
            orders=[
                an_order(
                    f"Z{n}-1", f"2025-{n % 12 + 1:02}-{n % 28 + 1:02}", item=f"oak chair {n}", amount=900 + 97 * n
                )
            ],
        )
        for n in range(300)
    ]
    register(a_customer("A1"), *others)
    exact = recall_service.remembered(item="Tin Kettles", placed_on=date(2026, 5, 1), amount_yen=4321)
    assert recall_service.score_recall(id_of("A1"), [exact]) > 12.2
    assert recall_service.score_recall(id_of("Z5"), [exact]) < 0
    by_number = recall_service.remembered(order_number="ご注文番号：a1-1")
    assert recall_service.score_recall(id_of("A1"), [by_number]) == 14.0
    assert recall_service.score_recall(id_of("Z5"), [by_number]) < 0


def test_the_counts_are_read_anew_after_an_import() -> None:
    register(a_customer("A1"))
    fact = recall_service.remembered(placed_on=date(2026, 5, 1), amount_yen=4321)
    before = recall_service.score_recall(id_of("A1"), [fact])
    register(
        *(
            a_customer(f"Q{n}", phone_e164=None, orders=[an_order(f"Q{n}-1", "2025-01-01", amount=99)])
            for n in range(50)
        )
    )
    assert recall_service.score_recall(id_of("A1"), [fact]) > before
