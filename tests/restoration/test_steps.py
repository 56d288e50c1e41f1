"""The customers' own steps: nothing without proof, access at once, value after its hold, all of it back."""

import pytest

from support_desk.accounts import service as accounts
from support_desk.accounts.ledger_models import Unit
from support_desk.audit import service as audit
from support_desk.core.db import db
from support_desk.restoration import service
from support_desk.restoration.errors import EntitlementsOpen
from support_desk.tickets import service as tickets
from tests.restoration.conftest import NEW_EMAIL, PASSWORD
from tests.verification.owners import Claimant, a_case_naming


def _states(plan):
    return {each["kind"]: each["state"] for each in plan["entitlements"]}


@pytest.mark.parametrize("action", ["set_password", "replace_email", "lift_restrictions"])
def test_nothing_is_done_for_whoever_has_proved_nothing(play, action):
    case = play()
    answer = case.step(action, new_password=PASSWORD, new_email=NEW_EMAIL)
    assert answer.status_code == 403
    assert case.plan()["actions"] == []


def test_unproved_and_unknown_cases_are_answered_alike(play, client, run_jobs):
    case = play()
    nobody = Claimant(client, a_case_naming(None))
    run_jobs()
    for action in ("set_password", "replace_email"):
        body = {"new_password": "short", "new_email": "x@example.net"}
        known = case.step(action, **body)
        path = f"{nobody.base}/restoration/actions/{action}"
        unknown = client.post(path, json=body, headers=nobody.case.headers)
        assert known.status_code == unknown.status_code == 403
        masked = [{**answer.get_json(), "instance": ""} for answer in (known, unknown)]
        assert masked[0] == masked[1]
    blank = client.get(f"{nobody.base}/restoration", headers=nobody.case.headers)
    assert case.plan() == blank.get_json()


def test_lifting_is_answered_alike_for_unproved_and_unknown_cases(play, client, run_jobs):
    case = play()
    nobody = Claimant(client, a_case_naming(None))
    run_jobs()
    unknown = client.post(
        f"{nobody.base}/restoration/actions/lift_restrictions", json={}, headers=nobody.case.headers
    )
    known = case.step("lift_restrictions")
    assert known.status_code == unknown.status_code
    assert {**known.get_json(), "instance": ""} == {**unknown.get_json(), "instance": ""}


def test_an_email_code_resets_the_password_and_spending_is_free_where_little_is_at_stake(play):
    case = play()
    case.prove("email_code")
    done = case.set_password()
    assert done.get_json()["state"] == "applied", done.text
    assert case.parts() == {"change"}
    assert _states(case.plan()) == {"gift_balance": "matched", "points": "matched", "prime": "matched"}
    case.pass_time(hours=71)
    assert case.parts() == {"change"}
    case.pass_time(hours=2)
    assert case.parts() == set()


def test_with_more_at_stake_spending_waits_and_one_sms_code_shortens_it(play):
    case = play(gift_balance_yen=30_000)
    case.prove("email_code")
    case.set_password()
    assert case.parts() == {"spend", "change"}
    case.prove("sms_code")
    assert case.parts() == set()


def test_with_more_at_stake_spending_comes_back_by_itself_after_its_wait(play):
    case = play(gift_balance_yen=30_000)
    case.prove("email_code")
    case.set_password()
    case.pass_time(hours=23)
    assert case.parts() == {"spend", "change"}
    case.pass_time(hours=2)
    assert case.parts() == {"change"}


def test_a_dead_email_is_replaced_after_its_hold_and_everything_is_back_after_the_next(play):
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    assert case.set_password().get_json()["state"] == "applied"
    assert case.ask_new_email().get_json()["state"] == "awaits_confirmation"
    held = case.confirm_new_email().get_json()
    assert held["state"] == "on_hold", held
    case.pass_time(hours=71)
    assert accounts.get_account(case.owner.id).email == case.owner.email
    case.pass_time(hours=2)
    assert accounts.get_account(case.owner.id).email == NEW_EMAIL
    assert case.parts() == {"spend", "change"}
    case.pass_time(hours=69)
    assert case.parts() == {"spend", "change"}
    case.pass_time(hours=4)
    assert case.parts() == set()
    plan = case.plan()
    assert plan["state"] == "restored"
    assert _states(plan) == {"gift_balance": "matched", "points": "matched", "prime": "matched"}


def test_a_new_email_asked_for_before_the_password_survives_the_password(play):
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    case.ask_new_email()
    not_before = case.confirm_new_email().get_json()["not_before"]
    case.set_password()
    assert case.plan()["actions"][0]["not_before"] == not_before
    case.pass_time(hours=73)
    assert accounts.get_account(case.owner.id).email == NEW_EMAIL


def test_no_hold_starts_before_the_new_email_is_confirmed_and_five_wrong_codes_end_it(play):
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    case.ask_new_email()
    for _ in range(5):
        assert case.confirm_new_email("ZZZZ-ZZZZ").status_code == 422
    assert case.confirm_new_email().status_code == 422
    case.pass_time(hours=100)
    assert accounts.get_account(case.owner.id).email == case.owner.email


def test_where_two_agents_are_needed_a_confirmed_email_waits_for_them(play):
    case = play(gift_balance_yen=30_000)
    case.prove("order_recall")
    case.prove("sms_code")
    case.ask_new_email()
    answer = case.confirm_new_email()
    assert (answer.status_code, answer.get_json()["state"]) == (202, "needs_agents")
    case.pass_time(days=20)
    assert accounts.get_account(case.owner.id).email == case.owner.email


def test_an_address_of_another_account_is_refused_to_whoever_reads_its_mail_only(play):
    other = play()
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    assert case.ask_new_email(other.owner.email).get_json()["state"] == "awaits_confirmation"
    assert case.confirm_new_email().status_code == 409


def test_the_light_level_waits_seven_days_from_a_notice_that_arrived(play, mails):
    case = play(gift_balance_yen=100, points=0)
    before = len(mails())
    case.prove("sms_code")
    asked = case.set_password().get_json()
    assert asked["state"] == "waits_for_notice"
    case.pass_time(minutes=2)
    assert len(mails()) > before
    assert accounts.get_account(case.owner.id).password_set is False
    case.pass_time(days=6, hours=23)
    assert accounts.get_account(case.owner.id).password_set is False
    case.pass_time(hours=2)
    assert accounts.get_account(case.owner.id).password_set is True


def test_a_password_that_is_refused_changes_nothing_and_says_why(play):
    case = play()
    case.prove("email_code")
    for password, code in (("short", "password_too_short"), ("password1234", "password_common")):
        answer = case.set_password(password)
        assert answer.status_code == 422
        assert answer.get_json()["code"] == code
        assert answer.get_json()["errors"][0]["pointer"] == "/new_password"
    assert case.parts() == set()


def test_a_second_press_has_one_effect(play):
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    case.ask_new_email()
    case.confirm_new_email()
    assert case.step("replace_email", new_email=NEW_EMAIL).status_code == 409
    case.pass_time(hours=73)
    db.session.expire_all()
    assert case.action("replace_email").state == "applied"
    case.jobs()
    channels = [each for each in accounts.channels(case.owner.id) if each.address == NEW_EMAIL]
    assert len(channels) == 1


def test_a_job_that_comes_early_applies_nothing_and_ends_nothing(play):
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    case.ask_new_email()
    case.confirm_new_email()
    service.apply_held(case.action("replace_email").id)
    assert case.action("replace_email").state == "on_hold"
    assert accounts.get_account(case.owner.id).email == case.owner.email


def test_where_a_channel_is_lost_a_password_alone_lifts_nothing_until_asked(play):
    case = play(issue="email_unreachable")
    case.prove("order_recall")
    case.prove("sms_code")
    case.set_password()
    assert case.parts() == {"spend", "change"}
    assert case.step("lift_restrictions").get_json()["state"] == "applied"
    assert case.parts() == set()


def test_a_case_is_not_solved_while_a_value_differs_from_what_was_there(play):
    case = play()
    case.prove("email_code")
    case.set_password()
    accounts.adjust(case.owner.id, Unit.POINT, 1, reason="test", key="one point too many")
    with pytest.raises(EntitlementsOpen):
        tickets.move(case.claimant.case.id, "solved", why="done")


def test_a_refused_step_is_written_down_with_its_code_although_nothing_else_is(play):
    case = play()
    assert case.set_password().status_code == 403
    entries = [entry for entry in audit.list_entries("ticket", case.claimant.case.id) if "refused" in entry.tag]
    assert [(entry.tag, entry.data["code"]) for entry in entries] == [("ticket:request:refused", "not_verified")]
    assert entries[0].request_id
