"""Folding of characters that people use for one another."""

import re
import unicodedata

# NFKC leaves these as they are: folded by table, and only between digits, for ー is a letter elsewhere.
HYPHENS = "‐‑‒–—―−ー－─ｰ﹣⁃-"
_HYPHEN_BETWEEN_DIGITS = re.compile(rf"(?<=[0-9])[ ]*[{re.escape(HYPHENS)}]+[ ]*(?=[0-9])")
_DASH_AFTER_KANA = re.compile(rf"(?<=[ァ-ヺー])[{re.escape(HYPHENS)}]")
# Variation selectors (with the ideographic ones), zero-width and direction marks, the byte order mark.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
_KANA = re.compile(rf"(?<=[ァ-ヺー])[{re.escape(HYPHENS)}]")
# Variation selectors (with the ideographic ones), zero-width and direction marks, the byte order mark.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_KANA = re.compile(r"[ァ-ヺー]+")

_SMALL_KANA = str.maketrans(
    "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ",
    "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ",
)
_SAME_SOUND = str.maketrans("ヂヅヲヰヱヷヸヹヺ", "ジズオイエバビベボ")
_V_SOUNDS = re.compile("ヴ([ァィェォャュョアイエオヤユヨ]?)")
_V_ROW = {"ア": "バ", "イ": "ビ", "エ": "ベ", "オ": "ボ", "ヤ": "ビヤ", "ユ": "ビユ", "ヨ": "ビヨ", "": "ブ"}
_ROWS = {
    "ウ": "ウクグスズツヅヌフブプムユルヴ",
    "ア": "アカガサザタダナハバパマヤラワ",
    "イ": "イキギシジチヂニヒビピミリ",
    "エ": "エケゲセゼテデネヘベペメレ",
    "オ": "オコゴソゾトドノホボポモヨロ",
}
_VOWEL_OF = {kana: vowel for vowel, row in _ROWS.items() for kana in row}
# A long e is written エイ or エー, a long o オウ, オオ or オー.
_LONG = {"ア": "ア", "イ": "イ", "ウ": "ウ", "エ": "イ", "オ": "ウ"}


def nfkc(text: str) -> str:
    """The text in NFKC without invisible characters (variation selectors, zero-width marks)."""
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))


def fold_hyphens(text: str) -> str:
    """Every kind of hyphen or dash between two digits becomes ``-``; elsewhere it stays (ー is a letter)."""
    return _HYPHEN_BETWEEN_DIGITS.sub("-", text)


def katakana(text: str) -> str:
    """Hiragana becomes katakana, iteration marks (ゝゞヽヾ) are written out; all else stays."""
    shifted = "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" or c in "ゝゞ" else c for c in text)
    out: list[str] = []
    for character in shifted:
        if character in "ヽヾ" and out and _KANA.fullmatch(out[-1]):
            plain = unicodedata.normalize("NFD", out[-1])[0]
            voiced = unicodedata.normalize("NFC", plain + "\u3099")
            out.append(voiced if character == "ヾ" and len(voiced) == 1 else plain)
        else:
            out.append(character)
    return "".join(out)


def is_kana(text: str) -> bool:
    """Whether the text, once in katakana, consists of kana only."""
    return _KANA.fullmatch(text) is not None


def fold_kana(text: str) -> str:
    """Kana by sound: hiragana = katakana, ヴ = ブ, ヂ = ジ, ヅ = ズ, small = big, ー written out."""
    folded = _DASH_AFTER_KANA.sub("ー", katakana(nfkc(text)))
    folded = _V_SOUNDS.sub(lambda match: _V_ROW.get(match[1].translate(_SMALL_KANA), "ブ"), folded)
    folded = folded.translate(_SMALL_KANA).translate(_SAME_SOUND)
    return _write_out_long_vowels(folded)


def _write_out_long_vowels(text: str) -> str:
    out: list[str] = []
    vowel = ""  # of the sound before, "" when it has none
    for character in text:
        if character == "ー":
            if vowel:
                out.append(_LONG[vowel])
                vowel = _LONG[vowel]
            elif not (out and out[-1] == "ン"):
                out.append(character)
            continue
        if character == "オ" and vowel == "オ":
            character = "ウ"
        out.append(character)
        vowel = _VOWEL_OF.get(character, "")
    return "".join(out)
