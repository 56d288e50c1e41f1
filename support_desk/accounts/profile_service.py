"""What a signed-in customer sees of the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from support_desk.accounts.directory_service import get_account
from support_desk.accounts.holdings_service import holdings
from support_desk.accounts.masking import masked_email, masked_name, masked_phone
from support_desk.accounts.restrictions_service import restrictions
from support_desk.accounts.views import Prime, Restriction


@dataclass(frozen=True)
class Profile:
    """The account as its owner sees it: identity masked, value whole."""

    account_id: str
    name: str | None
    email: str | None
    phone: str | None
    prefecture: str | None
    registered_at: datetime
    gift_balance_yen: int
    points: int
    prime: Prime
    two_step: bool
    restrictions: list[Restriction]


def get_profile(account_id: UUID) -> Profile:
    """The account as its owner sees it; raises NotFound."""
    account, kept = get_account(account_id), holdings(account_id)
    return Profile(
        account_id=account.public_id,
        name=masked_name(account.name) if account.name else None,
        email=masked_email(account.email) if account.email else None,
        phone=masked_phone(account.phone) if account.phone else None,
        prefecture=account.prefecture,
        registered_at=account.registered_at,
        gift_balance_yen=kept.gift_balance_yen,
        points=kept.points,
        prime=kept.prime,
        two_step=account.two_step,
        restrictions=restrictions(account_id),
    )
