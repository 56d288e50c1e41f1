"""Entries say who did what, and name nobody's personal data."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from support_desk.audit import service as audit
from support_desk.core.access import Caller, set_caller
from support_desk.core.db import new_id


def test_an_entry_names_who_acted_and_why(db_session: Any) -> None:
    ticket, agent = new_id(), uuid4()
    set_caller(Caller(kind="agent", agent_id=agent))
    audit.record("ticket", ticket, "ticket:email:revealed", reason="電話で確認", field="email", count=2)
    [entry] = audit.list_entries("ticket", ticket)
    assert (entry.actor_kind, entry.actor_id, entry.reason) == ("agent", str(agent), "電話で確認")
    assert entry.data == {"field": "email", "count": 2}
    assert entry.request_id is None


def test_entries_of_one_subject_come_in_their_order(db_session: Any) -> None:
    ticket = new_id()
    for number in range(5):
        audit.record("ticket", ticket, "ticket:message:posted", number=number)
    audit.record("ticket", new_id(), "ticket:message:posted")
    assert [entry.data["number"] for entry in audit.list_entries("ticket", ticket)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("value", ["taro@example.jp", "+819012345678", "山田太郎", "two\nlines", "x" * 201])
def test_what_could_name_a_person_is_refused(db_session: Any, value: str) -> None:
    with pytest.raises(ValueError, match="personal data"):
        audit.record("ticket", new_id(), "ticket:message:posted", detail=value)


def test_a_tag_has_its_form(db_session: Any) -> None:
    with pytest.raises(ValueError, match="subject:thing:verb"):
        audit.record("ticket", new_id(), "posted")
