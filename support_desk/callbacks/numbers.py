"""Which telephone numbers the desk will ring: E.164, or a reason why not."""

import re
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import REGION_CODE_FOR_NON_GEO_ENTITY, PhoneNumberType

from support_desk.core.japan import is_jp_mobile, nfkc, normalise_phone

# A person's line. Everything else that is a valid number (0120 and 0800 toll-free, 0570 shared cost, 0990 premium,
# pagers, voice mail) rings a service or costs money per call.
RINGABLE = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
}
# Refused by prefix too: metadata has changed its mind about them before.
JAPANESE_SERVICES = re.compile(r"\+81(120|800|570|990|180|170|910|20)[0-9]*")
SHORT = range(3, 7)  # digits: 110, 119, 104, 188, #7119, 116000


class Refusal(StrEnum):
    """Why a number cannot be rung."""

    NOT_A_NUMBER = "phone_invalid"
    NOT_RINGABLE = "phone_not_allowed"


@dataclass(frozen=True)
class Ringable:
    """A number the desk may ring, in E.164."""

    e164: str
    mobile: bool


def read_number(text: str) -> Ringable | Refusal:
    """The number a person typed: separators, full width, a lost leading zero and +81 are understood.

    Short, emergency, toll-free, shared-cost and premium numbers are refused.
    """
    e164 = normalise_phone(text)
    if e164 is None:
        short = len(re.sub(r"[^0-9]", "", nfkc(text))) in SHORT and not re.search(r"[^\W\d]", nfkc(text))
        return Refusal.NOT_RINGABLE if short else Refusal.NOT_A_NUMBER
    number = phonenumbers.parse(e164)
    if JAPANESE_SERVICES.fullmatch(e164) or phonenumbers.number_type(number) not in RINGABLE:
        return Refusal.NOT_RINGABLE
    if phonenumbers.region_code_for_number(number) == REGION_CODE_FOR_NON_GEO_ENTITY:
        return Refusal.NOT_RINGABLE  # satellites and world-wide services: dear, and nobody's home
    return Ringable(e164, mobile=is_jp_mobile(e164))


def is_ringable(e164: str) -> bool:
    """Whether a number in E.164 may be rung."""
    return isinstance(read_number(e164), Ringable)


def masked(e164: str) -> str:
    """The number with all but its last two digits hidden: enough for whoever gave it, no use to anybody else."""
    return "•" * max(len(e164) - 2, 0) + e164[-2:]
