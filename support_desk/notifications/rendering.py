"""Filling a template: plain values in, subject and text out. Codes and links are derived by the caller."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import phonenumbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from support_desk.core.i18n import format_when
from support_desk.notifications.catalogue import ACTIONS, EMAIL, PARTS, SMS, Template
from support_desk.notifications.errors import UnknownTemplate

# Keeps every line of the text below the 998 bytes that mail allows.
_LONGEST_VALUE = 240
_TIMES = ("at", "not_before")
_BLANK_LINES = re.compile(r"\n{3,}")

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701 (plain text: there is nothing to escape for)
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Rendered:
    """A message as people read it; an SMS has no subject."""

    subject: str
    text: str


def one_line(value: str) -> str:
    """A value without line breaks, control characters and marks that turn the reading direction."""
    kept = (
        " " if unicodedata.category(letter) in ("Zl", "Zp", "Cc") else letter
        for letter in value
        if unicodedata.category(letter) not in ("Cf", "Cs")
    )
    return " ".join("".join(kept).split())[:_LONGEST_VALUE]


def render(
    template: Template,
    channel: str,
    language: str,
    values: Mapping[str, str | int],
    *,
    shop_name: str,
    base_url: str,
    desk_phone: str,
    zone: str,
) -> Rendered:
    """The subject and text of one message; raises UnknownTemplate where the channel has no text for it."""
    if channel not in template.channels:
        raise UnknownTemplate(f"{template.name} has no text for {channel}")
    filled = dict.fromkeys(template.takes, "")
    filled |= _worded({name: _clean(value) for name, value in values.items()}, language, zone)
    if "announced_number" in filled:
        filled["announced_number"] = _spell_phone(filled["announced_number"] or desk_phone)
    kind = "" if channel == EMAIL else f".{channel}"
    text = _environment.get_template(f"{template.name}{kind}.{language}.txt").render(
        **filled, shop_name=one_line(shop_name), base_url=base_url
    )
    if channel == SMS:
        return Rendered("", text.strip())
    subject, _, body = text.partition("\n")
    return Rendered(one_line(subject), _BLANK_LINES.sub("\n\n", body).strip() + "\n")


def _clean(value: str | int) -> str:
    return one_line(str(value))


def _worded(values: dict[str, str], language: str, zone: str) -> dict[str, str]:
    """Times, actions and parts in the reader's words, and beside them (`_en`) in English."""
    worded = dict(values)
    for name, value in values.items():
        if name.endswith("_at") or name in _TIMES:
            worded[name] = _when(value, language, zone)
            worded[f"{name}_en"] = _when(value, "en", zone)
        elif name in ("action", "part"):
            ja, en = (ACTIONS if name == "action" else PARTS)[value]
            worded[name] = ja if language == "ja" else en
            worded[f"{name}_en"] = en
    for name in (*_TIMES, "action", "part"):
        worded.setdefault(f"{name}_en", "")
    return worded


def _when(value: str, language: str, zone: str) -> str:
    return format_when(datetime.fromisoformat(value), language, zone) if value else ""


def _spell_phone(number: str) -> str:
    """A number as people of its country write it; what is no number stays as it is."""
    try:
        parsed = phonenumbers.parse(number, "JP")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
