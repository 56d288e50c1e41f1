"""Which telephone numbers the desk will ring: E.164 in, or a reason why not."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

JAPAN = 81
LONGEST = 40  # characters as typed; no number with its spaces and signs is longer
HYPHENS = re.compile("[\u2010-\u2015\u2212\u30fc\uff70\u2500\uff5e\u301c~_]")
ALLOWED = re.compile(r"\+?[0-9()\-. /]*")
# A person's line. Everything else that phonenumbers calls valid (0120 and 0800 toll-free, 0570 shared, 0990
# premium, pagers, voice mail) rings a service or costs money per call.
RINGABLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
}
JAPANESE_SERVICES = re.compile(r"(120|800|570|990|180|170|910|20)[0-9]*")


class Refusal(StrEnum):
    """Why a number cannot be rung."""

    NOT_A_NUMBER = "not_a_number"
    NOT_RINGABLE = "not_ringable"


@dataclass(frozen=True)
class Ringable:
    """A number the desk may ring, in E.164."""

    e164: str
    mobile: bool


def read_number(text: str) -> Ringable | Refusal:
    """The number a person typed: hyphens, full width, a lost leading zero and +81 are understood.

    Short, emergency, toll-free, shared-cost and premium numbers are refused.
    """
    plain = _plain(text)
    if plain is None:
        return Refusal.NOT_A_NUMBER
    if plain.startswith("+") and _country(plain) is None:
        return Refusal.NOT_A_NUMBER
    digits = re.sub(r"\D", "", plain)
    if len(digits) < 6:
        # 110, 119, 171, 104 and their kind, with or without a prefix that hides one's own number.
        return Refusal.NOT_RINGABLE if 3 <= len(digits) else Refusal.NOT_A_NUMBER
    try:
        number = phonenumbers.parse(plain, "JP")
    except NumberParseException:
        return Refusal.NOT_A_NUMBER
    return _judged(number)


def is_ringable(e164: str) -> bool:
    """Whether a number in E.164 may be rung."""
    return isinstance(read_number(e164), Ringable)


def masked(e164: str) -> str:
    """The number with all but its last two digits hidden, for its owner's eye."""
    return "*" * max(len(e164) - 3, 0) + e164[-2:]


def _plain(text: str) -> str | None:
    if len(text) > LONGEST:
        return None
    folded = unicodedata.normalize("NFKC", HYPHENS.sub("-", text))
    folded = HYPHENS.sub("-", folded).strip()
    if not ALLOWED.fullmatch(folded) or not any(each.isdigit() for each in folded):
        return None
    folded = re.sub(r"\(0\)", "", folded) if folded.startswith("+") else folded
    # 0081 and the carriers' 010 are how +81 is dialled from abroad.
    return re.sub(r"^(?:00|010)\s?-?(?=81)", "+", folded)


def _country(plain: str) -> int | None:
    try:
        return phonenumbers.parse(plain, None).country_code
    except NumberParseException:
        return None


def _judged(number: PhoneNumber) -> Ringable | Refusal:
    if number.country_code == JAPAN and JAPANESE_SERVICES.fullmatch(str(number.national_number)):
        return Refusal.NOT_RINGABLE
    kind = phonenumbers.number_type(number)
    if phonenumbers.region_code_for_number(number) == phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY:
        return Refusal.NOT_RINGABLE  # satellites and world-wide services: dear, and nobody's home
    if kind == PhoneNumberType.UNKNOWN:
        return Refusal.NOT_A_NUMBER
    if kind not in RINGABLE:
        return Refusal.NOT_RINGABLE
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Ringable(e164, mobile=kind == PhoneNumberType.MOBILE)
