"""Signing in with e-mail or phone and password: one answer and equal work for everything that fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from support_desk.accounts.directory_service import signs_in_with
from support_desk.accounts.identifiers import read_identifier
from support_desk.accounts.models import ChannelKind, Customer, CustomerChannel
from support_desk.accounts.passwords import LONGEST
from support_desk.accounts.passwords_service import verify_password
from support_desk.accounts.second_step_service import begin_second_step
from support_desk.accounts.sessions_service import open_session
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.budgets import Rule, give_back, spend
from support_desk.core.db import db
from support_desk.core.errors import TooManyRequests

WINDOW = timedelta(minutes=15)
# Few tries from one network, so that a stranger elsewhere uses up nothing of the owner's; many from all together.
FROM_ONE_NETWORK = Rule("sign-in-identifier-network", 20, WINDOW)
FROM_EVERYWHERE = Rule("sign-in-identifier", 200, WINDOW)
OF_A_NETWORK = Rule("sign-in-network", 300, WINDOW)


@dataclass(frozen=True)
class SignIn:
    """A right password: a session's token, or with 2-step on the token that the second step is done with."""

    token: str | None = None
    second_step_token: str | None = None


def sign_in(identifier: str, password: str, *, network: str) -> SignIn | None:
    """What a right password opens, or None for every reason that it opens nothing: the try is counted either way.

    Raises TooManyRequests when the network tried too often, whatever it tried.
    """
    at = clock.now()
    if not spend(f"sign-in:{network}", OF_A_NETWORK, at=at):
        raise TooManyRequests(retry_after_seconds=int(WINDOW.total_seconds()))
    # What is no address takes the same way as one that nobody has.
    kind, address = read_identifier(identifier) or (ChannelKind.EMAIL, identifier.strip())
    tried = ((f"sign-in:{address}:{network}", FROM_ONE_NETWORK), (f"sign-in:{address}", FROM_EVERYWHERE))
    spent = [spend(key, rule, at=at) for key, rule in tried]
    customer = _find(kind, address)
    known = verify_password(customer.password_hash if customer else None, password[: LONGEST + 1])
    if customer is None or not known or not all(spent) or not _may_sign_in(customer):
        return None
    for key, rule in tried:
        give_back(key, rule, at=at)
    if customer.two_step:
        return SignIn(second_step_token=begin_second_step(customer.id))
    audit.record("account", customer.id, "account:session:opened")
    return SignIn(open_session(customer.id))


def _find(kind: ChannelKind, address: str) -> Any | None:
    """Who signs in with this address: one statement, whether or not there is anybody."""
    return db.session.execute(
        sa.select(
            Customer.id, Customer.password_hash, Customer.closed_at, Customer.suspended_at, Customer.two_step
        )
        .join(CustomerChannel, CustomerChannel.account_id == Customer.id)
        .where(signs_in_with(kind, address))
    ).one_or_none()


def _may_sign_in(customer: Any) -> bool:
    """Closed and suspended accounts do not."""
    return customer.closed_at is None and customer.suspended_at is None
