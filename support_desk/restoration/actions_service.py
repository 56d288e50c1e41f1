"""The life of an action: planned, authorised by a grant, held, applied once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.accounts.errors import AddressTaken
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db, new_id
from support_desk.outbox import service as outbox
from support_desk.restoration import plans
from support_desk.restoration.effects import CHANGE, EFFECTS, SPEND
from support_desk.restoration.entitlements_service import reconcile
from support_desk.restoration.models import (
    ActionState,
    Restoration,
    RestorationAction,
    RestorationState,
)
from support_desk.restoration.notices import stop_hash, tell
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Issue
from support_desk.verification import service as verification
from support_desk.verification.errors import GrantRefused, NotVerified
from support_desk.verification.policy import Verdict

# The policy's rows by which each restriction is lifted.
LIFTS = {SPEND: "lift_spend", CHANGE: "lift_change"}
# Troubles that end with another channel: a password alone does not settle them.
LOST_CHANNEL = (Issue.FORGOT_EMAIL, Issue.EMAIL_UNREACHABLE, Issue.TWO_STEP_UNAVAILABLE)


def verdict_on(restoration: Restoration, action: str, at: datetime) -> Verdict:
    """What verification says of an action of this case."""
    return verification.verdict(restoration.ticket_id, action, at=at, context=plans.context_of(restoration))


def plan(
    restoration: Restoration, action: str, *, part: str = "", new_email: str | None = None
) -> RestorationAction:
    """Write an action down; nothing happens by it."""
    row = RestorationAction(
        id=new_id(), restoration_id=restoration.id, action=action, part=part, new_email=new_email
    )
    row.stop_hash = stop_hash(row.id)
    db.session.add(row)
    db.session.flush()
    audit.record("ticket", restoration.ticket_id, "restoration:action:planned", action=action, part=part)
    return row


def authorise(restoration: Restoration, row: RestorationAction, *, approvers: tuple[UUID, ...] = ()) -> None:
    """Take a grant for a planned action and hold it, or apply it where there is no hold; raises NotVerified."""
    at = clock.now()
    grant = verification.mint_grant(
        restoration.ticket_id,
        row.action,
        at=at,
        approvers=approvers,
        context=plans.context_of(restoration),
    )
    row.grant_id = grant.id
    row.not_before = max(grant.not_before, at)
    row.state = ActionState.ON_HOLD
    restoration.state = RestorationState.IN_PROGRESS
    db.session.flush()
    audit.record(
        "ticket",
        restoration.ticket_id,
        "restoration:action:authorised",
        action=row.action,
        part=row.part,
        not_before=row.not_before.isoformat(),
    )
    if row.not_before <= at:
        apply(restoration, row)
        return
    promise_effect(row)
    if row.action not in LIFTS.values():
        tell(restoration, row, "on_hold")
        _move(restoration, "on_hold", why=f"{row.action} on hold")


def promise_effect(row: RestorationAction) -> None:
    """Promise that a held action is applied when its hold ends."""
    assert row.not_before is not None
    outbox.promise(
        "restoration.apply",
        due_at=row.not_before,
        dedupe=f"restoration.apply:{row.id}:{row.not_before.isoformat()}",
        action_id=row.id,
    )


def apply_held(action_id: UUID) -> None:
    """Apply an action whose hold is over; whatever else came in between, at most once and never early."""
    found = db.session.get(RestorationAction, action_id)
    if found is None:
        return
    restoration = plans.lock(found.restoration_id)
    db.session.refresh(found)
    if found.state is not ActionState.ON_HOLD or found.not_before is None or found.not_before > clock.now():
        return
    apply(restoration, found)


def apply(restoration: Restoration, row: RestorationAction) -> None:
    """The effect, with its grant, its notices and what follows from it, in one transaction."""
    assert row.grant_id is not None
    try:
        grant = verification.consume_grant(
            row.grant_id, account_id=restoration.account_id, action=row.action, at=clock.now()
        )
    except GrantRefused:
        end(restoration, row, ActionState.EXPIRED)
        return
    try:
        with db.session.begin_nested():
            EFFECTS[row.action](restoration, row)
    except AddressTaken:
        end(restoration, row, ActionState.EXPIRED)
        return
    row.state, row.applied_at, row.ended_at = ActionState.APPLIED, clock.now(), clock.now()
    if row.action == "set_password":
        restoration.reset_groups = list(grant.groups)
    db.session.flush()
    audit.record("ticket", restoration.ticket_id, "restoration:action:applied", action=row.action, part=row.part)
    tell(restoration, row, "applied")
    follow_up(restoration, row)


def follow_up(restoration: Restoration, row: RestorationAction) -> None:
    """After an effect: held actions get grants for the account as it is now, and restrictions are looked at."""
    if row.action not in LIFTS.values():
        for held in plans.list_held(restoration.id):
            if held.action in LIFTS.values():
                end(restoration, held, ActionState.CANCELLED)
            else:
                _renew(restoration, held, after=row)
        lift_by_itself(restoration)
    _settle(restoration)


def lift_by_itself(restoration: Restoration) -> None:
    """Lift without being asked, save where a lost channel is still to be replaced: there the customer asks."""
    issue = tickets.get_ticket(restoration.ticket_id).issue
    if issue in LOST_CHANNEL and restoration.channel_replaced_at is None:
        return
    review_restrictions(restoration)


def _renew(restoration: Restoration, held: RestorationAction, *, after: RestorationAction) -> None:
    """This case changed the account, so that its older grants are dead: renew one, with the hold that has run."""
    assert held.grant_id is not None
    assert after.grant_id is not None
    try:
        grant = verification.renew_grant(
            held.grant_id, after=after.grant_id, at=clock.now(), context=plans.context_of(restoration)
        )
    except (NotVerified, GrantRefused):
        end(restoration, held, ActionState.EXPIRED)
        return
    held.grant_id = grant.id
    if held.not_before is None or grant.not_before > held.not_before:
        held.not_before = grant.not_before
        promise_effect(held)
    db.session.flush()


def review_restrictions(restoration: Restoration) -> list[RestorationAction]:
    """Lift what may be lifted now and promise the lifting of the rest, never later than promised before."""
    touched = []
    for restriction in accounts.restrictions(restoration.account_id):
        name = LIFTS[restriction.part]
        verdict = verdict_on(restoration, name, clock.now())
        if not verdict.allowed or verdict.not_before is None:
            accounts.announce_lifting(
                restoration.account_id, restriction.part, until=None, lift_with=verdict.needs
            )
            continue
        row = plans.find_live(restoration.id, name, restriction.part)
        if row is not None and row.not_before is not None and row.not_before <= verdict.not_before:
            touched.append(row)
            continue
        if row is not None:
            end(restoration, row, ActionState.CANCELLED)
        row = plan(restoration, name, part=restriction.part)
        authorise(restoration, row)
        if row.state is ActionState.ON_HOLD:
            accounts.announce_lifting(
                restoration.account_id, restriction.part, until=row.not_before, lift_with=verdict.sooner
            )
        touched.append(row)
    return touched


def end(restoration: Restoration, row: RestorationAction, state: ActionState) -> None:
    """An action ends without effect."""
    row.state, row.ended_at = state, clock.now()
    row.new_password_hash = None
    db.session.flush()
    audit.record("ticket", restoration.ticket_id, f"restoration:action:{state}", action=row.action, part=row.part)
    if row.action not in LIFTS.values() and state is ActionState.EXPIRED:
        tell(restoration, row, "expired")


def _settle(restoration: Restoration) -> None:
    """All back and nothing under way: the case is restored; one that the assistant opened is solved by it."""
    back = reconcile(restoration)
    under_way = plans.list_held(restoration.id) or accounts.restrictions(restoration.account_id)
    ticket = tickets.get_ticket(restoration.ticket_id)
    if not under_way and back:
        restoration.state = RestorationState.RESTORED
        db.session.flush()
        audit.record("ticket", restoration.ticket_id, "restoration:plan:restored")
        if ticket.channel == "assistant":
            _move(restoration, "solved", why="restored")
    elif ticket.status == "on_hold" and not _holds_account(restoration):
        _move(restoration, "open", why="hold over")


def _holds_account(restoration: Restoration) -> bool:
    return any(row.action not in LIFTS.values() for row in plans.list_held(restoration.id))


def _move(restoration: Restoration, status: str, *, why: str) -> None:
    """Move the ticket where its life allows it; a solved or closed one stays."""
    ticket = tickets.get_ticket(restoration.ticket_id)
    if ticket.status in ("solved", "closed") or ticket.status == status:
        return
    tickets.move(ticket.id, status, why=why)
