"""Between SQL and Redis: nothing is lost when either side dies, and nothing runs twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError
from rq.job import Job
from rq.serializers import JSONSerializer

from support_desk.core import clock as business
from support_desk.core.db import db, new_id, transaction
from support_desk.outbox import broker, claims, heartbeats, locks, reconciler, relay, runner, schedule, service
from support_desk.outbox.models import PromisedJob, PromiseState, ScheduleEntry
from support_desk.outbox.retry import MAX_ATTEMPTS
from tests.outbox import jobs

assert jobs


@pytest.fixture
def connection(app: Any, db_session: Any) -> Iterator[Redis]:
    """The test's Redis, empty."""
    with broker.connect() as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


def listed(redis: Redis, queue: str = "default") -> list[str]:
    return broker.queue(queue, redis).get_job_ids()


def the_promise(session: Any, promise_id: UUID) -> PromisedJob:
    session.expire_all()
    return session.get_one(PromisedJob, promise_id)


def age(session: Any, promise_id: UUID, **values: Any) -> None:
    session.execute(sa.update(PromisedJob).where(PromisedJob.id == promise_id).values(**values))
    session.commit()


def test_what_is_due_is_handed_to_its_queue_with_ids_only(db_session: Any, connection: Redis) -> None:
    note = service.promise("testing.note", subject_id=new_id(), dedupe="a key: with, anything 日本")
    hurry = service.promise("testing.hurry", subject_id=new_id())
    later = service.promise("testing.note", subject_id=new_id(), due_at=business.now() + timedelta(hours=1))
    db_session.commit()
    assert relay.publish_due(connection) == 2
    assert relay.publish_due(connection) == 0
    assert listed(connection) == [f"testing_note-{note.hex}-0"]
    assert listed(connection, "urgent") == [f"testing_hurry-{hurry.hex}-0"]
    job = Job.fetch(f"testing_note-{note.hex}-0", connection=connection, serializer=JSONSerializer)
    assert (job.func_name, job.args) == ("support_desk.outbox.runner.run", [str(note), 0])
    assert the_promise(db_session, note).state is PromiseState.PUBLISHED
    assert the_promise(db_session, later).state is PromiseState.PROMISED


def test_a_relay_that_cannot_reach_redis_leaves_the_promise_as_it_was(db_session: Any, app: Any) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    db_session.commit()
    with Redis(unix_socket_path="/nonexistent.sock") as away, pytest.raises(RedisError):
        relay.publish_due(away)
    assert the_promise(db_session, promise).state is PromiseState.PROMISED


def test_redis_is_never_filled_with_all_that_waits(
    db_session: Any, connection: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_WINDOW", 3)
    for _ in range(5):
        service.promise("testing.note", subject_id=new_id())
    db_session.commit()
    assert relay.publish_due(connection) == 3
    assert relay.publish_due(connection) == 0


def test_a_copy_that_redis_lost_is_handed_out_under_a_new_id(db_session: Any, connection: Redis) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    db_session.commit()
    relay.publish_due(connection)
    connection.flushdb()
    assert reconciler.reconcile(connection) == 0, "it may just be on its way"
    age(db_session, promise, published_at=business.wall() - timedelta(seconds=16))
    assert reconciler.reconcile(connection) == 1
    relay.publish_due(connection)
    assert listed(connection) == [f"testing_note-{promise.hex}-1"]
    runner.run(str(promise), 0)
    assert the_promise(db_session, promise).attempts == 0, "the lost copy is stale should it turn up"
    runner.run(str(promise), 1)
    assert the_promise(db_session, promise).state is PromiseState.DONE


def test_a_copy_that_waits_in_its_queue_is_left_alone_however_old(db_session: Any, connection: Redis) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    db_session.commit()
    relay.publish_due(connection)
    age(db_session, promise, published_at=business.wall() - timedelta(hours=5))
    assert reconciler.reconcile(connection) == 0
    assert listed(connection) == [f"testing_note-{promise.hex}-0"]


def test_a_job_whose_worker_died_is_handed_out_again_and_the_dead_cannot_write(
    db_session: Any, connection: Redis
) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    held = claims.claim(promise, 0, at=business.now())
    assert held
    db_session.commit()
    assert reconciler.reconcile(connection) == 0, "its lease runs"
    age(db_session, promise, lease_until=business.wall() - timedelta(seconds=1))
    assert reconciler.reconcile(connection) == 1
    assert runner.run_due() == 1
    done = the_promise(db_session, promise)
    assert (done.state, done.attempts, done.fence) == (PromiseState.DONE, 2, 2)
    assert not claims.give_back(held, "late")


def test_a_job_that_kills_every_worker_becomes_a_dead_letter(db_session: Any, connection: Redis) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    claims.claim(promise, 0, at=business.now())
    age(db_session, promise, attempts=MAX_ATTEMPTS, lease_until=business.wall() - timedelta(seconds=1))
    reconciler.reconcile(connection)
    dead = the_promise(db_session, promise)
    assert (dead.state, dead.last_error) == (PromiseState.DEAD, "lease_lapsed")


def test_leases_are_renewed_while_redis_is_away(db_session: Any, connection: Redis) -> None:
    lost = service.promise("testing.note", subject_id=new_id())
    held = service.promise("testing.note", subject_id=new_id())
    claims.claim(held, 0, at=business.now())
    long_ago = business.wall() - timedelta(seconds=60)
    age(db_session, held, lease_until=long_ago)
    age(db_session, lost, state="published", published_at=long_ago)
    with Redis(unix_socket_path="/nonexistent.sock") as away, pytest.raises(RedisError):
        reconciler.reconcile(away)
    assert the_promise(db_session, held).state is PromiseState.PROMISED
    assert the_promise(db_session, lost).state is PromiseState.PUBLISHED


def test_periodic_work_is_promised_once_an_interval(db_session: Any, clock: Any) -> None:
    def runs() -> int:
        db_session.commit()
        query = sa.select(sa.func.count()).where(PromisedJob.job == "testing.sweep")
        return db_session.scalar(query)

    schedule.tick()
    assert runs() == 1
    clock.move(seconds=29)
    schedule.tick()
    assert runs() == 1
    runner.run_due()
    clock.move(seconds=1)
    schedule.tick()
    assert runs() == 2
    clock.move(hours=5)
    schedule.tick()
    assert runs() == 2, "the last run has not ended: nothing piles up"


def test_a_schedule_written_under_a_shifted_clock_does_not_sleep(db_session: Any, clock: Any) -> None:
    clock.move(hours=73)
    schedule.tick()
    runner.run_due()
    clock.move(hours=-73)
    schedule.tick()
    entry = db_session.get_one(ScheduleEntry, "testing.sweep")
    assert entry.next_at - business.now() == timedelta(seconds=30)


def test_only_one_process_reconciles_and_schedules_at_a_time(real_db: Any) -> None:
    with real_db.app_context(), broker.connect() as connection:
        with transaction():
            lapsed = service.promise("testing.note", subject_id=new_id())
            claims.claim(lapsed, 0, at=business.now())
            db.session.execute(sa.update(PromisedJob).values(lease_until=business.wall() - timedelta(seconds=9)))
        other = db.engine.connect()
        for key in (locks.RECONCILE, locks.SCHEDULE):
            other.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        assert (schedule.tick(), reconciler.reconcile(connection)) == (0, 0)
        other.rollback()
        assert schedule.tick() > 0
        assert reconciler.reconcile(connection) == 1
        other.close()


def test_two_relays_never_hand_out_the_same_promise(real_db: Any) -> None:
    with real_db.app_context():
        with transaction():
            for _ in range(3):
                service.promise("testing.note", subject_id=new_id())
        other = db.engine.connect()
        locked = other.execute(
            sa.text("SELECT id FROM promised_jobs ORDER BY available_at, id LIMIT 1 FOR UPDATE")
        ).scalar_one()
        with broker.connect() as connection:
            connection.flushdb()
            assert relay.publish_due(connection) == 2
            assert not any(locked.hex in copy for copy in listed(connection))
            connection.flushdb()
        other.rollback()
        other.close()


def test_a_commit_wakes_the_relay(real_db: Any) -> None:
    with real_db.app_context(), relay.Listener() as listener:
        listener.wait(0.01)
        with transaction():
            service.promise("testing.note", subject_id=new_id())
        begun = business.wall()
        listener.wait(5)
        assert business.wall() - begun < timedelta(seconds=2)


def test_health_names_what_nobody_serves(db_session: Any, clock: Any) -> None:
    service.promise("testing.note", subject_id=new_id())
    heartbeats.beat("keeper")
    heartbeats.beat("default")
    clock.move(seconds=40)
    health = heartbeats.health()
    assert health.lag_seconds == 40
    assert health.missing(within_seconds=60) == ["keeper", "urgent"], "one process has one duty"
    assert health.missing(within_seconds=30) == ["keeper", "urgent", "default"]
