"""J5: a callback is booked, missed, retried, answered and recorded, whatever dies in between."""

from datetime import datetime, timedelta

import redis

from tests.journeys.agent import AgentAtWork
from tests.journeys.desk import wait_for


def _claim(agent):
    answer = agent.call("POST", "/callbacks/claim-next")
    return answer.json() if answer.status_code == 200 else None


def _dial(agent, callback, outcome):
    attempt = agent.call("POST", f"/callbacks/{callback['id']}/attempts")
    assert attempt.status_code == 201, attempt.text
    recorded = agent.call(
        "PATCH",
        f"/callbacks/{callback['id']}/attempts/{attempt.json()['number']}",
        json={"outcome": outcome, "note": ""},
        headers={"If-Match": attempt.headers["ETag"]},
    )
    assert recorded.status_code == 200, recorded.text
    return attempt.json()["number"]


def test_a_missed_call_is_tried_again_and_recorded_once(desk, customers):
    customer = customers.one(below=50_000)
    agent = AgentAtWork(desk, "journey.five@example.jp")
    agent.keep_hours()
    slots = desk.call("GET", "/callback-slots", params={"language": "ja"}).json()["items"]
    case = desk.open_ticket(
        issue="other_sign_in",
        contact={"name": customer["name"], "email": "caller@example.net", "phone": "０９０−１２３４−５６７８"},
        claimed={"postal_code": customer["postal_code"]},
        description="電話で相談したいです。",
    )
    booking = {
        "slot_start": slots[0]["slot_start"],
        "number": {"kind": "given", "phone": "0120-000-000"},
        "consent": True,
    }
    assert case.call("POST", "/callbacks", json=booking).status_code == 422
    booking["number"] = {"kind": "given", "phone": "０９０−１２３４−５６７８"}
    booked = case.call("POST", "/callbacks", json=booking)
    assert booked.status_code == 201, booked.text
    seen = case.call("GET").json()["callback"]
    assert seen["announced_number"]
    assert seen["call_word"] == booked.json()["call_word"]

    # The worker is killed and Redis wiped before the call is due.
    desk.kill_worker()
    with redis.Redis.from_url(desk.environment["SUPPORT_DESK_REDIS_URL"]) as queue:
        queue.flushall()
    desk.go_to(datetime.fromisoformat(slots[0]["slot_start"]) + timedelta(seconds=5))
    agent.sign_in()
    agent.be_available()
    taken = wait_for("the callback is due", lambda: _claim(agent))
    assert taken["id"] == booked.json()["id"]
    assert _dial(agent, taken, "no_answer") == 1
    again = case.call("GET").json()["callback"]
    assert again["state"] == "retry_scheduled"
    retry_at = datetime.fromisoformat(again["slot_start"])
    assert retry_at >= desk.now() + timedelta(minutes=55)

    # Once more, at the moment the retry is due.
    desk.go_to(retry_at + timedelta(seconds=5))
    with redis.Redis.from_url(desk.environment["SUPPORT_DESK_REDIS_URL"]) as queue:
        queue.flushall()
    agent.sign_in()
    agent.be_available()
    taken = wait_for("the retry is due", lambda: _claim(agent))
    assert _dial(agent, taken, "connected") == 2
    assert _claim(agent) is None
    items = agent.call("GET", "/callbacks").json()["items"]
    mine = next(item for item in items if item["id"] == booked.json()["id"])
    assert [attempt["outcome"] for attempt in mine["attempts"]] == ["no_answer", "connected"]
    assert mine["state"] == "done"
