"""Restoration: everything back, to the yen, and stoppable. The façade for the features above."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.accounts.errors import AddressTaken
from support_desk.accounts.models import ChannelKind
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import Problem
from support_desk.core.japan import normalise_email
from support_desk.outbox import service as outbox
from support_desk.restoration import plans
from support_desk.restoration.actions_service import (
    apply_held,
    authorise,
    lift_by_itself,
    plan,
    review_restrictions,
    verdict_on,
)
from support_desk.restoration.entitlements_service import reconcile, take_snapshot
from support_desk.restoration.errors import (
    ActionNotOffered,
    ActionUnderWay,
    EntitlementsOpen,
    NotAnAddress,
    NothingToConfirm,
    NothingToLift,
    TwoAgentsNeeded,
)
from support_desk.restoration.models import ActionState, Restoration, RestorationAction
from support_desk.restoration.notices import tell
from support_desk.restoration.stop_service import stop, stop_preview
from support_desk.tickets.events import TicketResolved, TicketSolving
from support_desk.verification import service as verification
from support_desk.verification.errors import NotVerified
from support_desk.verification.events import EvidenceShown

__all__ = [
    "ActionResult",
    "apply_held",
    "confirm_channel",
    "expect_entitlements",
    "plan_for_agent",
    "prepare",
    "request_action",
    "review",
    "stop",
    "stop_preview",
]

AWAITS_CONFIRMATION = "awaits_confirmation"
NEEDS_AGENTS = "needs_agents"
WAITS_FOR_NOTICE = "waits_for_notice"
OWN_STEPS = ("set_password", "replace_email", "lift_restrictions")


@dataclass(frozen=True)
class ActionResult:
    """Where an action stands after it was asked for."""

    state: str
    not_before: datetime | None = None


def prepare(event: TicketResolved) -> None:
    """When a ticket resolves: the plan's row, and the snapshot of what must come back."""
    if event.account_id is None or plans.find_by_ticket(event.ticket_id) is not None:
        return
    restoration = Restoration(ticket_id=event.ticket_id, account_id=event.account_id, reset_groups=[])
    db.session.add(restoration)
    db.session.flush()
    take_snapshot(restoration)
    audit.record("ticket", event.ticket_id, "restoration:snapshot:taken")


def expect_entitlements(event: TicketSolving) -> None:
    """A ticket whose plan had an effect cannot be solved while an entitlement is pending or mismatched."""
    restoration = plans.find_by_ticket(event.ticket_id)
    if restoration is None:
        return
    applied = any(row.state is ActionState.APPLIED for row in plans.list_actions(restoration.id))
    if applied and not reconcile(restoration):
        raise EntitlementsOpen


def request_action(
    ticket_id: UUID,
    action: str,
    *,
    new_password: str | None = None,
    new_email: str | None = None,
    pointer: str = "/new_password",
) -> ActionResult:
    """A step asked for by the customer; raises NotVerified alike for every unresolved or unproven case."""
    if action not in OWN_STEPS:
        raise ActionNotOffered
    restoration = _locked(ticket_id)
    if action == "lift_restrictions":
        return _lift(restoration)
    verdict = verdict_on(restoration, action, clock.now())
    waits = not verdict.allowed and "notice" in verdict.needs
    if not verdict.allowed and not waits:
        raise NotVerified
    if action == "set_password":
        return _set_password(restoration, new_password or "", pointer, waits=waits)
    return _ask_new_email(restoration, new_email or "")


def _locked(ticket_id: UUID) -> Restoration:
    """The plan of a case in which something was shown; every other case is refused by the same work."""
    if not verification.has_standing(ticket_id):
        raise NotVerified
    restoration = plans.find_by_ticket(ticket_id)
    if restoration is None:
        raise NotVerified
    return plans.lock(restoration.id)


def _lift(restoration: Restoration) -> ActionResult:
    if not verdict_on(restoration, "see_amounts", clock.now()).allowed:
        raise NotVerified  # whether anything is restricted is told to whoever proved enough
    if not accounts.restrictions(restoration.account_id):
        raise NothingToLift
    rows = review_restrictions(restoration)
    if not rows:
        raise NotVerified
    held = [row for row in rows if row.state is ActionState.ON_HOLD]
    if not held:
        return ActionResult(ActionState.APPLIED.value)
    return ActionResult(ActionState.ON_HOLD.value, max(row.not_before for row in held if row.not_before))


def _set_password(restoration: Restoration, new_password: str, pointer: str, *, waits: bool) -> ActionResult:
    accounts.check_password(restoration.account_id, new_password, pointer=pointer)
    row = plans.find_live(restoration.id, "set_password")
    if row is not None and row.state is ActionState.ON_HOLD:
        raise ActionUnderWay
    row = row or plan(restoration, "set_password")
    row.new_password_hash = accounts.hash_password(new_password)
    db.session.flush()
    if waits:
        _ask_again_later(restoration, row)
        return ActionResult(WAITS_FOR_NOTICE)
    authorise(restoration, row)
    return ActionResult(row.state.value, row.not_before)


def _ask_again_later(restoration: Restoration, row: RestorationAction) -> None:
    """The policy wants a notice to have arrived first: send it, and decide again when it has."""
    tell(restoration, row, "requested")
    outbox.promise(
        "restoration.authorise_noticed",
        due_at=clock.now() + timedelta(minutes=1),
        dedupe=f"restoration.authorise_noticed:{row.id}",
        action_id=row.id,
    )


def _ask_new_email(restoration: Restoration, new_email: str) -> ActionResult:
    address = new_email.strip()
    if normalise_email(address) is None:
        raise NotAnAddress(errors=[Problem("/new_email", "invalid", NotAnAddress.ja)])
    row = plans.find_live(restoration.id, "replace_email")
    if row is not None and row.state is ActionState.ON_HOLD:
        raise ActionUnderWay
    row = row or plan(restoration, "replace_email")
    challenge = verification.start_confirmation(restoration.ticket_id, kind="email_code", address=address)
    row.new_email, row.challenge_id, row.confirmed_at = address, challenge.id, None
    db.session.flush()
    return ActionResult(AWAITS_CONFIRMATION)


def confirm_channel(ticket_id: UUID, action: str, code: str) -> ActionResult | None:
    """The code that was sent to the new channel; None, counted, when it is not that code.

    The hold starts with the right code, and not before.
    """
    restoration = _locked(ticket_id)
    row = plans.find_live(restoration.id, action)
    if row is None or row.challenge_id is None or row.state is not ActionState.PLANNED:
        raise NothingToConfirm
    answer = verification.answer_confirmation(ticket_id, row.challenge_id, code)
    if answer is not verification.CodeAnswer.ACCEPTED:
        audit.record("ticket", ticket_id, "restoration:channel:refused", action=action)
        return None
    if row.new_email and accounts.find_account_by_channel(ChannelKind.EMAIL, normalise_email(row.new_email) or ""):
        # Whoever reads this mailbox may know: the address signs in to another account.
        raise AddressTaken
    row.confirmed_at = clock.now()
    db.session.flush()
    audit.record("ticket", ticket_id, "restoration:channel:confirmed", action=action)
    return _begin_confirmed(restoration, row)


def _begin_confirmed(
    restoration: Restoration, row: RestorationAction, approvers: tuple[UUID, ...] = ()
) -> ActionResult:
    verdict = verdict_on(restoration, row.action, clock.now())
    if not verdict.allowed:
        raise NotVerified
    if verdict.agents > len(approvers):
        return ActionResult(NEEDS_AGENTS)
    authorise(restoration, row, approvers=approvers)
    return ActionResult(row.state.value, row.not_before)


def plan_for_agent(ticket_id: UUID, action: str, *, new_email: str | None = None) -> ActionResult:
    """An agent writes down, for a claimant on the phone, what the claimant could ask for alone."""
    if action not in ("replace_email", "lift_restrictions"):
        raise ActionNotOffered
    return request_action(ticket_id, action, new_email=new_email)


def authorise_by_agent(ticket_id: UUID, action: str, agent_id: UUID) -> ActionResult:
    """An agent adds their approval where one suffices; the level is verification's to give, not theirs."""
    restoration = _locked(ticket_id)
    row = plans.find_live(restoration.id, action)
    verdict = verdict_on(restoration, action, clock.now())
    if not verdict.allowed:
        raise NotVerified
    if row is None:
        raise ActionNotOffered
    if row.state is ActionState.ON_HOLD:
        return ActionResult(row.state.value, row.not_before)
    if row.challenge_id is not None and row.confirmed_at is None:
        return ActionResult(AWAITS_CONFIRMATION)
    if verdict.agents > 1:
        raise TwoAgentsNeeded
    return _begin_confirmed(restoration, row, approvers=(agent_id,))


def review(event: EvidenceShown) -> None:
    """Something new was proved: restrictions that may be lifted now are lifted."""
    restoration = plans.find_by_ticket(event.ticket_id)
    if restoration is not None and restoration.reset_at is not None:
        lift_by_itself(plans.lock(restoration.id))


def authorise_noticed(action_id: UUID) -> None:
    """A planned action that waited for its notice is looked at again."""
    row = db.session.get(RestorationAction, action_id)
    if row is None or row.state is not ActionState.PLANNED:
        return
    restoration = plans.lock(row.restoration_id)
    if verdict_on(restoration, row.action, clock.now()).allowed:
        authorise(restoration, row)
