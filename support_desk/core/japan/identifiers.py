"""E-mail addresses, telephone numbers, postal codes and order numbers as comparable keys."""

import re

import idna
import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from support_desk.core.japan.text import HYPHENS, nfkc

_FULL_WIDTH_ASCII = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_LOCAL_PART = re.compile(r"[^\s\x00-\x20\x7f-\xa0@<>()\[\],;:\\\"]{1,64}")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_SEPARATORS = re.compile(rf"[\s{re.escape(HYPHENS)}・.,/()\[\]「」【】]+")
_PHONE_PREFIX = re.compile(r"^(?:tel|phone|電話(?:番号)?|携帯(?:電話)?|℡)[:\s]*", re.IGNORECASE)
_ORDER_PREFIX = re.compile(
    r"^(?:ご?注文番号|オーダー番号|(?:ORDER(?:\s*(?:NO|NUMBER|ID))?|NO)\b)?[\s.:#№]*",
)
_ORDER_NUMBER = re.compile(r"[A-Z0-9]{3,40}")
_MOBILE = re.compile(r"\+81[789]0[0-9]{8}")


def normalise_email(text: str | None) -> str | None:
    """The address as a key: domain in lower-case IDNA, local part casefolded; None when it is no address.

    Dots may stand anywhere in the local part, as older addresses of Japanese carriers have them.
    The key may merge mailboxes that differ in case alone: mail never goes to the key.
    """
    if not text:
        return None
    address = text.translate(_FULL_WIDTH_ASCII).strip().removeprefix("mailto:").removeprefix("<").removesuffix(">")
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local):
        return None
    host = _host(domain)
    if host is None or len(local) + 1 + len(host) > 254:
        return None
    return f"{local.casefold()}@{host}"


def _host(domain: str) -> str | None:
    dotted = domain.replace("。", ".").replace("｡", ".").removesuffix(".").lower()
    if not dotted.isascii():
        try:
            dotted = idna.encode(dotted, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    labels = dotted.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    return dotted if len(dotted) <= 253 else None


def normalise_phone(text: str | None, region: str = "JP") -> str | None:
    """The number in E.164, or None when it is no valid number; a number without country is of ``region``.

    Takes full-width digits, any separators, a lost leading zero, 0081 and +81 (0)…; an extension is dropped.
    """
    if not text or len(text) > 80:
        return None
    folded = _PHONE_PREFIX.sub("", nfkc(text).strip())
    dialled = _SEPARATORS.sub("", folded)
    if dialled.startswith("0081"):
        dialled = "+81" + dialled[4:]
    if re.search(r"[^+0-9#*x内線ext]", dialled):
        return None
    try:
        number = phonenumbers.parse(dialled.replace("内線", "x"), region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    number.extension = None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_jp_mobile(e164: str) -> bool:
    """Whether the number is a Japanese mobile (070, 080, 090), the only kind that is sent SMS."""
    return _MOBILE.fullmatch(e164) is not None


def normalise_postal_code(text: str | None) -> str | None:
    """The seven digits of a Japanese postal code, or None when there are not exactly seven."""
    if not text or len(text) > 40:
        return None
    digits = _SEPARATORS.sub("", nfkc(text).replace("〒", "").replace("郵便番号", "").replace(":", ""))
    return digits if re.fullmatch(r"[0-9]{7}", digits) else None


def normalise_order_number(text: str | None) -> str | None:
    """The order number in capitals without separators or label, or None when it cannot be one."""
    if not text or len(text) > 80:
        return None
    bare = _SEPARATORS.sub("", _ORDER_PREFIX.sub("", nfkc(text).upper().strip()))
    return bare if _ORDER_NUMBER.fullmatch(bare) and any(c.isdigit() for c in bare) else None
