"""Finding the account a ticket means, in the worker: nothing of it shows in any answer to the claimant."""

from __future__ import annotations

from uuid import UUID

from support_desk.accounts import service as accounts
from support_desk.accounts.views import AccountView, Match
from support_desk.core import clock
from support_desk.core.events import announce
from support_desk.core.japan import (
    name_keys,
    normalise_email,
    normalise_order_number,
    normalise_phone,
    normalise_postal_code,
)
from support_desk.core.secrets import mac
from support_desk.tickets import service as tickets
from support_desk.tickets.events import TicketResolved
from support_desk.tickets.models import Ticket, TicketChannel
from support_desk.verification.resolving import Holder, Resolution, leading, resolve_alone
from support_desk.verification.resolving import resolve as resolve_leaders
from support_desk.verification.value import value_at_risk


def resolve(ticket_id: UUID) -> None:
    """Decide which account a ticket means, note it with its value at risk, and announce TicketResolved.

    May be called again when the claimant has added something: an account once found stays, since what was shown
    so far is about it. A ticket over its identifiers' budget stays unresolved.
    """
    ticket = tickets.lock_ticket(ticket_id)
    if ticket.account_id is not None or ticket.closed_at is not None:
        return
    found = None if ticket.over_budget else _find(ticket)
    if found is None or found.account_id is None:
        tickets.set_resolution(ticket_id, None, None, budget_key=_key_of_identifier(ticket))
        announce(TicketResolved(ticket_id, None))
        return
    account = accounts.get_account(found.account_id)
    tickets.set_resolution(
        ticket_id,
        account.id,
        account.public_id,
        budget_key=account_budget_key(account.id),
        linked=[accounts.get_account(linked).public_id for linked in found.linked],
    )
    value = value_at_risk(accounts.holdings(account.id), today=clock.today())
    tickets.set_value_at_risk(ticket_id, value.yen, value.tier.value)
    announce(TicketResolved(ticket_id, account.id))


def account_budget_key(account_id: UUID) -> bytes:
    """What tries against an account are counted by, whichever ticket they come through."""
    return mac("budget", "account", account_id)


def _find(ticket: Ticket) -> Resolution:
    matches = _matches(ticket)
    leaders = leading((match.account_id, match.kind) for match in matches)
    found = resolve_leaders([_holder(accounts.get_account(account_id)) for account_id in leaders])
    if found.account_id is None and ticket.channel is TicketChannel.ASSISTANT:
        # The assistant sends its code to the registered mailbox and nowhere else.
        return resolve_alone(match.account_id for match in _by_email(ticket) if not match.former)
    return found


def _matches(ticket: Ticket) -> list[Match]:
    return accounts.find_matches(
        emails=_present(normalise_email(ticket.claimed_email), normalise_email(ticket.contact_email)),
        phones=_present(normalise_phone(ticket.claimed_phone), normalise_phone(ticket.contact_phone)),
        name_keys=name_keys(ticket.contact_name, ticket.contact_name_kana),
        postal_codes=_present(normalise_postal_code(ticket.claimed_postal_code)),
        order_numbers=_present(normalise_order_number(ticket.claimed_order_number)),
    )


def _by_email(ticket: Ticket) -> list[Match]:
    return accounts.find_matches(emails=_present(normalise_email(ticket.claimed_email or ticket.contact_email)))


def _present(*values: str | None) -> list[str]:
    return [value for value in values if value is not None]


def _holder(account: AccountView) -> Holder:
    return Holder(account.id, account.name_key, account.kana_key, account.address_keys, account.newest_order_on)


def _key_of_identifier(ticket: Ticket) -> bytes:
    """The strongest identifier that the ticket names; without any, the ticket itself."""
    named = (
        ("email", normalise_email(ticket.claimed_email)),
        ("email", normalise_email(ticket.contact_email)),
        ("phone", normalise_phone(ticket.claimed_phone)),
        ("phone", normalise_phone(ticket.contact_phone)),
        ("order_number", normalise_order_number(ticket.claimed_order_number)),
    )
    kind, value = next(((kind, value) for kind, value in named if value), ("ticket", str(ticket.id)))
    return mac("budget", kind, value)
