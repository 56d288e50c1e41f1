"""Notices: every registered channel, and every one replaced lately, is told in the same transaction."""

from __future__ import annotations

from datetime import timedelta

from support_desk.accounts import service as accounts
from support_desk.accounts.views import Channel
from support_desk.core import clock
from support_desk.core.secrets import derive_token, token_hash
from support_desk.notifications import service as notifications
from support_desk.restoration.models import Restoration, RestorationAction
from support_desk.tickets import service as tickets

STOP = "stop"
REPLACED_LATELY = timedelta(days=90)


def stop_hash(action_id: object) -> bytes:
    """What an action's stop link is found by; the link itself is derived when a notice is sent."""
    return token_hash(derive_token(STOP, action_id))


def channels_to_tell(restoration: Restoration) -> list[Channel]:
    """The registered channels and those replaced in the last 90 days."""
    since = clock.now() - REPLACED_LATELY
    return [
        channel
        for channel in accounts.channels(restoration.account_id)
        if channel.state == "current" or (channel.left_at is not None and channel.left_at >= since)
    ]


def tell(restoration: Restoration, action: RestorationAction, stage: str) -> None:
    """Promise the notice of a stage (`requested`, `on_hold`, `applied`, `stopped`, `expired`) to every channel.

    The text is Japanese with an English part: whoever opened the case does not choose the owner's language.
    """
    reference = tickets.get_ticket(restoration.ticket_id).reference
    template = "restoration_on_hold" if stage == "requested" else f"restoration_{stage}"
    for number, channel in enumerate(channels_to_tell(restoration)):
        notify = notifications.notify_email if channel.kind == "email" else notifications.notify_sms
        notify(
            template,
            to=channel.address,
            language="ja",
            dedupe=f"restoration:{action.id}:{stage}:{channel.kind}:{number}",
            subject_ref=("restoration", restoration.id),
            reference=reference,
            action="lift_restrictions" if action.part else action.action,
            part=action.part or None,
            at=clock.now(),
            not_before=action.not_before if stage == "on_hold" else None,
            link={"path": "/stop/{token}", "purpose": STOP, "parts": [str(action.id)]},
        )
