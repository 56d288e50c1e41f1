"""What every gateway promises; a new one is added to the tables below and must keep it too."""

from __future__ import annotations

import json
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from support_desk.notifications.gateways import choice, mail_gateway, sms_gateway
from tests.notifications.parcels import a_mail, a_text

Delivered = Callable[[], list[dict[str, str]]]


def file_mail(folder: Path) -> tuple[Any, Delivered]:
    def delivered() -> list[dict[str, str]]:
        mails = [
            message_from_bytes(file.read_bytes(), policy=policy.default) for file in sorted(folder.glob("*.eml"))
        ]
        return [{"to": str(mail["To"]), "text": str(mail.get_content())} for mail in mails]

    return mail_gateway(f"file://{folder}"), delivered


def file_sms(folder: Path) -> tuple[Any, Delivered]:
    def delivered() -> list[dict[str, str]]:
        return [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]

    return sms_gateway(f"file://{folder}"), delivered


GATEWAYS = {"mail:file": (file_mail, a_mail), "sms:file": (file_sms, a_text)}


@pytest.fixture(params=sorted(GATEWAYS))
def gateway(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Any, Delivered, Any]:
    make, parcel = GATEWAYS[request.param]
    sender, delivered = make(tmp_path / "out")
    return sender, delivered, parcel


def test_every_scheme_is_under_this_contract() -> None:
    assert set(GATEWAYS) == {f"mail:{name}" for name in choice.MAIL} | {f"sms:{name}" for name in choice.SMS}


def test_what_is_sent_arrives_whole(gateway: Any) -> None:
    send, delivered, parcel = gateway
    send.send(parcel("one"))
    [message] = delivered()
    assert "ABCD-1234" in message["text"].splitlines()
    assert "コード" in message["text"]


def test_the_same_key_arrives_once(gateway: Any) -> None:
    send, delivered, parcel = gateway
    send.send(parcel("one"))
    send.send(parcel("one"))
    send.send(parcel("two"))
    assert len(delivered()) == 2


def test_nothing_half_written_is_left(gateway: Any, tmp_path: Path) -> None:
    send, _, parcel = gateway
    send.send(parcel("one"))
    assert [file.name for file in (tmp_path / "out").iterdir() if file.name.startswith(".")] == []
