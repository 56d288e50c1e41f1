"""What each action does to the account: idempotent commands of the directory, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from support_desk.accounts import service as accounts
from support_desk.core import clock
from support_desk.restoration.models import Restoration, RestorationAction

SPEND, CHANGE = "spend", "change"
PARTS = (SPEND, CHANGE)


def _key(action: RestorationAction) -> str:
    return f"restoration:{action.id}"


def set_password(restoration: Restoration, action: RestorationAction) -> None:
    """A new password; the account signs in restricted, and every older session is over."""
    assert action.new_password_hash is not None
    accounts.set_password(restoration.account_id, action.new_password_hash, key=_key(action))
    accounts.restrict(restoration.account_id, parts=PARTS, key=_key(action))
    restoration.reset_at = clock.now()
    action.new_password_hash = None


def replace_email(restoration: Restoration, action: RestorationAction) -> None:
    """Another e-mail address; the account stays or becomes restricted."""
    assert action.new_email is not None
    accounts.replace_email(restoration.account_id, action.new_email, key=_key(action), set_by_desk=True)
    accounts.restrict(restoration.account_id, parts=PARTS, key=_key(action))
    restoration.channel_replaced_at = clock.now()


def lift_restriction(restoration: Restoration, action: RestorationAction) -> None:
    """One part of the restrictions ends."""
    accounts.lift_restriction(restoration.account_id, action.part, key=_key(action))


EFFECTS: dict[str, Callable[[Restoration, RestorationAction], None]] = {
    "set_password": set_password,
    "replace_email": replace_email,
    "lift_spend": lift_restriction,
    "lift_change": lift_restriction,
}
