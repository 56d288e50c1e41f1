"""No promised call is lost and none is made twice, whatever dies on the desk's side."""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from support_desk.audit.models import AuditEntry
from support_desk.callbacks import service
from support_desk.callbacks.booking_service import promise_turn
from support_desk.callbacks.errors import LeaseLost
from support_desk.callbacks.lifecycle import State
from support_desk.callbacks.models import Attempt, Callback, CallbackLanguage, NumberKind
from support_desk.core import clock
from support_desk.core.db import db, new_id, transaction
from support_desk.core.http import DeskFlask
from support_desk.outbox import heartbeats
from tests.callbacks.bookings import a_colleague
from tests.faults.harness import Chaos, Rig, a_rig, await_true
from tests.tickets.cases import a_ticket

pytestmark = pytest.mark.chaos

# `make faults` attacks for longer.
SECONDS = float(os.environ.get("FAULT_SECONDS", "6"))
CALLS = max(200, int(30 * SECONDS))
AGENTS = 6
# Of the calls offered, one in so many is let lie by its agent, and so goes to the next.
LET_LIE = 10


@pytest.fixture
def rig(make_database: Callable[[str], str], make_settings: Callable[..., Any], tmp_path: Path) -> Iterator[Rig]:
    with a_rig(make_settings, make_database("desk_call_faults"), tmp_path, lease_seconds=1) as started:
        yield started


def everybody_serves() -> bool:
    with transaction(keep=False):
        return not heartbeats.health().missing(within_seconds=5)


def book_calls(count: int) -> None:
    """Calls whose slots begin one after the other while the chaos lasts, promised as a booking promises them."""
    with transaction():
        at, ticket_ids = clock.now(), [a_ticket().id for _ in range(count)]
        for number, ticket_id in enumerate(ticket_ids):
            slot_start = at + timedelta(seconds=SECONDS * number / count)
            callback = Callback(
                id=new_id(),
                ticket_id=ticket_id,
                state=State.SCHEDULED,
                language=CallbackLanguage.JA,
                number_kind=NumberKind.GIVEN,
                number="+819012345678",
                consent_at=at,
                slot_start=slot_start,
                slot_end=slot_start + timedelta(minutes=15),
                due_at=slot_start,
                turn=1,
                fence=0,
                attempts_count=0,
            )
            db.session.add(callback)
            db.session.flush()
            promise_turn(callback)


class WorkingAgent(threading.Thread):
    """Somebody at the desk: claims the next call, rings, records; now and then walks away from an offer."""

    def __init__(self, app: DeskFlask, agent_id: UUID, over: threading.Event) -> None:
        super().__init__()
        self._app, self._agent_id, self._over = app, agent_id, over
        self._chance = random.Random(agent_id.int)
        self.rung: list[UUID] = []
        self.refused = 0

    def run(self) -> None:
        while not self._over.is_set():
            with self._app.app_context():
                if not self._make_one_call():
                    time.sleep(0.1)

    def _make_one_call(self) -> bool:
        with transaction():
            callback = service.claim_next(self._agent_id)
            callback_id = callback.id if callback else None
        if callback_id is None:
            return False
        if self._chance.randrange(LET_LIE) == 0:
            time.sleep(1.1)  # longer than the lease
        try:
            with transaction():
                begun = service.start_attempt(callback_id, self._agent_id)
                assert begun is not None
                number = begun.attempt.number
            self.rung.append(callback_id)
            with transaction():
                service.record_outcome(callback_id, number, self._agent_id, "connected", None)
        except LeaseLost:
            self.refused += 1
        return True


def count_by_subject(tag: str) -> Counter[str]:
    with transaction(keep=False):
        return Counter(db.session.scalars(sa.select(AuditEntry.subject_id).where(AuditEntry.tag == tag)))


def test_every_call_becomes_due_once_and_is_made_once(rig: Rig, capsys: pytest.CaptureFixture[str]) -> None:
    rig.settings.var.mkdir(parents=True, exist_ok=True)
    rig.start_worker()
    await_true(everybody_serves, 20, "the workers")
    with transaction():
        agents = [a_colleague() for _ in range(AGENTS)]
    book_calls(CALLS)
    over = threading.Event()
    people = [WorkingAgent(rig.app, agent_id, over) for agent_id in agents]
    for person in people:
        person.start()
    try:
        Chaos(rig, seconds=SECONDS, seed=7).run()
        took = rig.drain("callbacks.dispatch", seconds=60)
        undone = sa.select(sa.func.count()).select_from(Callback).where(Callback.state != State.DONE)
        await_true(lambda: rig.scalar(undone) == 0, 30, "the agents to make every call")
    finally:
        over.set()
        for person in people:
            person.join()

    due, ended = count_by_subject("callback:call:due"), count_by_subject("callback:attempt:ended")
    rung = Counter(callback_id for person in people for callback_id in person.rung)
    with transaction(keep=False):
        attempts = Counter(db.session.scalars(sa.select(Attempt.callback_id)))
    lost = CALLS - len(due)
    doubled = sum(due.values()) - len(due) + sum(rung.values()) - len(rung)
    with capsys.disabled():
        sys.stdout.write(
            f"\ncallbacks: {CALLS} promised, {rig.kills} kills, {sum(person.refused for person in people)} offers"
            f" let lie; lost {lost}, doubled {doubled}; drained {took:.1f} s after\n"
        )
    assert (lost, doubled) == (0, 0)
    assert set(due.values()) == set(ended.values()) == set(attempts.values()) == set(rung.values()) == {1}
    assert len(attempts) == len(rung) == len(ended) == CALLS
