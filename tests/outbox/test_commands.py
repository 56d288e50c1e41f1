"""`support-desk outbox` says what it did and fails loudly."""

from __future__ import annotations

import json
from typing import Any

from support_desk.core.db import new_id
from support_desk.outbox import runner, service
from support_desk.outbox.commands import outbox
from tests.outbox import jobs

assert jobs


def invoke(app: Any, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(outbox, list(arguments))


def test_a_dead_letter_is_listed_and_replayed(app: Any, db_session: Any) -> None:
    promise = service.promise("testing.give_up")
    db_session.commit()
    runner.run_due()
    shown = json.loads(invoke(app, "list", "--json").output)
    assert shown["counts"] == {"dead": 1}
    assert (shown["items"][0]["id"], shown["items"][0]["error"]) == (str(promise), "nobody_there")
    assert invoke(app, "replay", str(promise)).output == "1 promised again\n"
    assert json.loads(invoke(app, "list", "--json").output)["counts"] == {"promised": 1}


def test_replaying_what_is_not_dead_fails(app: Any, db_session: Any) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    db_session.commit()
    assert invoke(app, "replay", str(promise)).exit_code != 0
    assert invoke(app, "replay").exit_code != 0


def test_drain_runs_what_is_due(app: Any, db_session: Any) -> None:
    service.promise("testing.note", subject_id=new_id())
    service.promise("testing.hurry", subject_id=new_id())
    db_session.commit()
    assert invoke(app, "drain").output == "2 run\n"
    assert "2 done" in invoke(app, "list").output
