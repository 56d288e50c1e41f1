"""Ten saved codes: shown once, kept as Argon2id hashes, each used once."""

from __future__ import annotations

import secrets
from uuid import UUID

import sqlalchemy as sa

from support_desk.accounts.commands_service import locked_customer
from support_desk.accounts.own_proof_models import RecoveryCode
from support_desk.accounts.passwords_service import hash_password, verify_password
from support_desk.accounts.restrictions_service import require_unrestricted
from support_desk.audit import service as audit
from support_desk.core import clock
from support_desk.core.codes import CROCKFORD, format_code, normalise_code
from support_desk.core.db import db
from support_desk.core.secrets import blind_index

COUNT = 10
LENGTH = 16
# Finds the one code to compare; the other twelve characters (60 bits) are what is hashed with them.
_SELECTOR = 4


def make_recovery_codes(account_id: UUID) -> list[str]:
    """Ten new codes in the place of those before. Raises AccountRestricted."""
    require_unrestricted(account_id, "change")
    locked_customer(account_id)
    db.session.execute(
        sa.delete(RecoveryCode)
        .where(RecoveryCode.account_id == account_id)
        .execution_options(synchronize_session=False)
    )
    codes: dict[str, str] = {}
    while len(codes) < COUNT:
        code = "".join(secrets.choice(CROCKFORD) for _ in range(LENGTH))
        codes[code[:_SELECTOR]] = code
    at = clock.now()
    db.session.add_all(
        RecoveryCode(
            account_id=account_id,
            selector=_selector(account_id, code),
            code_hash=hash_password(code),
            created_at=at,
        )
        for code in codes.values()
    )
    db.session.flush()
    audit.record("account", account_id, "account:recovery_codes:made", count=COUNT)
    return [format_code(code) for code in codes.values()]


def find_recovery_code(account_id: UUID | None, code: str) -> UUID | None:
    """The unused code that was typed; one Argon2id comparison whether or not there is any to compare."""
    typed = normalise_code(code, "crockford")
    row = db.session.execute(
        sa.select(RecoveryCode.id, RecoveryCode.code_hash).where(
            RecoveryCode.account_id == sa.literal(account_id, sa.Uuid()),
            RecoveryCode.selector == _selector(account_id, typed),
            RecoveryCode.used_at.is_(None),
        )
    ).first()
    equal = verify_password(row.code_hash if row else None, typed)
    return row.id if equal and row is not None else None


def use_recovery_code(code_id: UUID) -> bool:
    """Use the code up; False where it was used meanwhile."""
    taken = db.session.execute(
        sa.update(RecoveryCode)
        .where(RecoveryCode.id == code_id, RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _selector(account_id: UUID | None, code: str) -> bytes:
    return blind_index("recovery-code", f"{account_id}:{code[:_SELECTOR]}")
