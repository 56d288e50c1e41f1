"""Reading plans: the restoration of a ticket, its actions, and what the verdicts need to know of it."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from support_desk.core.db import db
from support_desk.notifications import service as notifications
from support_desk.restoration.models import LIVE, ActionState, Restoration, RestorationAction
from support_desk.verification.policy import Context, Group


def find_by_ticket(ticket_id: UUID) -> Restoration | None:
    """The restoration of a ticket, if it resolved."""
    return db.session.scalar(sa.select(Restoration).where(Restoration.ticket_id == ticket_id))


def lock(restoration_id: UUID) -> Restoration:
    """The restoration as it is now, locked until the transaction ends."""
    return db.session.get_one(Restoration, restoration_id, with_for_update=True, populate_existing=True)


def list_actions(restoration_id: UUID) -> list[RestorationAction]:
    """The actions of a plan, in the order they were asked for."""
    return list(
        db.session.scalars(
            sa.select(RestorationAction)
            .where(RestorationAction.restoration_id == restoration_id)
            .order_by(RestorationAction.created_at, RestorationAction.id)
        )
    )


def find_live(restoration_id: UUID, action: str, part: str = "") -> RestorationAction | None:
    """The planned or held action of this name, if there is one."""
    return next(
        (
            row
            for row in list_actions(restoration_id)
            if row.action == action and row.part == part and row.state in LIVE
        ),
        None,
    )


def list_held(restoration_id: UUID) -> list[RestorationAction]:
    """The actions that wait for the end of their hold."""
    return [row for row in list_actions(restoration_id) if row.state is ActionState.ON_HOLD]


def context_of(restoration: Restoration) -> Context:
    """What a verdict needs to know of the case beside the evidence; a dispute verification knows itself."""
    return Context(
        reset_at=restoration.reset_at,
        notice_at=notifications.delivered_notice_at(("restoration", restoration.id)),
        channel_replaced=restoration.channel_replaced_at is not None,
        reset_groups=frozenset(Group(group) for group in restoration.reset_groups),
    )
