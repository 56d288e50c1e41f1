"""Which things a quiz never shows: medical, adult, religion, politics, fertility, debt."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from support_desk.core.japan.text import nfkc

_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class _Goods:
    beginnings: tuple[str, ...]
    words: frozenset[str]
    parts: tuple[str, ...]


def is_sensitive(category: str | None, title: str) -> bool:
    """Whether the category or the title names something that others should not see."""
    goods = _goods()
    text = nfkc(f"{category or ''} {title}").lower()
    if any(part in text for part in goods.parts):
        return True
    words = _WORD.findall(text)
    return any(word in goods.words or word.startswith(goods.beginnings) for word in words)


@cache
def _goods() -> _Goods:
    text = resources.files(__package__).joinpath("sensitive_goods.toml").read_text("utf-8")
    data = tomllib.loads(text)
    return _Goods(tuple(data["beginnings"]), frozenset(data["words"]), tuple(data["parts"]))
