"""A desk on shift and booked calls for tests; all need an application context."""

from datetime import datetime, time
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from support_desk.agents.models import Agent, Presence, Shift
from support_desk.agents.permissions import Role
from support_desk.callbacks import service
from support_desk.callbacks.models import Callback
from support_desk.core.db import db, new_id

TOKYO = ZoneInfo("Asia/Tokyo")
MOBILE = "090-1234-5678"


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=TOKYO)


def a_colleague(*languages: str, starts_at: str = "09:00", ends_at: str = "20:00") -> UUID:
    """Somebody on shift every day, who cannot sign in."""
    spoken = list(languages or ("ja", "en"))
    agent_id = new_id()
    db.session.add(
        Agent(
            id=agent_id,
            email=f"{agent_id}@example.jp",
            email_index=uuid4().bytes,
            name="担当 花子",
            role=Role.AGENT,
            languages=spoken,
            password_hash="none",
            presence=Presence.AVAILABLE,
        )
    )
    db.session.flush()
    put_on_shift(agent_id, *spoken, starts_at=starts_at, ends_at=ends_at)
    return agent_id


def put_on_shift(agent_id: UUID, *languages: str, starts_at: str = "09:00", ends_at: str = "20:00") -> None:
    """Hours every day."""
    db.session.add_all(
        Shift(
            agent_id=agent_id,
            weekday=weekday,
            starts_at=time.fromisoformat(starts_at),
            ends_at=time.fromisoformat(ends_at),
            languages=list(languages or ("ja", "en")),
        )
        for weekday in range(7)
    )
    db.session.flush()


def a_call(ticket_id: UUID, slot_start: datetime | None = None, phone: str | None = MOBILE) -> Callback:
    """A booked call, to the number on file where no phone is given."""
    return service.book(ticket_id, slot_start=slot_start, number_kind="given" if phone else "on_file", phone=phone)
