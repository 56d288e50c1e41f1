"""Who takes calls when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from uuid import UUID

import sqlalchemy as sa

from support_desk.agents.errors import ShiftEndsBeforeStart, ShiftOverlaps
from support_desk.agents.events import ShiftsChanged
from support_desk.agents.models import Agent, Shift
from support_desk.agents.views import ShiftView, shift_view
from support_desk.audit.service import record
from support_desk.core.db import db
from support_desk.core.errors import NotFound, Problem
from support_desk.core.events import announce
from support_desk.core.paging import Key, Page, page


@dataclass(frozen=True)
class Hours:
    """From when until when, and in which languages."""

    starts_at: time
    ends_at: time
    languages: tuple[str, ...]

    @classmethod
    def between(cls, start: str, end: str, languages: tuple[str, ...]) -> Hours:
        """Hours written as 09:00 and 20:00."""
        return cls(time.fromisoformat(start), time.fromisoformat(end), languages)


def list_shifts(agent_id: UUID | None = None) -> list[ShiftView]:
    """The shifts of everybody who is not disabled, or of one agent, by weekday and time."""
    query = (
        sa.select(Shift)
        .join(Agent, Agent.id == Shift.agent_id)
        .where(Agent.disabled_at.is_(None))
        .order_by(Shift.weekday, Shift.starts_at, Shift.id)
    )
    if agent_id is not None:
        query = query.where(Shift.agent_id == agent_id)
    return [shift_view(row) for row in db.session.scalars(query)]


def page_shifts(agent_id: UUID | None, *, limit: int, cursor: str | None) -> Page[ShiftView]:
    """One page of the shifts of everybody who is not disabled, or of one agent, in the order they were added."""
    query = sa.select(Shift).join(Agent, Agent.id == Shift.agent_id).where(Agent.disabled_at.is_(None))
    if agent_id is not None:
        query = query.where(Shift.agent_id == agent_id)
    keys = [Key(Shift.id, lambda row: row.id)]
    found = page(query, keys, limit=limit, cursor=cursor, scope=f"shifts {agent_id}")
    return Page([shift_view(row) for row in found.items], found.next_cursor)


def add_shift(agent_id: UUID, weekday: int, hours: Hours) -> ShiftView:
    """Put an agent on shift; raises NotFound, ShiftEndsBeforeStart, ShiftOverlaps."""
    if hours.ends_at <= hours.starts_at:
        raise ShiftEndsBeforeStart(errors=[Problem("/ends_at", "shift_empty", ShiftEndsBeforeStart.en)])
    # The agent's row is the lock: two shifts added at once cannot overlap.
    if db.session.get(Agent, agent_id, with_for_update=True, populate_existing=True) is None:
        raise NotFound
    overlapping = db.session.scalar(
        sa.select(Shift.id).where(
            Shift.agent_id == agent_id,
            Shift.weekday == weekday,
            Shift.starts_at < hours.ends_at,
            Shift.ends_at > hours.starts_at,
        )
    )
    if overlapping is not None:
        raise ShiftOverlaps
    row = Shift(
        agent_id=agent_id,
        weekday=weekday,
        starts_at=hours.starts_at,
        ends_at=hours.ends_at,
        languages=list(hours.languages),
    )
    db.session.add(row)
    db.session.flush()
    record("agent", agent_id, "agent:shift:added", weekday=weekday)
    announce(ShiftsChanged(agent_id))
    return shift_view(row)


def remove_shift(shift_id: UUID) -> None:
    """Take an agent off a shift; raises NotFound."""
    row = db.session.get(Shift, shift_id, with_for_update=True)
    if row is None:
        raise NotFound
    db.session.delete(row)
    db.session.flush()
    record("agent", row.agent_id, "agent:shift:removed", weekday=row.weekday)
    announce(ShiftsChanged(row.agent_id))
