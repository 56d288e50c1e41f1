"""J1: forgot the password, the e-mail works; nobody at the desk is needed."""

from datetime import timedelta

from tests.journeys.desk import wait_for


def _reset(desk, customer, password):
    email = customer["emails"][0]
    before = len(desk.mails(email))
    asked = desk.call("POST", "/password-resets", json={"identifier": email})
    assert asked.status_code == 202
    reset = asked.json()["id"]
    code = desk.code_by_mail(email, after=before)
    proved = desk.call("POST", f"/password-resets/{reset}/code", json={"code": code})
    assert proved.status_code == 200, proved.text
    body = {"reset_token": proved.json()["reset_token"], "new_password": password}
    short = desk.call("POST", f"/password-resets/{reset}/password", json={**body, "new_password": "short"})
    assert short.status_code == 422
    assert short.json()["code"] == "password_too_short"
    done = desk.call("POST", f"/password-resets/{reset}/password", json=body)
    assert done.status_code == 200, done.text
    return done.json()["case"]


def _holds(account, customer):
    assert account["gift_balance_yen"] == customer["gift_balance_yen"]
    assert account["points"] == customer["points"]
    assert account["prime"]["status"] == customer["prime"]["status"]
    assert account["prime"]["paid_until"] == customer["prime"]["renews_at"]


def _parts(account):
    return {restriction["part"] for restriction in account["restrictions"]}


def test_with_little_to_lose_the_customer_signs_in_and_shops_at_once(desk, customers):
    customer = customers.one(below=10_000)
    case = _reset(desk, customer, "雨の日の猫は窓辺で静かに眠る")

    signed_in = desk.sign_in(customer["emails"][0], "雨の日の猫は窓辺で静かに眠る")
    assert signed_in.status_code == 201, signed_in.text
    account = desk.account(signed_in.json()["token"])
    _holds(account, customer)
    assert _parts(account) == {"change"}

    view = desk.call("GET", f"/tickets/{case['reference']}/restoration", token=case["access_token"]).json()
    assert {each["kind"]: each["state"] for each in view["entitlements"]} == {
        "gift_balance": "matched",
        "points": "matched",
        "prime": "matched",
    }


def test_with_more_to_lose_one_sms_code_frees_the_account(desk, customers):
    customer = customers.one(at_least=10_000, below=200_000)
    case = _reset(desk, customer, "quiet lanterns over the harbour")
    signed_in = desk.sign_in(customer["emails"][0], "quiet lanterns over the harbour")
    token = signed_in.json()["token"]
    assert _parts(desk.account(token)) == {"spend", "change"}

    def call(method, path, **options):
        path = f"/tickets/{case['reference']}{path}"
        return desk.call(method, path, token=case["access_token"], **options)

    before = len(desk.texts(customer["phone_e164"]))
    challenge = call("POST", "/challenges", json={"kind": "sms_code"}).json()["id"]
    code = desk.code_by_text(customer["phone_e164"], after=before)
    answer = call("POST", f"/challenges/{challenge}/answer", json={"code": code})
    assert answer.status_code == 200, answer.text
    wait_for("both restrictions lifted", lambda: not _parts(desk.account(token)))
    _holds(desk.account(token), customer)
    ticket = call("GET", "").json()
    assert ticket["status"] == "solved"


def test_the_old_password_and_old_sessions_are_dead_after_a_reset(desk, customers):
    customer = customers.one(below=10_000)
    _reset(desk, customer, "first words of a long evening")
    first = desk.sign_in(customer["emails"][0], "first words of a long evening").json()["token"]
    desk.go(timedelta(minutes=2))  # an address gets one code a minute
    _reset(desk, customer, "second words of a long evening")
    assert desk.sign_in(customer["emails"][0], "first words of a long evening").status_code == 401
    assert desk.call("GET", "/account", token=first).status_code == 401
