"""The stop link: whoever holds a registered channel can stop a case with one press."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.secrets import token_hash
from support_desk.restoration import plans
from support_desk.restoration.actions_service import end
from support_desk.restoration.effects import PARTS
from support_desk.restoration.errors import StopLinkOver, StopLinkUnknown
from support_desk.restoration.models import (
    LIVE,
    ActionState,
    Restoration,
    RestorationAction,
    RestorationState,
)
from support_desk.restoration.notices import tell
from support_desk.tickets import service as tickets
from support_desk.verification import service as verification

AFTER_EFFECT = timedelta(days=30)


@dataclass(frozen=True)
class StopPreview:
    """What a stop link would stop."""

    reference: str
    action: str
    state: str
    not_before: datetime | None


def _find(token: str) -> tuple[Restoration, RestorationAction]:
    row = db.session.scalar(sa.select(RestorationAction).where(RestorationAction.stop_hash == token_hash(token)))
    if row is None:
        raise StopLinkUnknown
    return db.session.get_one(Restoration, row.restoration_id), row


def stop_preview(token: str) -> StopPreview:
    """What the link is about; raises StopLinkUnknown."""
    restoration, row = _find(token)
    ticket = tickets.get_ticket(restoration.ticket_id)
    return StopPreview(ticket.reference, row.action, row.state.value, row.not_before)


def stop(token: str) -> None:
    """Stop the case: what is held is cancelled, what took effect is shut again, and only proof decides then."""
    restoration, row = _find(token)
    restoration = plans.lock(restoration.id)
    if restoration.state is RestorationState.CONTESTED:
        return
    over = row.applied_at is not None and row.applied_at + AFTER_EFFECT < clock.now()
    if over or row.state in (ActionState.CANCELLED, ActionState.EXPIRED):
        raise StopLinkOver
    restoration.state = RestorationState.CONTESTED
    verification.mark_contested(restoration.account_id, ticket_id=restoration.ticket_id, why="stopped")
    effects = any(each.state is ActionState.APPLIED for each in plans.list_actions(restoration.id))
    for live in plans.list_actions(restoration.id):
        if live.state in LIVE:
            end(restoration, live, ActionState.CANCELLED)
    if effects:
        key = f"restoration:{restoration.id}:stopped"
        accounts.restrict(restoration.account_id, parts=PARTS, key=key)
        accounts.end_sessions(restoration.account_id)
    audit.record("ticket", restoration.ticket_id, "restoration:plan:stopped", action=row.action)
    tell(restoration, row, "stopped")
    ticket = tickets.get_ticket(restoration.ticket_id)
    if ticket.status not in ("solved", "closed", "open"):
        tickets.move(ticket.id, "open", why="stopped by a registered channel")
