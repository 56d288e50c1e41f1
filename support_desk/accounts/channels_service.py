"""Replacing the addresses that reach a customer; a replaced one stays known as a former one."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from support_desk.accounts.commands_service import apply_once, locked_customer
from support_desk.accounts.errors import AddressTaken
from support_desk.accounts.identifiers import identifier_mac
from support_desk.accounts.models import (
    ChannelKind,
    ChannelState,
    Customer,
    CustomerChannel,
    CustomerIdentifier,
    IdentifierKind,
)
from support_desk.accounts.sessions_service import end_sessions
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.db import db
from support_desk.core.errors import Unprocessable
from support_desk.core.japan import normalise_email, normalise_phone


def replace_email(account_id: UUID, new_email: str, *, key: str, set_by_desk: bool = True) -> int:
    """Make a confirmed e-mail address the one that signs in; every session ends. Returns the account's version.

    Raises AddressTaken where another account signs in with it.
    """
    return _replace(account_id, ChannelKind.EMAIL, new_email, normalise_email(new_email), key, set_by_desk)


def replace_phone(account_id: UUID, new_phone: str, *, key: str, set_by_desk: bool = True) -> int:
    """Make a confirmed phone number the account's; every session ends. Returns the account's version.

    An account that had the number until now loses it: whoever confirmed it last holds it.
    """
    phone = normalise_phone(new_phone)
    return _replace(account_id, ChannelKind.PHONE, phone or new_phone, phone, key, set_by_desk)


def _replace(
    account_id: UUID, kind: ChannelKind, address: str, normalised: str | None, key: str, set_by_desk: bool
) -> int:
    if normalised is None:
        raise Unprocessable(f"the {kind.value} is malformed")
    mac = identifier_mac(kind, normalised)

    def replace(customer: Customer) -> None:
        current = _current(customer.id, kind)
        if current is not None and current.mac == mac:
            return
        _free(kind, mac)
        if current is not None:
            _leave(current)
        channel = CustomerChannel(
            account_id=customer.id,
            kind=kind,
            state=ChannelState.CURRENT,
            address=address,
            mac=mac,
            since=clock.now(),
            confirmed_at=clock.now(),
            set_by_desk=set_by_desk,
        )
        try:
            with db.session.begin_nested():
                db.session.add(channel)
        except IntegrityError:  # another account was given the address this moment
            raise AddressTaken from None
        _name(customer.id, kind, mac)
        customer.account_version += 1
        end_sessions(customer.id)
        audit.record(
            "account",
            customer.id,
            f"account:{kind.value}:replaced",
            by_desk=set_by_desk,
            version=customer.account_version,
        )

    return apply_once(account_id, f"replace_{kind.value}", key, replace)


def _current(account_id: UUID, kind: ChannelKind) -> CustomerChannel | None:
    return db.session.scalar(
        sa.select(CustomerChannel).where(
            CustomerChannel.account_id == account_id,
            CustomerChannel.kind == kind,
            CustomerChannel.state == ChannelState.CURRENT,
        )
    )


def _free(kind: ChannelKind, mac: bytes) -> None:
    """Make sure that no other account signs in with the address: an e-mail is refused, a phone number taken."""
    other = db.session.scalar(
        sa.select(CustomerChannel).where(
            CustomerChannel.kind == kind,
            CustomerChannel.mac == mac,
            CustomerChannel.state == ChannelState.CURRENT,
            CustomerChannel.confirmed_at.is_not(None),
        )
    )
    if other is None:
        return
    if kind is ChannelKind.EMAIL:
        raise AddressTaken
    loser = locked_customer(other.account_id)
    _leave(other)
    loser.account_version += 1
    audit.record("account", loser.id, "account:phone:taken", version=loser.account_version)


def _leave(channel: CustomerChannel) -> None:
    channel.state = ChannelState.FORMER
    channel.left_at = clock.now()
    db.session.flush()
    db.session.execute(
        sa.update(CustomerIdentifier)
        .where(
            CustomerIdentifier.account_id == channel.account_id,
            CustomerIdentifier.kind == IdentifierKind(channel.kind.value),
            CustomerIdentifier.mac == channel.mac,
        )
        .values(former=True, left_at=channel.left_at)
    )


def _name(account_id: UUID, kind: ChannelKind, mac: bytes) -> None:
    """The address names the account from now on, also where it did before."""
    row = insert(CustomerIdentifier).values(
        kind=IdentifierKind(kind.value), mac=mac, account_id=account_id, former=False, left_at=None
    )
    db.session.execute(
        row.on_conflict_do_update(
            index_elements=["kind", "mac", "account_id"], set_={"former": False, "left_at": None}
        )
    )
