"""All that the rest of the desk knows of the account directory.

A shop that keeps its customers elsewhere puts its own directory behind these functions: values in, values out,
effects with an idempotency key.
"""

from support_desk.accounts.authenticators_service import find_authenticator_step, use_authenticator_step
from support_desk.accounts.catalogue_service import (
    catalogue_entries,
    household_titles,
    sample_titles,
    some_shopper,
    titled_purchases,
    titles_alike,
)
from support_desk.accounts.channels_service import replace_email, replace_phone
from support_desk.accounts.directory_service import (
    addresses,
    channels,
    find_account_by_channel,
    find_account_by_public_id,
    find_matches,
    get_account,
    sample_account_ids,
)
from support_desk.accounts.holdings_service import (
    balances,
    holdings,
    order_statistics,
    order_statistics_mark,
    orders,
)
from support_desk.accounts.ledger_service import adjust, carry_over, find_transaction, journal_differences, reverse
from support_desk.accounts.passwords_service import check_password, hash_password, set_password
from support_desk.accounts.recovery_codes_service import find_recovery_code, use_recovery_code
from support_desk.accounts.restrictions_service import (
    announce_lifting,
    lift_restriction,
    require_unrestricted,
    restrict,
    restrictions,
)
from support_desk.accounts.sessions_service import authenticate, end_sessions, open_session

__all__ = [
    "addresses",
    "adjust",
    "announce_lifting",
    "authenticate",
    "balances",
    "carry_over",
    "catalogue_entries",
    "channels",
    "check_password",
    "end_sessions",
    "find_account_by_channel",
    "find_account_by_public_id",
    "find_authenticator_step",
    "find_matches",
    "find_recovery_code",
    "find_transaction",
    "get_account",
    "hash_password",
    "holdings",
    "household_titles",
    "journal_differences",
    "lift_restriction",
    "open_session",
    "order_statistics",
    "order_statistics_mark",
    "orders",
    "replace_email",
    "replace_phone",
    "require_unrestricted",
    "restrict",
    "restrictions",
    "reverse",
    "sample_account_ids",
    "sample_titles",
    "set_password",
    "some_shopper",
    "titled_purchases",
    "titles_alike",
    "use_authenticator_step",
    "use_recovery_code",
]
