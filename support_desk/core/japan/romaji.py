"""Romaji read as kana: Hepburn and Kunrei alike, with every reading that the spelling leaves open."""

import itertools
import unicodedata

_ROWS = (
    " アイウエオ", "kカキクケコ", "gガギグゲゴ", "sサシスセソ", "zザジズゼゾ", "tタチツテト",
    "dダジズデド", "nナニヌネノ", "hハヒフヘホ", "bバビブベボ", "pパピプペポ",
    "mマミムメモ", "rラリルレロ", "lラリルレロ", "vバビブベボ",
)  # fmt: skip
_GLIDES = "kyキ gyギ syシ shシ zyジ jジ jyジ tyチ chチ cyチ dyジ nyニ hyヒ byビ pyピ myミ ryリ lyリ"  # + ヤ ユ ヨ
_OTHERS = (
    "yaヤ yuユ yoヨ waワ wiイ weエ woオ tsuツ fuフ shiシ chiチ jiジ dzuズ faフア fiフイ feフエ foフオ"
    " tsaツア tseツエ tsoツオ sheシエ cheチエ jeジエ"
)


def _syllables() -> dict[str, str]:
    table = {row[0].strip() + vowel: kana for row in _ROWS for vowel, kana in zip("aiueo", row[1:], strict=True)}
    for entry in _OTHERS.split():
        latin = entry.rstrip("アイウエオヤユヨワツシチジズフ")
        table[latin] = entry.removeprefix(latin)
    for entry in _GLIDES.split():
        table |= {entry[:-1] + vowel: entry[-1] + kana for vowel, kana in zip("auo", "ヤユヨ", strict=True)}
    return table


_SYLLABLES = _syllables()
_VOWELS = {"a": "ア", "i": "イ", "u": "ウ", "e": "イ", "o": "ウ"}  # how each is written out when long


def romaji_readings(text: str, *, most_open_points: int = 3) -> frozenset[str]:
    """All kana readings (long vowels written out) of a word in romaji; empty when it is not romaji.

    A vowel with macron or circumflex, or written ou, oo, oh, uu, is long; a plain o or u may be either, as
    passports leave long vowels out. ``n`` before a vowel or y is read both ways unless an apostrophe decides.
    Each such open point doubles the readings: those beyond ``most_open_points`` are read the plain way.
    """
    parts = _parse(_spell_out(text))
    if parts is None:
        return frozenset()
    open_points = sum(len(options) > 1 for options in parts)
    for index in range(len(parts) - 1, -1, -1):
        if open_points > most_open_points and len(parts[index]) > 1:
            parts[index] = parts[index][:1]
            open_points -= 1
    return frozenset("".join(choice) for choice in itertools.product(*parts))


def _spell_out(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    long = decomposed.replace("\u0304", ":").replace("\u0302", ":")
    return "".join(c for c in long if not unicodedata.combining(c)).replace("’", "'").replace("`", "'")


def _parse(word: str) -> list[tuple[str, ...]] | None:
    parts: list[tuple[str, ...]] = []
    at = 0
    while at < len(word):
        if word[at] == "'":
            at += 1
            continue
        step = _nasal(word, at) or _doubled(word, at) or _syllable(word, at)
        if step is None:
            return None
        options, at = step
        parts.append(options)
    return parts or None


def _nasal(word: str, at: int) -> tuple[tuple[str, ...], int] | None:
    after = word[at + 1 : at + 2]
    if word[at] == "m" and after and after in "bpm":
        return ("ン",), at + 1
    if word[at] != "n":
        return None
    if after == "'":
        return ("ン",), at + 2
    if not after or after not in "aiueoy":
        return ("ン",), at + 1
    syllable = _syllable(word, at)
    if syllable is None:
        return None
    options, end = syllable
    rest = _syllable(word, at + 1)
    split = tuple("ン" + reading for reading in rest[0]) if rest and rest[1] == end else ()
    return tuple(dict.fromkeys((*options, *split))), end


def _doubled(word: str, at: int) -> tuple[tuple[str, ...], int] | None:
    pair = word[at : at + 2]
    if pair == "tc" or (len(pair) == 2 and pair[0] == pair[1] and pair[0] in "kgsztdhbpcfjr"):
        return ("ツ",), at + 1
    return None


def _syllable(word: str, at: int) -> tuple[tuple[str, ...], int] | None:
    for length in (3, 2, 1):
        kana = _SYLLABLES.get(word[at : at + length])
        if kana is not None:
            return _with_length(kana, word, min(at + length, len(word)))
    return None


def _with_length(kana: str, word: str, end: int) -> tuple[tuple[str, ...], int]:
    vowel, after = word[end - 1], word[end : end + 1]
    long = (kana + _VOWELS[vowel],)
    if after == ":":
        return long, end + 1
    if vowel == "o" and after == "h" and word[end + 1 : end + 2] not in tuple("aiueoy"):
        return long, end + 1
    if (vowel == "o" and after and after in "uo") or (vowel == "u" and after == "u"):
        return long, end + 1
    return ((kana, *long) if vowel == "o" or kana[-1] in "ユフ" else (kana,)), end
