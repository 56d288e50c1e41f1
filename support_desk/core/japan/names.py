"""Personal names as comparable keys."""

import itertools
import re
import unicodedata

from support_desk.core.japan.romaji import romaji_readings
from support_desk.core.japan.text import fold_kana, is_kana, nfkc
from support_desk.core.japan.variants import VARIANTS

_SPACES = re.compile(r"[\s・･·,、，.。/／_＿\u3000]+")
_HYPHENS = "‐‑‒–—―−-"
_LATIN_HYPHENS = re.compile(rf"(?<=[^\W\d_])[{_HYPHENS}]+(?=[A-Za-z\u00c0-\u024f])")
_ITERATION = re.compile("([^々])々")
_LATIN_WORD = re.compile(r"[a-z\u00df-\u024f\u0300-\u036f'’`]+")
_MARKS = re.compile("[\u0300-\u036f'’`]")
# Letters and single spaces: nothing in it can be read otherwise once spaces are gone.
_PLAIN = re.compile(r"[^\W\d_]+( [^\W\d_]+)*")
_MOST_ROUNDS = 3
_MOST_PARTS = 4
_MOST_CHARACTERS = 120


def name_keys(name: str | None, kana: str | None = None) -> frozenset[str]:
    """Keys of a person's name; two spellings are of one name when they share a key.

    A key is of the kanji (``n:``), the sound (``k:``) or Latin letters that are not romaji (``l:``), without
    spaces, in every order that the spaces in the text allow: so 山田太郎, 山田 太郎 and 太郎 山田 share one.
    """
    keys: set[str] = set()
    for text in (name, kana):
        if text:
            keys |= _keys(text)
    return frozenset(keys)


def fold_name(text: str) -> str:
    """A name without spaces, variant kanji and kana folded: equal for two spellings in the same order."""
    return _fold("".join(_parts(text)))


def _keys(text: str, rounds: int = _MOST_ROUNDS) -> set[str]:
    """The keys of a text; of one with odd signs in it those that are keys of themselves, so that both agree."""
    parts = _parts(text)
    orders = {tuple(parts[i:] + parts[:i]) for i in range(len(parts))}
    found = {key for order in orders for key in _keys_in_order(order)}
    if not rounds or _PLAIN.fullmatch(text):
        return found
    settled: set[str] = set()
    for key in found:
        again = _keys(key[2:], rounds - 1)
        settled |= {key} if key in again else again
    return settled


def _parts(text: str) -> list[str]:
    plain = _LATIN_HYPHENS.sub(" ", nfkc(text[:_MOST_CHARACTERS]))
    parts = [part for part in (each.strip(_HYPHENS) for each in _SPACES.split(plain)) if part]
    return [*parts[: _MOST_PARTS - 1], "".join(parts[_MOST_PARTS - 1 :])] if len(parts) > _MOST_PARTS else parts


def _keys_in_order(order: tuple[str, ...]) -> set[str]:
    words = [part.casefold() for part in order]
    if all(_LATIN_WORD.fullmatch(word) for word in words):
        readings = [romaji_readings(word, most_open_points=3 if len(words) < 3 else 1) for word in words]
        if all(readings):
            return {"k:" + fold_kana("".join(choice)) for choice in itertools.product(*readings)}
        letters = _MARKS.sub("", unicodedata.normalize("NFD", "".join(words)))
        # What reads as romaji only once marks and spaces are gone has a sound too.
        whole = romaji_readings(letters, most_open_points=3) if letters else ()
        if whole:
            return {"k:" + fold_kana(reading) for reading in whole}
        return {"l:" + letters} if letters else set()
    folded = _fold("".join(order))
    if not any(character.isalnum() for character in folded):
        return set()
    return {("k:" if is_kana(folded) else "n:") + folded}


def _fold(text: str) -> str:
    folded = fold_kana(text).casefold().translate(VARIANTS)
    while _ITERATION.search(folded):
        folded = _ITERATION.sub(r"\1\1", folded)
    return folded
