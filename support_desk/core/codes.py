"""One-time codes: derived, not stored; checked in constant time.

A code is HMAC-SHA-256 under a purpose key of (kind, case, challenge, send number), so that a job that knows
only ids can send it and a retry sends the same one.
"""

from __future__ import annotations

import hmac
import unicodedata

from support_desk.core.secrets import mac_with, purpose_keys

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = "0123456789"
# The last character checks the others: what was misread can be told from what is wrong.
CHECKED = "crockford_checked"
ALPHABETS = {"crockford": CROCKFORD, CHECKED: CROCKFORD, "digits": DIGITS}
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def _spell(digest: bytes, alphabet: str, length: int) -> str:
    number = int.from_bytes(digest, "big")
    letters = []
    for _ in range(length):
        number, index = divmod(number, len(alphabet))
        letters.append(alphabet[index])
    return "".join(letters)


def check_character(letters: str) -> str:
    """The character that checks these: no single one of them can be changed unnoticed."""
    total = sum((2 * place + 1) * CROCKFORD.index(letter) for place, letter in enumerate(letters))
    return CROCKFORD[total % len(CROCKFORD)]


def _candidates(
    alphabet: str, length: int, *, kind: str, case_id: object, challenge_id: object, send_number: int
) -> list[str]:
    letters = ALPHABETS[alphabet]
    drawn = length - 1 if alphabet == CHECKED else length
    codes = [
        _spell(mac_with(key, kind, case_id, challenge_id, send_number), letters, drawn)
        for key in purpose_keys("codes")
    ]
    return [code + check_character(code) for code in codes] if alphabet == CHECKED else codes


def derive_code(
    alphabet: str, length: int, *, kind: str, case_id: object, challenge_id: object, send_number: int
) -> str:
    """The code of one sending: `crockford`, `crockford_checked` or `digits`, this many characters."""
    return _candidates(
        alphabet, length, kind=kind, case_id=case_id, challenge_id=challenge_id, send_number=send_number
    )[0]


def normalise_code(given: str, alphabet: str) -> str:
    """A code as people type it: spaces, hyphens, width, case, O for 0 and I or L for 1."""
    text = unicodedata.normalize("NFKC", given).upper()
    text = "".join(letter for letter in text if letter.isalnum())
    return text.translate(_LOOKS_LIKE)


def code_matches(
    given: str,
    alphabet: str,
    length: int,
    *,
    kind: str,
    case_id: object,
    challenge_id: object,
    send_number: int,
) -> bool:
    """Whether this is the code of that sending, under any configured secret."""
    typed = normalise_code(given, alphabet).encode("utf-8", "replace")
    good = False
    for code in _candidates(
        alphabet, length, kind=kind, case_id=case_id, challenge_id=challenge_id, send_number=send_number
    ):
        good |= hmac.compare_digest(code.encode(), typed)
    return good


def format_code(code: str) -> str:
    """A code as it is shown: in groups of four."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
