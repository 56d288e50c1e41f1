"""J2: the e-mail is dead, the phone works; order history is told from memory, or recognised."""

from datetime import datetime, timedelta

from tests.journeys.agent import AgentAtWork
from tests.journeys.desk import body_of, wait_for

PASSWORD = "窓の外では静かに雪が降っている"
NEW_EMAIL = "a.new.mailbox@example.net"


def test_access_comes_back_at_once_and_value_after_the_holds(desk, customers):
    customer = customers.one(at_least=1_000, below=10_000, orders=1)
    old_email, phone = customer["emails"][0], customer["phone_e164"]
    order = customer["orders"][0]

    # The form: found by name and postal code, typed as people type.
    case = desk.open_ticket(
        issue="email_unreachable",
        contact={"name": customer["name"], "email": NEW_EMAIL},
        claimed={"postal_code": f"〒{customer['postal_code'][:3]}−{customer['postal_code'][3:]}"},
        description="登録したメールアドレスが使えなくなりました。",
    )
    assert case.step("set_password", new_password=PASSWORD).status_code == 403
    receipt = wait_for("the receipt", lambda: desk.mails(NEW_EMAIL))[0]
    assert f"/t/{case.reference}#{case.token}" in body_of(receipt)

    # Two proofs: the order that is remembered, and a code to the registered phone.
    recall = case.start("order_recall")
    told = {
        "item": order["item"],
        "date": order["placed_at"][:10],
        "amount_yen": round(order["amount"], -2) or order["amount"],
    }
    assert case.answer(recall, orders=[told]).json() == {"state": "received"}
    challenge = case.start("sms_code")
    assert case.answer(challenge, code=desk.code_by_text(phone)).status_code == 200

    # A new password at once; the phone number signs in, restricted.
    done = case.step_when_proved("set_password", new_password=PASSWORD)
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "applied"
    signed_in = desk.sign_in(phone, PASSWORD)
    assert signed_in.status_code == 201, signed_in.text
    assert {each["part"] for each in desk.account(signed_in.json()["token"])["restrictions"]}

    # A new e-mail: confirmed first, then held for 72 hours; the old channels are told.
    asked = case.step_when_proved("replace_email", new_email=NEW_EMAIL)
    assert (asked.status_code, asked.json()["state"]) == (200, "awaits_confirmation"), asked.text
    held = case.call(
        "POST",
        "/restoration/actions/replace_email/confirmation",
        json={"code": desk.code_by_mail(NEW_EMAIL, after=1)},
    )
    assert (held.status_code, held.json()["state"]) == (200, "on_hold"), held.text
    not_before = datetime.fromisoformat(held.json()["not_before"])
    assert timedelta(hours=71) < not_before - desk.now() <= timedelta(hours=72)
    wait_for(
        "a notice at the old e-mail", lambda: any("/stop/" in body_of(mail) for mail in desk.mails(old_email))
    )
    wait_for("a notice at the phone", lambda: any("/stop/" in text for text in desk.texts(phone)))

    # A callback, booked for the first free time, kept and recorded.
    agent = AgentAtWork(desk, "journey.two@example.jp")
    agent.keep_hours()
    slot = desk.call("GET", "/callback-slots", params={"language": "ja"}).json()["items"][0]["slot_start"]
    booked = case.call(
        "POST", "/callbacks", json={"slot_start": slot, "number": {"kind": "on_file"}, "consent": True}
    )
    assert booked.status_code == 201, booked.text
    assert booked.json()["call_word"]
    desk.go_to(datetime.fromisoformat(slot) + timedelta(seconds=5))
    agent.sign_in()
    agent.be_available()
    taken = wait_for(
        "the callback is offered",
        lambda: answer if (answer := agent.call("POST", "/callbacks/claim-next")).status_code == 200 else None,
    ).json()
    assert taken["id"] == booked.json()["id"]
    attempt = agent.call("POST", f"/callbacks/{taken['id']}/attempts")
    assert attempt.status_code == 201, attempt.text
    recorded = agent.call(
        "PATCH",
        f"/callbacks/{taken['id']}/attempts/{attempt.json()['number']}",
        json={"outcome": "connected", "note": "復旧の流れをご説明"},
        headers={"If-Match": attempt.headers["ETag"]},
    )
    assert recorded.status_code == 200, recorded.text

    # One hour before the hold ends nothing has changed; one hour after, the new e-mail signs in.
    desk.go_to(not_before - timedelta(hours=1))
    assert desk.sign_in(NEW_EMAIL, PASSWORD).status_code == 401
    desk.go_to(not_before + timedelta(hours=1))
    token = wait_for(
        "the new e-mail signs in",
        lambda: (
            answer.json()["token"] if (answer := desk.sign_in(NEW_EMAIL, PASSWORD)).status_code == 201 else None
        ),
    )
    assert desk.sign_in(old_email, PASSWORD).status_code == 401
    assert {each["part"] for each in desk.account(token)["restrictions"]} == {"spend", "change"}

    # After the second hold everything is lifted, and all of it is there.
    desk.go(timedelta(hours=73))
    wait_for("the restrictions end", lambda: not desk.account(token)["restrictions"])
    account = desk.account(token)
    assert account["gift_balance_yen"] == customer["gift_balance_yen"]
    assert account["points"] == customer["points"]
    assert account["prime"]["status"] == customer["prime"]["status"]
    assert account["prime"]["paid_until"] == customer["prime"]["renews_at"]
    view = case.call("GET", "/restoration").json()
    assert {each["state"] for each in view["entitlements"]} == {"matched"}
    agent.sign_in()
    solved = agent.change(agent.ticket(case.reference), status="solved")
    assert solved.status_code == 200, solved.text


def test_somebody_with_many_orders_recognises_them_and_is_back_at_once(desk, customers):
    customer = customers.one(at_least=1_000, below=10_000, recognisable=8)
    phone = customer["phone_e164"]
    case = desk.open_ticket(
        issue="email_unreachable",
        contact={"name": customer["name"], "email": "another.new.mailbox@example.net"},
        claimed={"postal_code": customer["postal_code"]},
        description="登録したメールアドレスが使えなくなりました。",
    )

    # Three grids of twelve, the same whenever they are looked at; nothing tells which are right.
    quiz = case.start("order_quiz")
    shown = case.call("GET", f"/challenges/{quiz}").json()
    assert [len(grid["tiles"]) for grid in shown["grids"]] == [12, 12, 12]
    assert case.call("GET", f"/challenges/{quiz}").json() == shown
    mine = {order["title"] for order in customer["orders"]}
    ticked = [
        {"tile_ids": [tile["id"] for tile in grid["tiles"] if tile["title"] in mine]} for grid in shown["grids"]
    ]
    assert all(2 <= len(grid["tile_ids"]) <= 5 for grid in ticked)
    assert case.answer(quiz, grids=ticked).json() == {"state": "received"}

    # With a code to the phone that is enough: a password at once, and the phone number signs in, restricted.
    challenge = case.start("sms_code")
    assert case.answer(challenge, code=desk.code_by_text(phone)).status_code == 200
    done = case.step_when_proved("set_password", new_password=PASSWORD)
    assert (done.status_code, done.json()["state"]) == (200, "applied"), done.text
    signed_in = desk.sign_in(phone, PASSWORD)
    assert signed_in.status_code == 201, signed_in.text
    assert {each["part"] for each in desk.account(signed_in.json()["token"])["restrictions"]} == {
        "spend",
        "change",
    }
