"""What each side sees of a restoration."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from support_desk.core import clock
from support_desk.restoration import plans
from support_desk.restoration.actions_service import verdict_on
from support_desk.restoration.entitlements_service import list_entitlements
from support_desk.restoration.models import (
    ActionState,
    Entitlement,
    EntitlementState,
    Kind,
    Mode,
    Restoration,
    RestorationAction,
    RestorationState,
)
from support_desk.verification import service as verification

Document = dict[str, Any]
# What everybody sees who has not proved enough to see amounts: the same for every case.
BLANK: Document = {
    "mode": Mode.RESTORE.value,
    "state": RestorationState.PLANNED.value,
    "actions": [],
    "entitlements": [
        {
            "kind": kind.value,
            "expected": None,
            "actual": None,
            "difference": None,
            "state": EntitlementState.PENDING.value,
        }
        for kind in Kind
    ],
}


def view_for_claimant(ticket_id: UUID) -> Document:
    """The plan as the claimant sees it; the same blank for every case in which not enough is proved."""
    if not verification.has_standing(ticket_id):
        return BLANK
    restoration = plans.find_by_ticket(ticket_id)
    if restoration is None or not _may_see(restoration):
        return BLANK
    return _document(restoration, amounts=True)


def view_for_agent(ticket_id: UUID) -> Document:
    """The plan as an agent sees it: what is asked and what came back, amounts only once `basic` is reached."""
    restoration = plans.find_by_ticket(ticket_id)
    if restoration is None:
        return BLANK
    document = _document(restoration, amounts=_may_see(restoration))
    document["version"] = restoration.version
    document["contested"] = verification.is_contested(restoration.account_id)
    return document


def _may_see(restoration: Restoration) -> bool:
    return verdict_on(restoration, "see_amounts", clock.now()).allowed


def _document(restoration: Restoration, *, amounts: bool) -> Document:
    return {
        "mode": restoration.mode.value,
        "state": restoration.state.value,
        "actions": [
            {
                "action": row.action,
                "part": row.part or None,
                "state": row.state.value,
                "awaits_confirmation": awaits_confirmation(row),
                "not_before": row.not_before,
                "applied_at": row.applied_at,
                "version": row.version,
            }
            for row in plans.list_actions(restoration.id)
        ],
        "entitlements": [_entitlement(row, amounts) for row in list_entitlements(restoration.id)],
    }


def awaits_confirmation(row: RestorationAction) -> bool:
    """Whether an action waits for the code that was sent to its new channel."""
    return row.state is ActionState.PLANNED and row.challenge_id is not None and row.confirmed_at is None


def _entitlement(row: Entitlement, amounts: bool) -> Document:
    return {
        "kind": row.kind.value,
        "expected": _shown(row.expected) if amounts else None,
        "actual": _shown(row.actual) if amounts and row.actual else None,
        "difference": row.difference if amounts else None,
        "state": row.state.value,
    }


def _shown(value: Document) -> Any:
    """Yen and points as a number, Prime as its three facts."""
    return value.get("amount", value)
