"""Recording what was done, in the transaction that does it."""

from __future__ import annotations

import re
from uuid import UUID

import sqlalchemy as sa

from support_desk.audit.models import AuditEntry
from support_desk.core import clock
from support_desk.core.access import caller
from support_desk.core.db import db
from support_desk.core.http import RequestRefused, request_id

_TAG = re.compile(r"[a-z_]+(:[a-z_]+){1,3}")
_MAX_TEXT = 200
_MAX_REASON = 500
_PERSONAL = re.compile(r"@|[^\x20-\x7e]|\+\d{9,}")


def record(
    subject: str,
    subject_id: UUID | str,
    tag: str,
    *,
    reason: str | None = None,
    **data: str | int | bool | UUID | None,
) -> None:
    """Write one entry about a subject; who acts and in which request is taken from the present call.

    `tag` reads `subject:thing:verb`. `data` holds codes, ids and numbers: a text that could name a person
    (an `@`, a phone number, anything but printable ASCII) raises ValueError. `reason` is an agent's own words.
    """
    if not _TAG.fullmatch(tag):
        raise ValueError(f"an audit tag reads subject:thing:verb, not {tag!r}")
    for name, value in data.items():
        if isinstance(value, str) and (len(value) > _MAX_TEXT or _PERSONAL.search(value)):
            raise ValueError(f"{name} of {tag} may hold personal data: record a code or an id")
    who, asked = caller(), request_id()
    db.session.add(
        AuditEntry(
            subject=subject,
            subject_id=str(subject_id),
            tag=tag,
            actor_kind=who.kind,
            actor_id=who.id,
            request_id=None if asked == "-" else asked,
            reason=reason[:_MAX_REASON] if reason else None,
            data={name: str(value) if isinstance(value, UUID) else value for name, value in data.items()},
            at=clock.now(),
        )
    )


def record_refusal(refused: RequestRefused) -> None:
    """Write down that somebody known asked for what they may not do; of strangers nothing is kept."""
    who = caller()
    if who.agent_id is not None:
        record("agent", who.agent_id, "agent:request:refused", code=refused.code, endpoint=refused.endpoint)
    elif who.ticket_id is not None:
        record("ticket", who.ticket_id, "ticket:request:refused", code=refused.code, endpoint=refused.endpoint)
    elif who.account_id is not None:
        record("account", who.account_id, "account:request:refused", code=refused.code, endpoint=refused.endpoint)


def list_entries(subject: str, subject_id: UUID | str) -> list[AuditEntry]:
    """The entries about one subject, oldest first."""
    return list(
        db.session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.subject == subject, AuditEntry.subject_id == str(subject_id))
            .order_by(AuditEntry.id)
        )
    )
