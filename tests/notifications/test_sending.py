"""One row, one key, the same words in every attempt; codes and tokens exist only in what is sent."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from support_desk.core import settings
from support_desk.core.codes import derive_code, format_code
from support_desk.core.db import new_id
from support_desk.core.secrets import derive_token
from support_desk.notifications import sending, service
from support_desk.notifications.errors import UnknownGateway, UnknownTemplate
from support_desk.notifications.gateways import OutgoingText, files, mail_gateway, sms_gateway
from support_desk.notifications.models import MessageState, OutgoingMessage
from support_desk.outbox import letters, runner
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.outbox.retry import MAX_ATTEMPTS

CODE = {
    "alphabet": "crockford",
    "length": 8,
    "kind": "identify",
    "case_id": "case",
    "challenge_id": "challenge",
    "send_number": 1,
}
STOP = {"path": "/stop/{token}", "purpose": "stop", "parts": ["action"]}


def promise_code(to: str = "taro@example.jp", dedupe: str = "code-1", **more: Any) -> tuple[str, Any]:
    subject = ("ticket", new_id())
    service.notify_email(
        "identify_code", to=to, language="ja", dedupe=dedupe, subject_ref=subject, code=CODE, **more
    )
    return subject


def only_row(session: Any) -> OutgoingMessage:
    session.expire_all()
    return session.scalars(sa.select(OutgoingMessage)).one()


def test_a_mail_carries_its_code_alone_on_a_line(db_session: Any, run_jobs: Any, mails: Any) -> None:
    promise_code(reference="SD-7K3M-9Q2X")
    run_jobs()
    [mail] = mails()
    code = format_code(derive_code(**CODE))
    assert code in mail.get_content().splitlines()
    assert mail["To"] == "taro@example.jp"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "本人確認コード" in mail["Subject"]
    assert only_row(db_session).state is MessageState.SENT


def test_the_raw_file_can_be_read_and_searched(db_session: Any, run_jobs: Any, outgoing: Path) -> None:
    promise_code()
    run_jobs()
    [file] = (outgoing / "mail").glob("*.eml")
    assert format_code(derive_code(**CODE)) in file.read_text().splitlines()
    assert "お手続き" in file.read_text()


def test_no_code_and_no_address_lies_in_sql(db_session: Any, run_jobs: Any) -> None:
    promise_code()
    db_session.commit()
    queries = ("SELECT messages::text FROM messages", "SELECT promised_jobs::text FROM promised_jobs")
    everything = "".join(db_session.scalars(sa.text(query)).one() for query in queries)
    run_jobs()
    everything += "".join(db_session.scalars(sa.text(query)).one() for query in queries)
    for secret in ("taro", derive_code(**CODE), format_code(derive_code(**CODE))):
        assert secret not in everything
        assert secret.encode().hex() not in everything
    assert only_row(db_session).template_values is None, "emptied once sent"


def test_a_link_is_derived_when_it_is_sent(db_session: Any, run_jobs: Any, texts: Any, mails: Any) -> None:
    subject = ("restoration", new_id())
    notice = {"language": "ja", "subject_ref": subject, "action": "set_password", "link": STOP}
    notice["at"] = datetime(2026, 11, 25, 5, 15, tzinfo=UTC)
    service.notify_sms("restoration_on_hold", to="+819012345678", dedupe="n-1", **notice)
    service.notify_email("restoration_on_hold", to="taro@example.jp", dedupe="n-2", **notice)
    assert service.delivered_notice_at(subject) is None
    run_jobs()
    link = f"{settings.current().base_url}/stop/{derive_token('stop', 'action')}"
    [text], [mail] = texts(), mails()
    assert text["to"] == "+819012345678"
    assert set(text) == {"to", "text", "created_at"}
    assert link in text["text"].splitlines()
    assert link in mail.get_content().splitlines()
    assert service.delivered_notice_at(subject) is not None
    assert service.delivered_notice_at(("restoration", new_id())) is None


def test_one_dedupe_key_is_one_message(db_session: Any, run_jobs: Any, mails: Any) -> None:
    promise_code()
    promise_code()
    run_jobs()
    promise_code()
    run_jobs()
    assert len(mails()) == 1


def test_a_crash_after_sending_sends_the_same_bytes_again(
    db_session: Any, outgoing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise_code()
    db_session.commit()
    message = only_row(db_session)
    first = sending.pack(message, settings.current())
    again = sending.pack(message, settings.current())
    assert first.key == again.key
    assert first.message.as_bytes() == again.message.as_bytes()  # type: ignore[union-attr]


def test_a_gateway_that_fails_is_tried_again_and_in_the_end_the_message_is_marked(
    db_session: Any, outgoing: Path, clock: Any
) -> None:
    blocked = outgoing / "mail"
    for file in blocked.glob("*"):
        file.unlink()
    if blocked.exists():
        blocked.rmdir()
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("a file where the folder should be")
    try:
        promise_code()
        db_session.commit()
        for attempt in range(1, MAX_ATTEMPTS + 1):
            assert runner.run_due() == 1
            assert only_row(db_session).sends_count == attempt
            clock.set(db_session.scalar(sa.select(PromisedJob.available_at)))
        message = only_row(db_session)
        assert (message.state, message.failure) == (MessageState.FAILED, "FileExistsError")
        assert db_session.scalar(sa.select(PromisedJob.state)) is PromiseState.DEAD
    finally:
        blocked.unlink()
    assert letters.replay() == 1
    db_session.commit()
    runner.run_due()
    assert only_row(db_session).state is MessageState.SENT, "a dead letter can be sent after all"


@pytest.mark.parametrize(
    "address", ["a@example.jp, b@example.jp", "a@example.jp\r\nBcc: b@example.jp", "nobody", "a b@example.jp", "@"]
)
def test_an_address_cannot_add_a_header_or_a_recipient(
    db_session: Any, run_jobs: Any, mails: Any, address: str
) -> None:
    promise_code(to=address)
    run_jobs()
    assert mails() == []
    assert only_row(db_session).failure == "address_malformed"


def test_values_that_a_template_lacks_or_does_not_take_are_refused(db_session: Any) -> None:
    kind: dict[str, Any] = {"to": "a@example.jp", "language": "ja", "dedupe": "x", "subject_ref": ("t", new_id())}
    with pytest.raises(TypeError):
        service.notify_email("identify_code", **kind)
    with pytest.raises(TypeError):
        service.notify_email("identify_code", code=CODE, colour="red", **kind)
    with pytest.raises(UnknownTemplate):
        service.notify_email("nothing", **kind)
    with pytest.raises(UnknownTemplate):
        service.notify_sms("ticket_reply", reference="SD-7K3M-9Q2X", **kind)


@pytest.mark.parametrize("choose", [mail_gateway, sms_gateway])
def test_an_unknown_scheme_is_refused_without_repeating_the_address(choose: Any) -> None:
    with pytest.raises(UnknownGateway, match="SUPPORT_DESK_") as refused:
        choose("smtp://user:password@mail.example.com")
    assert "password" not in str(refused.value)
    with pytest.raises(UnknownGateway):
        choose("file://relative/folder")


def test_sms_times_are_utc(tmp_path: Path) -> None:
    at = datetime(2026, 11, 25, 5, 15, tzinfo=UTC)
    files.FileSms(tmp_path).send(OutgoingText("key", "+819012345678", "hello", at))
    assert '"2026-11-25T05:15:00Z"' in (tmp_path / "key.json").read_text()
