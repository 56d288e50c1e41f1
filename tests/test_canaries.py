"""The check for leaked secrets itself: what is planted is found, in every place that is searched."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from redis import Redis

from support_desk.audit import service as audit
from support_desk.core import logs
from support_desk.core.db import db, new_id
from support_desk.embedded import Engines
from support_desk.outbox.broker import queue
from support_desk.outbox.models import PromisedJob
from support_desk.outbox.service import promise
from tests.canaries import Canaries, Keeper

CODE = "7K3M-9Q2X"
PASSWORD = "七つの海を渡る青い船"


@pytest.fixture
def bird() -> Canaries:
    """A checker of its own, that knows a code and a password."""
    fresh = Canaries()
    fresh.note_request("/api/v1/account/sessions", {"identifier": "a@example.com", "password": PASSWORD})
    fresh.note_request("/api/v1/tickets/SD-0000-0000/challenges/x/answer", {"code": CODE}, "Bearer abcdefgh123456")
    return fresh


def test_secrets_are_learned_from_messages_requests_and_answers(bird: Canaries, tmp_path: Path) -> None:
    mail = f"Subject: code\n\n確認コード\n\n    {CODE[:4]}-AAAB\n\nhttps://x/t/SD-1#{'tok3n' * 8}abc\n"
    (tmp_path / "one.eml").write_text(mail)
    bird.read_messages(tmp_path)
    bird.note_answer(
        "/api/v1/password-resets", "application/json", json.dumps({"reset_token": "r" * 20 + "eset1"})
    )
    bird.note_request("/x", {"orders": [{"order_number": "250-1234567-0000001", "item": "とても珍しい青い水筒"}]})
    kinds = set(bird.secrets.values())
    assert {
        "customer:password",
        "customer:code",
        "customer:link",
        "customer:reset_token",
        "customer:token",
    } <= kinds
    assert "customer:answer" in kinds


def test_a_secret_in_a_log_line_is_found(bird: Canaries) -> None:
    keeper, root = Keeper(bird), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        logs.configure("ERROR")
        keeper.listen()
        structlog.get_logger("planted").info("a careless line", body=f"code={CODE}")
        assert any(PASSWORD not in leak and "log" in leak for leak in bird.finish())
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_an_exceptions_message_is_not_logged_so_it_leaks_nothing(bird: Canaries) -> None:
    keeper, root = Keeper(bird), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        logs.configure("ERROR")
        keeper.listen()
        structlog.get_logger("planted").warning("job failed", exc_info=ValueError(PASSWORD))
        assert bird.finish() == []
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.mark.parametrize("place", ["audit_entries", "promised_jobs"])
def test_a_secret_in_a_table_is_found(bird: Canaries, db_session: Any, place: str) -> None:
    with db.session.begin_nested() as planted:
        if place == "audit_entries":
            audit.record("ticket", new_id(), "ticket:case:opened", note=CODE)
        else:
            job_id = promise("verification.resolve", ticket_id=new_id())
            db.session.execute(sa.update(PromisedJob).where(PromisedJob.id == job_id).values(last_error=PASSWORD))
        db.session.flush()
        bird.search_tables(db.session.connection())
        planted.rollback()
    assert [leak for leak in bird.leaks if place in leak]


def test_a_secret_in_redis_is_found_plain_or_packed_by_rq(bird: Canaries, engines: Engines) -> None:
    with Redis.from_url(engines.redis_url) as redis:
        rq_job = queue("planted", redis).enqueue("builtins.print", PASSWORD)
        redis.set("planted", f"({CODE})")
        bird.search_redis(engines.redis_url)
        rq_job.delete()
        redis.delete("planted", "rq:queue:planted")
        redis.srem("rq:queues", "rq:queue:planted")
    assert {leak.split(" in ")[0] for leak in bird.leaks} == {"customer:password", "customer:code"}


def test_a_secret_in_a_problem_or_an_agents_answer_is_found(bird: Canaries) -> None:
    bird.note_answer("/api/v1/account", "application/problem+json", json.dumps({"detail": CODE}))
    bird.note_answer(
        "/api/v1/agent/tickets/1", "application/json", json.dumps({"told": PASSWORD}, ensure_ascii=False)
    )
    assert len(bird.finish()) == 2


def test_what_agents_type_may_come_back_to_them_alone(bird: Canaries) -> None:
    bird.note_request("/api/v1/agent/sessions", {"password": "an-agents-own-word"})
    bird.keep("answer to an agent", "an-agents-own-word")
    assert bird.finish() == []
    bird.keep("problem answer", "an-agents-own-word")
    assert len(bird.finish()) == 1


def test_digits_of_a_longer_number_or_of_an_id_are_no_code(bird: Canaries) -> None:
    bird.register("1234-5678", "customer:code")
    bird.register("20261125", "customer:code")
    texts = ["090-1234-5678", "01234-56789", "id 20261125-0000-7000-8000-000000000000", "x120261125"]
    bird.search("log", texts)
    assert bird.leaks == []
    bird.search("log", ["the code 1234-5678.", "20261125"])
    assert len(bird.leaks) == 2
