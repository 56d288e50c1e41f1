"""Notices to every channel, and the link in them that stops a case."""

from support_desk.accounts import service as accounts
from support_desk.core.db import db
from support_desk.notifications.models import OutgoingMessage
from support_desk.verification import service as verification
from tests.restoration.conftest import NEW_EMAIL


def _held(play):
    case = play()
    case.prove("order_recall")
    case.prove("sms_code")
    case.set_password()
    case.ask_new_email()
    assert case.confirm_new_email().get_json()["state"] == "on_hold"
    case.jobs()
    return case


def test_every_registered_channel_is_told_of_a_hold(play, mails, texts, stop_links):
    case = _held(play)
    link = case.stop_link("replace_email")
    assert link in stop_links()
    told = [mail["To"] for mail in mails() if link in mail.get_body(("plain",)).get_content()]
    assert told == [case.owner.email]
    assert [text["to"] for text in texts() if link in text["text"]] == [case.owner.phone]


def test_the_replaced_channel_is_told_of_the_effect(play, mails):
    case = _held(play)
    case.pass_time(hours=73)
    told = {mail["To"] for mail in mails() if mail["To"] in (case.owner.email, NEW_EMAIL)}
    assert told == {case.owner.email, NEW_EMAIL}


def test_looking_at_the_link_stops_nothing_and_pressing_it_does(play, client):
    case = _held(play)
    link = case.stop_link("replace_email")
    client.get(f"/stop/{link}")
    assert case.action("replace_email").state == "on_hold"
    assert client.post(f"/api/v1/stop/{link}").status_code == 200
    assert case.action("replace_email").state == "cancelled"
    assert verification.is_contested(case.owner.id)
    case.pass_time(hours=100)
    assert accounts.get_account(case.owner.id).email == case.owner.email
    assert case.ask_new_email().status_code == 403


def test_a_stop_after_an_effect_shuts_the_account_and_puts_nothing_back(play, client):
    case = _held(play)
    case.pass_time(hours=73)
    assert client.post(f"/api/v1/stop/{case.stop_link('replace_email')}").status_code == 200
    assert case.parts() == {"spend", "change"}
    assert accounts.get_account(case.owner.id).email == NEW_EMAIL
    case.pass_time(days=10)
    assert case.parts() == {"spend", "change"}


def test_a_link_works_once_for_good_and_an_unknown_one_not_at_all(play, client):
    case = _held(play)
    link = case.stop_link("replace_email")
    assert client.post(f"/api/v1/stop/{link}").status_code == 200
    assert client.post(f"/api/v1/stop/{link}").status_code == 200
    unknown = link[:-1] + ("A" if link[-1] != "A" else "B")
    assert client.post(f"/api/v1/stop/{unknown}").status_code == 404


def test_every_channel_old_and_new_is_told_of_the_effect(play):
    case = _held(play)
    case.pass_time(hours=73)
    rows = db.session.query(OutgoingMessage).filter_by(template="restoration_applied").all()
    told = {row.address for row in rows if str(case.action("replace_email").id) in row.dedupe}
    assert told == {case.owner.email, case.owner.phone, NEW_EMAIL}
