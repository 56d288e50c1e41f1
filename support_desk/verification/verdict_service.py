"""The verdict on an action: evidence, value at risk and what is known of the case, put to the policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.tickets import service as tickets
from support_desk.tickets.models import Ticket
from support_desk.verification import contested_service
from support_desk.verification.deciding import decide
from support_desk.verification.evidence_service import list_evidence
from support_desk.verification.policy import NO_LEVEL, Context, Tier, Verdict
from support_desk.verification.policy_file import policy_in_force

# What a claim lacks that names no account: nobody is told this, the agent sees it.
ACCOUNT = "account"


def verdict(ticket_id: UUID, action: str, *, at: datetime, context: Context | None = None) -> Verdict:
    """What the policy says of an action in this case; KeyError for an action it does not know.

    `context` is what the feature that acts knows of the case; an account in dispute is known here.
    """
    return verdict_on(tickets.get_ticket(ticket_id), action, at=at, context=context)


def verdict_on(ticket: Ticket, action: str, *, at: datetime, context: Context | None = None) -> Verdict:
    """The same, of a ticket that is at hand."""
    policy = policy_in_force()
    if ticket.account_id is None:
        return Verdict(action, False, NO_LEVEL, 0, 0, (ACCOUNT,), None, policy.version)
    known = context or own_context(ticket.account_id)
    if contested_service.is_contested(ticket.account_id):
        known = replace(known, contested=True)
    return decide(policy, list_evidence(ticket), value_tier(ticket), action, known, at)


def value_tier(ticket: Ticket) -> Tier:
    """The tier of the value at risk; as long as nobody weighed it, the highest."""
    return Tier(ticket.value_tier) if ticket.value_tier else Tier.V3


def own_context(account_id: UUID) -> Context:
    """What can be told of the case from the account alone: since when it is restricted, and by what."""
    restrictions = accounts.restrictions(account_id)
    if not restrictions:
        return Context()
    reset_at = min(each.since for each in restrictions)
    replaced = any(
        channel.state == "current" and channel.set_by_desk and channel.since >= reset_at
        for channel in accounts.channels(account_id)
    )
    return Context(reset_at=reset_at, channel_replaced=replaced)
