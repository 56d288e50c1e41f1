"""Booking a call, moving and cancelling it, over HTTP. It is Wednesday 2026-11-25, 10:00 in Tokyo."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from support_desk.agents.models import Shift
from support_desk.audit.service import list_entries
from support_desk.callbacks import service
from support_desk.callbacks.errors import SlotNotOffered
from support_desk.callbacks.models import Callback, Seat
from support_desk.callbacks.slots_service import release_unresolved_seats
from support_desk.core.db import db
from support_desk.core.schemas import instant_text
from support_desk.notifications.models import OutgoingMessage
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.tickets import service as tickets
from tests.callbacks.bookings import MOBILE, a_call, a_colleague, tokyo
from tests.tickets.cases import a_case

SLOT = tokyo(25, 14)


@pytest.fixture(autouse=True)
def _frozen(clock):
    """Time stands still."""


@pytest.fixture
def desk(db_session):
    """One agent on shift."""
    return a_colleague()


@pytest.fixture
def case(desk):
    """A ticket, committed."""
    return a_case()


def body(at=SLOT, phone=MOBILE, **changes):
    """What a claimant sends."""
    number = {"kind": "given", "phone": phone} if phone else {"kind": "on_file"}
    slot = {"slot_start": instant_text(at)} if at else {"asap": True}
    return {**slot, "number": number, "consent": True, **changes}


def book(client, case, sent=None, key=None):
    headers = {**case.headers, "Idempotency-Key": key or uuid4().hex}
    return client.post(f"/api/v1/tickets/{case.reference}/callbacks", json=sent or body(), headers=headers)


def slots(client, **query):
    return client.get("/api/v1/callback-slots", query_string=query)


def seats():
    return list(db.session.scalars(sa.select(Seat.slot_start)))


def promised():
    query = sa.select(PromisedJob.job, PromisedJob.due_at).where(PromisedJob.state == PromiseState.PROMISED)
    return {row.job: row.due_at for row in db.session.execute(query) if row.job.startswith("callbacks.")}


def test_free_slots_start_a_quarter_of_an_hour_ahead_and_end_in_two_weeks(client, desk):
    answer = slots(client, language="ja").get_json()
    assert answer["items"][0] == {
        "slot_start": "2026-11-25T01:15:00.000Z",
        "slot_end": "2026-11-25T01:30:00.000Z",
        "language": "ja",
        "free_seats": 1,
    }
    seen = list(answer["items"])
    while answer["next_cursor"]:
        answer = slots(client, language="ja", cursor=answer["next_cursor"]).get_json()
        seen += answer["items"]
    assert seen[-1]["slot_start"] == "2026-12-09T00:45:00.000Z"
    assert len({slot["slot_start"] for slot in seen}) == len(seen) == 14 * 44 - 1


def test_slots_are_listed_between_two_times_and_only_in_spoken_languages(client, db_session):
    a_colleague("ja")
    day = {"from": "2026-11-26T00:00:00Z", "to": "2026-11-26T01:00:00Z"}
    assert len(slots(client, language="ja", **day).get_json()["items"]) == 4
    assert slots(client, language="en", **day).get_json()["items"] == []


@pytest.mark.parametrize(
    "query", [{"language": "fr"}, {"from": "tomorrow"}, {"to": "2026-11-25"}, {"cursor": "x"}, {"q": "1"}]
)
def test_a_faulty_query_is_refused(client, desk, query):
    assert slots(client, **query).status_code == 400


def test_a_cursor_of_another_list_is_refused(client, desk):
    cursor = slots(client, language="ja", limit=1).get_json()["next_cursor"]
    assert slots(client, language="en", limit=1, cursor=cursor).status_code == 400


def test_a_booking_takes_a_seat_and_promises_the_call_and_its_reminder(client, case):
    answer = book(client, case)
    assert answer.status_code == 201
    shown = answer.get_json()
    assert answer.headers["ETag"] == f'"{shown["version"]}"'
    assert shown["state"] == "scheduled"
    assert shown["slot_start"] == "2026-11-25T05:00:00.000Z"
    assert shown["announced_number"] == "+81312345678"
    assert shown["number_masked"].endswith("78")
    assert "1234567" not in answer.text.replace("+81312345678", "")
    assert len(shown["call_word"].split("・")) == 2
    assert seats() == [SLOT]
    assert promised() == {"callbacks.dispatch": SLOT, "callbacks.remind": tokyo(25, 13, 50)}
    assert [slot for slot in slots(client).get_json()["items"] if slot["slot_start"] == shown["slot_start"]] == []
    [entry] = list_entries("callback", shown["id"])
    assert entry.tag == "callback:booking:made"


def test_as_soon_as_possible_takes_the_first_free_slot(client, case, desk):
    a_call(a_case().id, tokyo(25, 10, 15))
    assert book(client, case, body(None)).get_json()["slot_start"] == "2026-11-25T01:30:00.000Z"


@pytest.mark.parametrize(
    "slot_start",
    [
        tokyo(25, 9),  # past
        tokyo(25, 10),  # now
        tokyo(25, 10, 14),  # off the grid
        tokyo(26, 8, 45),  # closed
        tokyo(26, 20),
        tokyo(26, 9, 5),
        tokyo(30, 9).replace(year=2027),
    ],
)
def test_a_slot_that_is_not_offered_is_refused(client, case, slot_start):
    answer = book(client, case, body(slot_start))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "slot_not_offered")
    assert answer.get_json()["errors"][0]["pointer"] == "/slot_start"
    assert seats() == []


def test_a_time_without_a_zone_is_no_slot(case):
    with pytest.raises(SlotNotOffered):
        a_call(case.id, SLOT.replace(tzinfo=None))


def test_a_slot_too_near_is_refused_and_the_nearest_allowed_is_taken(client, case, clock):
    clock.move(seconds=1)
    assert book(client, case, body(tokyo(25, 10, 15))).status_code == 422
    assert book(client, case, body(tokyo(25, 10, 30))).status_code == 201


def test_a_slot_whose_shift_was_withdrawn_is_refused(client, case, db_session):
    db_session.execute(sa.delete(Shift).where(Shift.weekday == SLOT.weekday()))
    answer = book(client, case)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "slot_not_offered")


def test_a_full_slot_is_refused(client, case):
    a_call(a_case().id, SLOT)
    answer = book(client, case)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "slot_taken")
    assert seats() == [SLOT]


def test_an_agent_of_two_languages_is_not_booked_twice(client, desk):
    english = a_case(language="en")
    assert book(client, english).status_code == 201
    assert book(client, a_case()).status_code == 409


def test_a_ticket_has_one_call_at_a_time(client, case):
    assert book(client, case).status_code == 201
    again = book(client, case, body(tokyo(25, 15)))
    assert (again.status_code, again.get_json()["code"]) == (409, "callback_exists")
    assert seats() == [SLOT]


def test_the_same_request_twice_is_one_booking(client, case):
    first, second = book(client, case, key="one"), book(client, case, key="one")
    assert first.get_json() == second.get_json()
    assert second.status_code == 201
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]
    other = book(client, case, body(tokyo(25, 15)), key="one")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_key_reused")
    assert seats() == [SLOT]


def test_a_booking_needs_an_idempotency_key(client, case):
    answer = client.post(f"/api/v1/tickets/{case.reference}/callbacks", json=body(), headers=case.headers)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"consent": False}, "/consent"),
        ({"consent": None}, "/consent"),
        ({"consent": "true"}, "/consent"),
        ({"asap": True}, "/slot_start"),
        ({"slot_start": "tomorrow"}, "/slot_start"),
        ({"slot_start": "2026-11-25T14:00:00"}, "/slot_start"),
        ({"slot_start": "9999-12-31T23:59:59-12:00"}, "/slot_start"),
        ({"number": {"kind": "given"}}, "/number/phone"),
        ({"number": {"kind": "on_file", "phone": MOBILE}}, "/number/phone"),
        ({"number": {"kind": "work"}}, "/number/kind"),
        ({"number": None}, "/number"),
        ({"number": {"kind": "given", "phone": ["090"]}}, "/number/phone"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_a_faulty_booking_is_refused_with_its_place(client, case, changes, pointer):
    answer = book(client, case, body(**changes))
    assert answer.status_code == 422
    assert pointer in {error["pointer"] for error in answer.get_json()["errors"]}


@pytest.mark.parametrize(
    ("phone", "code"),
    [
        ("0120-123-456", "phone_not_allowed"),
        ("0570-012-345", "phone_not_allowed"),
        ("0990-123-456", "phone_not_allowed"),
        ("110", "phone_not_allowed"),
        ("119", "phone_not_allowed"),
        ("電話", "phone_invalid"),
        ("090-1234", "phone_invalid"),
    ],
)
def test_numbers_that_are_never_rung_are_refused(client, case, phone, code):
    answer = book(client, case, body(phone=phone))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "number_refused")
    [error] = answer.get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/number/phone", code)
    assert seats() == []


def test_a_given_number_is_kept_encrypted_in_e164(client, case):
    callback_id = book(client, case, body(phone="０９０−１２３４−５６７８")).get_json()["id"]
    assert db.session.get_one(Callback, callback_id).number == "+819012345678"
    [stored] = db.session.execute(sa.text("SELECT number FROM callbacks")).scalars()
    assert b"9012345678" not in bytes(stored)


def test_the_number_on_file_is_booked_alike_for_everybody(client, desk):
    nobody, somebody = a_case(), a_case(claimed={"email": "taro@example.com"})
    a_colleague()
    first, second = (book(client, case, body(phone=None)) for case in (nobody, somebody))
    assert first.status_code == second.status_code == 201
    varying = {"id", "call_word"}
    assert {k: v for k, v in first.get_json().items() if k not in varying} == {
        k: v for k, v in second.get_json().items() if k not in varying
    }
    assert first.get_json()["number_masked"] is None


def test_a_stranger_sees_and_touches_nothing(client, case):
    callback_id = book(client, case).get_json()["id"]
    stranger = a_case()
    for method in ("GET", "PATCH", "DELETE"):
        for reference in (case.reference, stranger.reference):
            answer = client.open(
                f"/api/v1/tickets/{reference}/callbacks/{callback_id}",
                method=method,
                headers={**stranger.headers, "If-Match": '"1"'},
                json={"slot_start": instant_text(tokyo(25, 15))} if method == "PATCH" else None,
            )
            assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert seats() == [SLOT]


def test_a_call_is_moved_with_the_version_seen(client, case):
    shown = book(client, case).get_json()
    path = f"/api/v1/tickets/{case.reference}/callbacks/{shown['id']}"
    later = {"slot_start": instant_text(tokyo(26, 9))}
    assert client.patch(path, json=later, headers=case.headers).status_code == 428
    stale = client.patch(path, json=later, headers={**case.headers, "If-Match": '"9"'})
    assert stale.status_code == 412
    moved = client.patch(path, json=later, headers={**case.headers, "If-Match": stale.headers["ETag"]})
    assert moved.status_code == 200
    assert moved.get_json()["slot_start"] == "2026-11-26T00:00:00.000Z"
    assert moved.get_json()["call_word"] == shown["call_word"]
    assert moved.headers["ETag"] != stale.headers["ETag"]
    assert seats() == [tokyo(26, 9)]
    assert promised() == {"callbacks.dispatch": tokyo(26, 9), "callbacks.remind": tokyo(26, 8, 50)}
    old = client.patch(path, json=later, headers={**case.headers, "If-Match": stale.headers["ETag"]})
    assert old.status_code == 412


def test_a_refused_move_leaves_everything_as_it_was(client, case):
    shown = book(client, case).get_json()
    a_call(a_case().id, tokyo(25, 15))
    answer = client.patch(
        f"/api/v1/tickets/{case.reference}/callbacks/{shown['id']}",
        json={"slot_start": instant_text(tokyo(25, 15))},
        headers={**case.headers, "If-Match": f'"{shown["version"]}"'},
    )
    assert answer.status_code == 409
    assert sorted(seats()) == [SLOT, tokyo(25, 15)]
    assert promised()["callbacks.dispatch"] in {SLOT, tokyo(25, 15)}
    assert service.get_callback(shown["id"]).slot_start == SLOT


def test_cancelling_frees_the_seat_and_another_call_can_be_booked(client, case):
    callback_id = book(client, case).get_json()["id"]
    path = f"/api/v1/tickets/{case.reference}/callbacks/{callback_id}"
    assert client.delete(path, headers=case.headers).status_code == 204
    assert client.delete(path, headers=case.headers).status_code == 204
    assert seats() == []
    assert promised() == {}
    assert client.get(path, headers=case.headers).get_json()["state"] == "cancelled"
    assert book(client, case).status_code == 201


def test_closing_the_ticket_cancels_its_call(client, case):
    callback_id = book(client, case).get_json()["id"]
    assert client.post(f"/api/v1/tickets/{case.reference}/withdrawal", headers=case.headers).status_code == 200
    assert service.get_callback(callback_id).state.value == "cancelled"
    assert seats() == []
    again = book(client, case)
    assert (again.status_code, again.get_json()["code"]) == (409, "case_closed")


def test_an_unchanged_call_is_not_sent_again(client, case):
    made = book(client, case)
    path = f"/api/v1/tickets/{case.reference}/callbacks/{made.get_json()['id']}"
    same = client.get(path, headers={**case.headers, "If-None-Match": made.headers["ETag"]})
    assert same.status_code == 304


def test_the_claimant_is_told_at_the_contact_of_the_ticket_alone(client, desk, run_jobs, mails, texts):
    by_mail = a_case(contact={"name": "山田 太郎", "email": "taro@example.com", "phone": "+819000000001"})
    by_text = a_case(contact={"name": "山田 花子", "phone": "+819012340001"})
    book(client, by_mail)
    book(client, by_text, body(tokyo(25, 15)))
    run_jobs()
    [mail] = mails()
    assert mail["To"] == "taro@example.com"
    text = mail.get_content()
    assert "11月25日(水) 14:00" in text
    assert "03-1234-5678" in text
    assert f"/t/{by_mail.reference}#{by_mail.token}" in text
    [sms] = texts()
    assert sms["to"] == "+819012340001"


def test_unresolved_tickets_keep_one_seat_in_ten_of_a_day(client, db_session, clock):
    a_colleague()
    day = [tokyo(26, hour, quarter) for hour in (9, 10) for quarter in (0, 15, 30, 45)]
    on_file = [a_call(a_case().id, slot, phone=None) for slot in day]
    given = a_call(a_case().id, tokyo(26, 12))
    resolved = a_case()
    a_call(resolved.id, tokyo(26, 13), phone=None)
    tickets.set_resolution(resolved.id, uuid4(), "A-1", budget_key=b"k")
    assert release_unresolved_seats() == 0  # they may still resolve
    clock.move(minutes=31)
    assert release_unresolved_seats() == 4
    assert sorted(seats()) == [*day[:4], given.slot_start, tokyo(26, 13)]
    assert {service.view_for_claimant(callback).state for callback in on_file} == {"scheduled"}
    assert release_unresolved_seats() == 0


def test_one_message_for_each_booking(client, case, db_session):
    book(client, case, key="one")
    book(client, case, key="one")
    names = db_session.scalars(sa.select(OutgoingMessage.template)).all()
    assert names.count("callback_booked") == 1
