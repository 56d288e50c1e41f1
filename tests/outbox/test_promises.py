"""What is promised is done, once, after the promise committed and not before its time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from support_desk.audit import service as audit
from support_desk.core import clock as business
from support_desk.core.db import new_id
from support_desk.outbox import claims, registry, runner, service
from support_desk.outbox.errors import LeaseLost, UnknownJob
from support_desk.outbox.models import PromisedJob, PromiseState
from support_desk.outbox.retry import MAX_ATTEMPTS
from tests.outbox import jobs


def the_promise(session: Any, promise_id: UUID) -> PromisedJob:
    session.expire_all()
    return session.get_one(PromisedJob, promise_id)


def tags(subject_id: UUID | str) -> list[str]:
    return [entry.tag for entry in audit.list_entries("testing", subject_id)]


def test_a_promised_job_runs_once_with_its_ids(db_session: Any) -> None:
    subject = new_id()
    promise = service.promise("testing.note", subject_id=subject, number=7)
    db_session.commit()
    assert runner.run_due() == 1
    assert runner.run_due() == 0
    [entry] = audit.list_entries("testing", subject)
    assert (entry.data, entry.actor_kind) == ({"number": 7}, "system")
    done = the_promise(db_session, promise)
    assert (done.state, done.attempts, done.lease_until) == (PromiseState.DONE, 1, None)


def test_a_promise_that_is_rolled_back_was_never_made(db_session: Any) -> None:
    service.promise("testing.note", subject_id=new_id())
    db_session.rollback()
    assert runner.run_due() == 0


def test_a_job_waits_for_its_time(db_session: Any, clock: Any) -> None:
    subject = new_id()
    promise = service.promise("testing.note", subject_id=subject, due_at=business.now() + timedelta(hours=72))
    db_session.commit()
    clock.move(hours=72, seconds=-1)
    assert runner.run_due() == 0
    runner.run(str(promise), 0)
    assert the_promise(db_session, promise).attempts == 0, "not even when it was handed out too early"
    clock.move(seconds=1)
    assert runner.run_due() == 1


def test_one_dedupe_key_is_one_promise(db_session: Any) -> None:
    subject = new_id()
    first = service.promise("testing.note", dedupe="only-one", subject_id=subject)
    assert service.promise("testing.note", dedupe="only-one", subject_id=subject) == first
    db_session.commit()
    assert runner.run_due() == 1
    assert service.promise("testing.note", dedupe="only-one", subject_id=subject) == first
    db_session.commit()
    assert runner.run_due() == 0


def test_a_withdrawn_promise_is_not_kept_and_can_be_made_again(db_session: Any) -> None:
    subject = new_id()
    promise = service.promise("testing.note", dedupe="maybe", subject_id=subject)
    assert service.withdraw("maybe")
    assert not service.withdraw("maybe")
    db_session.commit()
    assert runner.run_due() == 0
    assert service.promise("testing.note", dedupe="maybe", subject_id=subject) == promise
    db_session.commit()
    assert runner.run_once(promise, 0, at=business.now()) is None
    assert tags(subject) == [], "the copy of the withdrawn promise is stale"
    assert runner.run_due() == 1
    assert tags(subject) == ["testing:job:done"]


def test_a_job_that_has_begun_can_no_longer_be_withdrawn(db_session: Any) -> None:
    promise = service.promise("testing.note", dedupe="begun", subject_id=new_id())
    assert claims.claim(promise, 0, at=business.now())
    assert not service.withdraw("begun")


def test_of_two_copies_only_one_runs(db_session: Any) -> None:
    subject = new_id()
    promise = service.promise("testing.note", subject_id=subject)
    db_session.commit()
    runner.run(str(promise), 0)
    runner.run(str(promise), 0)
    assert tags(subject) == ["testing:job:done"]


def test_whoever_lost_the_lease_commits_nothing(db_session: Any) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    mine = claims.claim(promise, 0, at=business.now())
    assert mine
    db_session.execute(sa.update(PromisedJob).where(PromisedJob.id == promise).values(fence=mine.fence + 1))
    with pytest.raises(LeaseLost):
        claims.complete(mine)
    with pytest.raises(LeaseLost):
        claims.renew(mine)
    assert not claims.give_back(mine, "late")


def test_a_failing_job_leaves_no_effect_and_is_tried_again_later_and_later(db_session: Any, clock: Any) -> None:
    subject = new_id()
    promise = service.promise("testing.stumble", subject_id=subject)
    db_session.commit()
    gaps = []
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert runner.run_due() == 1
        assert runner.run_due() == 0
        failed = the_promise(db_session, promise)
        assert failed.attempts == attempt
        if attempt < MAX_ATTEMPTS:
            gaps.append(failed.available_at - business.now())
            clock.set(failed.available_at)
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(seconds=2)
    assert failed.state is PromiseState.DEAD
    assert tags(subject) == []


def test_an_error_is_stored_without_its_words(db_session: Any) -> None:
    promise = service.promise("testing.stumble", subject_id=new_id())
    db_session.commit()
    runner.run_due()
    assert the_promise(db_session, promise).last_error == "ValueError"


def test_a_job_that_gives_up_is_a_dead_letter_at_once(db_session: Any) -> None:
    promise = service.promise("testing.give_up")
    db_session.commit()
    runner.run_due()
    dead = the_promise(db_session, promise)
    assert (dead.state, dead.last_error) == (PromiseState.DEAD, "nobody_there")


def test_an_external_job_completes_in_its_own_last_transaction(db_session: Any) -> None:
    subject = new_id()
    promise = service.promise("testing.send", subject_id=subject)
    db_session.commit()
    runner.run_due(raising=True)
    assert tags(subject) == ["testing:message:sent"]
    assert the_promise(db_session, promise).state is PromiseState.DONE


def test_an_external_job_that_never_completes_has_failed(db_session: Any) -> None:
    service.promise("testing.forget")
    db_session.commit()
    with pytest.raises(RuntimeError, match=r"run\.complete"):
        runner.run_due(raising=True)


def test_unknown_jobs_and_wrong_ids_are_refused_where_they_are_promised(db_session: Any) -> None:
    with pytest.raises(UnknownJob):
        service.promise("testing.nothing")
    with pytest.raises(TypeError):
        service.promise("testing.note", ticket_id=new_id())


def test_a_job_that_this_release_does_not_know_waits_for_one_that_does(db_session: Any) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    db_session.execute(sa.update(PromisedJob).where(PromisedJob.id == promise).values(job="tomorrow.job"))
    db_session.commit()
    runner.run_due()
    waiting = the_promise(db_session, promise)
    assert (waiting.state, waiting.last_error) == (PromiseState.PROMISED, "UnknownJob")


def test_two_functions_cannot_share_a_job_name() -> None:
    with pytest.raises(ValueError, match="two functions"):
        registry.job("testing.note")(jobs.sweep)


def test_a_queue_without_a_worker_is_refused() -> None:
    with pytest.raises(ValueError, match="no worker serves"):
        registry.job("testing.elsewhere", queue="slow")


def test_the_database_holds_the_lease_rule(db_session: Any) -> None:
    promise = service.promise("testing.note", subject_id=new_id())
    with pytest.raises(IntegrityError):
        db_session.execute(sa.update(PromisedJob).where(PromisedJob.id == promise).values(state="running"))
