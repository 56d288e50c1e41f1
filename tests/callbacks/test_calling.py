"""The calls themselves: due, claimed, dialled, retried. It is Wednesday 2026-11-25, 10:00 in Tokyo."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from support_desk.callbacks import service
from support_desk.callbacks.models import Attempt, Callback, Seat
from support_desk.core.db import db
from support_desk.core.schemas import instant_text
from support_desk.tickets import service as tickets
from tests.accounts.factories import an_account
from tests.agents.people import a_token, an_agent
from tests.callbacks.bookings import MOBILE, a_call, a_colleague, put_on_shift, tokyo
from tests.tickets.cases import a_case

SCOPES = ("callbacks.read", "callbacks.work", "callbacks.change")
AGENT = "/api/v1/agent/callbacks"
SLOT = tokyo(25, 11)


@pytest.fixture(autouse=True)
def _frozen(clock):
    """Time stands still."""


@pytest.fixture
def agent(db_session):
    """Somebody on shift, with an API token good for days."""
    person = an_agent()
    put_on_shift(person.id)
    return a_token(person, *SCOPES, hours=24 * 20)


@pytest.fixture
def other(db_session):
    """A colleague with an API token."""
    person = an_agent()
    return a_token(person, *SCOPES, hours=24 * 20)


@pytest.fixture
def case(agent):
    """A ticket, committed."""
    return a_case()


def claim(client, agent):
    return client.post(f"{AGENT}/claim-next", headers=agent)


def dial(client, agent, callback_id, **headers):
    return client.post(f"{AGENT}/{callback_id}/attempts", headers={**agent, **headers})


def end(client, agent, callback_id, number, outcome, version=1, note=None):
    return client.patch(
        f"{AGENT}/{callback_id}/attempts/{number}",
        json={"outcome": outcome, "note": note},
        headers={**agent, "If-Match": f'"{version}"'},
    )


def states():
    return [row.state.value for row in db.session.scalars(sa.select(Callback).order_by(Callback.id))]


@pytest.fixture
def due(client, case, clock, run_jobs):
    """A call that is due: its id."""
    callback_id = a_call(case.id, SLOT).id
    clock.set(SLOT)
    run_jobs()
    return callback_id


def test_nothing_is_due_before_its_time(client, agent, case, clock, run_jobs):
    a_call(case.id, SLOT)
    clock.set(SLOT - timedelta(seconds=1))
    run_jobs()
    assert states() == ["scheduled"]
    assert claim(client, agent).status_code == 204
    clock.set(SLOT)
    run_jobs()
    assert states() == ["due"]
    assert claim(client, agent).status_code == 200


def test_a_call_is_made_and_answered(client, agent, case, due):
    offered = claim(client, agent).get_json()
    assert offered["id"] == str(due)
    assert offered["state"] == "offered"
    assert offered["call_word"] == service.view_for_claimant(service.get_callback(due)).call_word
    assert "9012345678" not in str(offered)
    begun = dial(client, agent, due)
    assert begun.status_code == 201
    assert begun.get_json()["number"] == 1
    assert begun.get_json()["tel"] == "tel:+819012345678"
    assert begun.headers["ETag"] == '"1"'
    shown = client.get(f"{AGENT}/{due}", headers=agent).get_json()
    assert shown["state"] == "dialling"
    assert shown["next_attempt_at"] == "2026-11-25T03:00:00.000Z"
    assert [attempt["outcome"] for attempt in shown["attempts"]] == [None]
    ended = end(client, agent, due, 1, "connected", note="ご本人様とお話しした。")
    assert ended.status_code == 200
    assert (ended.get_json()["callback_state"], ended.get_json()["next_attempt_at"]) == ("done", None)
    assert service.view_for_claimant(service.get_callback(due)).state == "done"
    assert claim(client, agent).status_code == 204


def test_an_unanswered_call_is_retried_in_another_part_of_the_day_until_the_third(
    client, agent, case, due, clock, run_jobs, mails
):
    times = []
    for number in (1, 2, 3):
        assert claim(client, agent).get_json()["id"] == str(due)
        dial(client, agent, due)
        promised = client.get(f"{AGENT}/{due}", headers=agent).get_json()["next_attempt_at"]
        ended = end(client, agent, due, number, "no_answer").get_json()
        assert ended["next_attempt_at"] == promised
        times.append(promised)
        if promised:
            assert ended["callback_state"] == "retry_scheduled"
            assert claim(client, agent).status_code == 204
            run_jobs()
            clock.set(service.get_callback(due).slot_start)
            run_jobs()
    assert times == ["2026-11-25T03:00:00.000Z", "2026-11-25T08:00:00.000Z", None]
    assert states() == ["exhausted"]
    assert service.view_for_claimant(service.get_callback(due)).state == "unreachable"
    run_jobs()
    subjects = [mail["Subject"] for mail in mails()]
    assert sum("改めてお電話いたします" in subject for subject in subjects) == 2
    assert sum("つながりませんでした" in subject for subject in subjects) == 1
    assert [row.outcome.value for row in db.session.scalars(sa.select(Attempt))] == ["no_answer"] * 3


def test_a_wrong_person_is_not_rung_again(client, agent, due):
    claim(client, agent)
    dial(client, agent, due)
    assert end(client, agent, due, 1, "wrong_person").get_json()["callback_state"] == "exhausted"


def test_a_retry_takes_a_seat_and_gives_back_none_twice(client, agent, due):
    claim(client, agent)
    dial(client, agent, due)
    end(client, agent, due, 1, "busy")
    assert db.session.scalars(sa.select(Seat.slot_start)).all() == [tokyo(25, 12)]


def test_calls_are_claimed_in_the_order_they_are_due(client, agent, case, clock, run_jobs):
    calls = [a_call(a_case().id, tokyo(25, 11, minute)).id for minute in (30, 0, 15)]
    clock.set(tokyo(25, 11, 45))
    run_jobs()
    seen = []
    for _ in calls:
        callback_id = claim(client, agent).get_json()["id"]
        dial(client, agent, callback_id)
        end(client, agent, callback_id, 1, "connected")
        seen.append(callback_id)
    assert seen == [str(calls[index]) for index in (1, 2, 0)]


def test_an_agent_has_one_call_in_hand(client, agent, clock, run_jobs):
    a_colleague()
    for _ in range(2):
        a_call(a_case().id, SLOT)
    clock.set(SLOT)
    run_jobs()
    first = claim(client, agent).get_json()
    assert claim(client, agent).get_json()["id"] == first["id"]
    dial(client, agent, first["id"])
    assert claim(client, agent).get_json()["state"] == "dialling"
    assert sorted(states()) == ["dialling", "due"]


def test_an_agent_is_offered_only_languages_they_speak(client, agent, clock, run_jobs, db_session):
    japanese = a_colleague("ja")
    a_call(a_case(language="en").id, SLOT)
    clock.set(SLOT)
    run_jobs()
    assert service.claim_next(japanese) is None
    assert claim(client, agent).status_code == 200


def test_a_lease_that_ran_out_goes_to_the_next_and_is_no_attempt(client, agent, other, due, clock, run_jobs):
    claim(client, agent)
    clock.move(seconds=61)
    refused = dial(client, agent, due)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "lease_lost")
    assert claim(client, other).get_json()["id"] == str(due)
    assert dial(client, agent, due).status_code == 409
    assert dial(client, other, due).get_json()["number"] == 1
    assert end(client, agent, due, 1, "connected").get_json()["code"] == "lease_lost"
    assert end(client, other, due, 1, "connected").status_code == 200


def test_the_sweep_takes_back_what_was_let_lie(client, agent, due, clock, db_session):
    claim(client, agent)
    clock.move(seconds=59)
    service.sweep()
    assert states() == ["offered"]
    clock.move(seconds=1)
    service.sweep()
    assert states() == ["due"]
    assert db_session.scalars(sa.select(Attempt)).all() == []


def test_an_attempt_left_unrecorded_is_decided_by_a_person_not_by_a_second_ring(client, agent, other, due, clock):
    claim(client, agent)
    dial(client, agent, due)
    clock.move(minutes=61)
    late = end(client, agent, due, 1, "no_answer")
    assert (late.status_code, late.get_json()["code"]) == (409, "lease_lost")
    service.sweep()
    assert states() == ["needs_review"]
    assert claim(client, other).status_code == 204
    assert end(client, other, due, 1, "connected").get_json()["callback_state"] == "done"


def test_an_outcome_is_written_once_and_with_the_version_seen(client, agent, due):
    claim(client, agent)
    dial(client, agent, due)
    path = f"{AGENT}/{due}/attempts/1"
    assert client.patch(path, json={"outcome": "busy"}, headers=agent).status_code == 428
    assert end(client, agent, due, 1, "busy", version=7).status_code == 412
    assert end(client, agent, due, 2, "busy").status_code == 404
    assert end(client, agent, due, 70_000, "busy").status_code == 404
    assert end(client, agent, due, 1, "asleep").status_code == 422
    assert end(client, agent, due, 1, "busy").status_code == 200
    again = end(client, agent, due, 1, "connected", version=2)
    assert (again.status_code, again.get_json()["code"]) == (409, "outcome_recorded")


def test_dialling_twice_is_refused_and_a_repeated_request_is_the_same_attempt(client, agent, due):
    claim(client, agent)
    first = dial(client, agent, due, **{"Idempotency-Key": "a"})
    again = dial(client, agent, due, **{"Idempotency-Key": "a"})
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    refused = dial(client, agent, due)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "attempt_under_way")
    assert len(db.session.scalars(sa.select(Attempt)).all()) == 1


def test_only_who_claimed_it_may_dial(client, agent, other, due):
    assert dial(client, agent, due).get_json()["code"] == "lease_lost"
    claim(client, agent)
    assert dial(client, other, due).get_json()["code"] == "lease_lost"
    assert dial(client, agent, uuid4()).status_code == 404


def test_a_call_in_hand_is_not_moved_and_one_being_made_not_cancelled(client, agent, case, due):
    claim(client, agent)
    with pytest.raises(service.CallbackUnderWay):
        service.move(due, tokyo(25, 15), ticket_id=case.id, seen=lambda version: None)
    dial(client, agent, due)
    with pytest.raises(service.CallbackUnderWay):
        service.cancel(due, ticket_id=case.id)


def test_a_late_call_can_be_moved_by_its_claimant(client, agent, case, due, clock, run_jobs):
    clock.move(minutes=20)
    service.move(due, tokyo(25, 15), ticket_id=case.id, seen=lambda version: None)
    assert claim(client, agent).status_code == 204
    clock.set(tokyo(25, 15))
    run_jobs()
    assert claim(client, agent).status_code == 200


def test_a_ticket_that_closes_during_the_call_is_not_rung_again(client, agent, case, due):
    claim(client, agent)
    dial(client, agent, due)
    tickets.withdraw(case.id)
    assert states() == ["dialling"]
    assert end(client, agent, due, 1, "no_answer").get_json()["callback_state"] == "exhausted"


def test_a_job_of_an_earlier_slot_changes_nothing(client, agent, case, clock, run_jobs):
    callback = a_call(case.id, SLOT)
    service.move(callback.id, tokyo(25, 15), ticket_id=case.id, seen=lambda version: None)
    clock.set(SLOT)
    service.become_due(callback.id, 1)
    run_jobs()
    assert states() == ["scheduled"]


def test_without_a_number_on_file_the_call_ends_unreachable_in_the_same_words(
    client, agent, case, clock, run_jobs, mails
):
    a_call(case.id, SLOT, phone=None)
    clock.set(SLOT)
    run_jobs()
    assert states() == ["unreachable"]
    assert claim(client, agent).status_code == 204
    assert sum("つながりませんでした" in mail["Subject"] for mail in mails()) == 1


def test_the_reminder_comes_ten_minutes_before(client, agent, case, clock, run_jobs, mails):
    a_call(case.id, SLOT)
    run_jobs()
    clock.set(SLOT - timedelta(minutes=10, seconds=1))
    run_jobs()
    assert len(mails()) == 1
    clock.move(seconds=1)
    run_jobs()
    assert len(mails()) == 2
    assert "11:00" in mails()[1].get_content()


def test_agents_see_calls_in_order_with_their_attempts(client, agent, case, due):
    claim(client, agent)
    dial(client, agent, due)
    page = client.get(AGENT, headers=agent, query_string={"state": "dialling"}).get_json()
    [item] = page["items"]
    assert item["ticket_reference"] == case.reference
    assert [attempt["number"] for attempt in item["attempts"]] == [1]
    assert item["number_masked"].endswith("78")
    assert MOBILE.replace("-", "")[1:] not in str(page)
    before = client.get(AGENT, headers=agent, query_string={"due_before": instant_text(SLOT)}).get_json()
    assert before["items"] == []
    assert client.get(AGENT, headers=agent, query_string={"state": "ringing"}).status_code == 400


def test_agents_move_and_cancel_for_the_customer(client, agent, case):
    callback_id = a_call(case.id, SLOT).id
    seen = client.get(f"{AGENT}/{callback_id}", headers=agent).headers["ETag"]
    moved = client.patch(
        f"{AGENT}/{callback_id}",
        json={"slot_start": instant_text(tokyo(25, 16))},
        headers={**agent, "If-Match": seen},
    )
    assert moved.status_code == 200
    assert client.delete(f"{AGENT}/{callback_id}", headers=agent).status_code == 204
    assert states() == ["cancelled"]


def test_permissions_are_needed(client, db_session, due):
    reader = a_token(an_agent("auditor"), "callbacks.read")
    assert client.get(AGENT, headers=reader).status_code == 200
    assert claim(client, reader).status_code == 403
    assert dial(client, reader, due).status_code == 403
    assert client.delete(f"{AGENT}/{due}", headers=reader).status_code == 403
    assert claim(client, {}).status_code == 401


def on_file(case, **profile):
    """A call to the number on file of an account that the ticket resolved."""
    account_id = an_account(**profile)
    tickets.set_resolution(case.id, account_id, "A-1", budget_key=b"k")
    return a_call(case.id, SLOT, phone=None).id


def test_the_number_on_file_is_told_to_the_agent_who_dials_alone(client, agent, case, clock, run_jobs):
    callback_id = on_file(case, phone_e164="+818012340099")
    mine = f"/api/v1/tickets/{case.reference}/callbacks/{callback_id}"
    clock.set(SLOT)
    run_jobs()
    offered = claim(client, agent)
    assert "8012340099" not in offered.text
    assert offered.get_json()["number_masked"] is None
    assert dial(client, agent, callback_id).get_json()["tel"] == "tel:+818012340099"
    seen = client.get(mine, headers=case.headers)
    assert seen.get_json()["number_masked"] is None
    assert "40099" not in seen.text
    assert "8012340099" not in client.get(f"{AGENT}/{callback_id}", headers=agent).text


@pytest.mark.parametrize(
    "profile",
    [
        {"phone_e164": None},
        {"phone_e164": "+81120123456"},
        {"phone_e164": "+818012340099", "phone_since": "2026-11-10T00:00:00+09:00"},
    ],
    ids=["none", "toll-free", "changed lately"],
)
def test_a_number_on_file_that_may_not_be_rung_ends_unreachable(client, agent, case, clock, run_jobs, profile):
    callback_id = on_file(case, **profile)
    clock.set(SLOT)
    run_jobs()
    assert states() == ["unreachable"]
    assert service.view_for_claimant(service.get_callback(callback_id)).state == "unreachable"


def test_a_number_that_left_the_file_before_the_call_is_not_rung(client, agent, case, clock, run_jobs):
    callback_id = on_file(case, phone_e164="+818012340099")
    clock.set(SLOT)
    run_jobs()
    claim(client, agent)
    tickets.set_resolution(case.id, None, None, budget_key=b"k")
    gone = dial(client, agent, callback_id)
    assert (gone.status_code, gone.get_json()["code"]) == (409, "number_gone")
    assert states() == ["unreachable"]
    assert db.session.scalars(sa.select(Attempt)).all() == []
