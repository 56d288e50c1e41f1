"""Letters with a code: one in fourteen days for an account, printed from a queue, good for each case that asks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts import service as accounts
from support_desk.accounts.views import PostalAddress
from support_desk.core.budgets import spend
from support_desk.core.codes import code_matches
from support_desk.core.db import db
from support_desk.core.secrets import mac
from support_desk.notifications import service as notifications
from support_desk.notifications.letter_paper import Recipient
from support_desk.verification import contested_service
from support_desk.verification.codes import LETTER_ADDRESS_AGE, LETTER_FORM, LETTER_LIVES, LETTERS
from support_desk.verification.models import Challenge, PostedLetter

_NOBODY = UUID(int=0)


def prepare_letter(challenge: Challenge, account_id: UUID, language: str, at: datetime) -> None:
    """In the worker: have a letter posted, or let the case share the one that was posted lately."""
    if contested_service.is_contested(account_id):
        return
    # The budget's row makes cases that ask at the same time queue: the later one finds the first one's letter.
    fresh = spend(mac("budget", "letter", account_id), LETTERS, at=at)
    letter = _post(account_id, language, at) if fresh else find_letter(account_id, at)
    if letter is None:
        return
    challenge.send_number += 1
    challenge.tries = 0
    challenge.code_expires_at = letter.expires_at
    challenge.account_id = account_id
    challenge.account_version = letter.account_version
    challenge.channel_since = letter.address_since
    challenge.set_by_desk = False


def _post(account_id: UUID, language: str, at: datetime) -> PostedLetter | None:
    """Promise the letter; None where no address has been registered for long enough."""
    account = accounts.get_account(account_id)
    name = account.name or account.name_kana
    home = next((each for each in accounts.addresses(account_id) if each.is_current), None)
    if name is None or home is None or not home.street or home.since > at - LETTER_ADDRESS_AGE:
        return None
    letter = PostedLetter(
        account_id=account_id,
        account_version=account.version,
        address_since=home.since,
        posted_at=at,
        expires_at=at + LETTER_LIVES,
    )
    db.session.add(letter)
    db.session.flush()
    notifications.notify_letter(
        "letter_code",
        to=Recipient(home.postal_code, _place(home), name),
        language=language,
        dedupe=f"letter:{letter.id}",
        subject_ref=("account", account_id),
        code=_reference(account_id, letter.id),
        until_at=letter.expires_at,
    )
    return letter


def _place(home: PostalAddress) -> str:
    return "".join(part for part in (home.prefecture, home.city, home.town, home.street) if part)


def find_letter(account_id: UUID | None, at: datetime) -> PostedLetter | None:
    """The newest letter of the account whose code may still be entered; the same statement without an account."""
    return db.session.scalar(
        sa.select(PostedLetter)
        .where(
            PostedLetter.account_id == sa.literal(account_id, sa.Uuid()),
            PostedLetter.expires_at > at,
            PostedLetter.used_at.is_(None),
        )
        .order_by(PostedLetter.id.desc())
        .limit(1)
    )


def letter_matches(account_id: UUID | None, code: str, at: datetime) -> UUID | None:
    """The letter whose code this is; the same work where there is none."""
    letter = find_letter(account_id, at)
    wanted = letter.id if letter else _NOBODY
    equal = code_matches(code, **_reference(account_id or _NOBODY, wanted))  # type: ignore[arg-type]
    return wanted if equal and letter is not None else None


def use_letter(letter_id: UUID, at: datetime) -> bool:
    """Use the letter's code up; False where it was used meanwhile."""
    taken = db.session.execute(
        sa.update(PostedLetter)
        .where(PostedLetter.id == letter_id, PostedLetter.used_at.is_(None))
        .values(used_at=at)
        .returning(PostedLetter.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _reference(account_id: UUID, letter_id: UUID) -> dict[str, str | int]:
    return {
        "alphabet": LETTER_FORM.alphabet,
        "length": LETTER_FORM.length,
        "kind": "identify:letter_code",
        "case_id": str(account_id),
        "challenge_id": str(letter_id),
        "send_number": 1,
    }
