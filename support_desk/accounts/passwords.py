"""Which passwords are refused, and why: length, the blocklist, what is made of guessable words or of the owner.

No rules of composition: any Unicode, spaces too, long ones welcome.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from support_desk.accounts.errors import (
    PasswordCommon,
    PasswordPersonal,
    PasswordRefused,
    PasswordTooLong,
    PasswordTooShort,
)
from support_desk.accounts.japanese_names import GIVEN_NAMES, SURNAMES, romaji_spellings
from support_desk.core.japan import katakana

SHORTEST = 12
LONGEST = 256
# What is left of a password once the owner's own words are taken out must still be worth something.
LEAST_LEFT = 8
# A password of more different words than this is a passphrase, however plain the words.
MOST_GUESSABLE_WORDS = 2
_MOST_DIGITS = 10
_FEWEST_CHARACTERS = 5
_SHORTEST_PERSONAL = 3
_EITHER_WAY = 0.7
_WORDS = """
password passwort passw pass passcode login admin administrator root user guest welcome hello letmein
secret master changeme default test demo sample access account amazon shop shopping customer support
mail email internet computer qwerty qwertyuiop asdf asdfgh asdfghjkl zxcvb zxcvbnm qazwsx qazwsxedc
qweasd qweasdzxc iloveyou iloveu love lovely forever dragon monkey football baseball soccer basketball
sunshine princess flower summer winter spring autumn january february march april june july august
september october november december monday friday sunday abc abcd abcdef abcdefg new my the sakura
himawari momiji hana yuki sora umi hoshi tsuki kaze haru natsu aki fuyu neko inu usagi panda pokemon
pikachu doraemon totoro mickey disney naruto onepiece gundam tokyo osaka kyoto nagoya sapporo fukuoka
yokohama kobe hokkaido okinawa japan nihon nippon fujisan samurai ninja sushi arigatou arigato
konnichiwa ohayou daisuki aishiteru aishiteruyo kawaii genki happy lucky reiwa heisei showa taisho
kakikukeko aiueo aiueokakikukeko hoge hogehoge fuga piyo foo bar angel star world パスワード ログイン
アカウント サクラ ヒマワリ ヒミツ コンニチハ コンニチワ アリガトウ オハヨウ ダイスキ アイシテル ネコ
イヌ ウサギ パンダ トウキョウ オオサカ キョウト ニホン ニッポン フジサン サムライ アイウエオ カキクケコ
レイワ ヘイセイ ショウワ ドラエモン ポケモン ピカチュウ トトロ テスト 東京 大阪 京都 日本 富士山 桜
向日葵 猫 犬 大好き 愛シテル 令和 平成 昭和 秘密
"""
# One word that no list has, of a name's length: Latin letters that spell Japanese syllables, or kana, or kanji.
_SYLLABLE = (
    r"(?:(?:[kgsztnhbpmrjc]y|sh|ch|ts|[kgsztdnhbpmyrwjfv])?[aiueo]"
    r"|n(?![aiueoy])|([kstpcg])(?=\1)|h(?=[kstnmhrgzdbp]))"
)
_LIKE_A_NAME = re.compile(rf"(?:{_SYLLABLE}){{2,6}}|[ァ-ヺー]{{2,5}}|[々一-鿿]{{1,3}}")
_LONGEST_NAME = 14
_LEET = str.maketrans({"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "5": "s", "$": "s", "7": "t"})
_NOT_LETTERS = re.compile(r"[^\w]+|_|\d+")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def refusal(
    password: str,
    *,
    personal: Iterable[str] = (),
    shop_name: str = "",
    is_listed: Callable[[str], bool] = lambda _: False,
) -> type[PasswordRefused] | None:
    """Why a password is refused, or None. `personal`: e-mail addresses, names, kana, phone numbers of the owner.

    `is_listed` tells whether a list of common passwords has it.
    """
    if len(password) > LONGEST:
        return PasswordTooLong
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < SHORTEST:
        return PasswordTooShort
    if len(plain) > 2 * LONGEST:  # one character may become many
        return PasswordTooLong
    folded = katakana(plain.casefold())
    if _is_made_of(folded, _personal_words(personal)):
        return PasswordPersonal
    if (
        _is_monotonous(folded)
        or _is_guessable(folded, shop_name)
        or is_listed(plain)
        or is_listed(plain.casefold())
    ):
        return PasswordCommon
    return None


def normalised(password: str) -> str:
    """The form that is hashed: NFKC, so that two keyboards type the same."""
    return unicodedata.normalize("NFKC", password)


def _is_monotonous(text: str) -> bool:
    """Few different characters, one short piece repeated, or a run along the alphabet or the digits."""
    if len(set(text)) < _FEWEST_CHARACTERS:
        return True
    if any(text == (text[:size] * len(text))[: len(text)] for size in range(1, 5)):
        return True
    steps = [ord(b) - ord(a) for a, b in itertools.pairwise(text)]
    # Small kana lie between the big ones, so a step of two counts as well.
    return (
        max(sum(0 <= step <= 2 for step in steps), sum(-2 <= step <= 0 for step in steps)) / len(steps)
        > _EITHER_WAY
    )


def _is_guessable(text: str, shop_name: str) -> bool:
    """One or two words that everybody tries, with a year, a date or signs around them."""
    words = _blocklist() | frozenset(_parts_of(shop_name))
    leet = _EDGES.sub("", text).translate(_LEET)
    return _consists_of(text, words) or _consists_of(leet, words)


def _consists_of(text: str, words: frozenset[str]) -> bool:
    if sum(character.isdigit() for character in text) > _MOST_DIGITS:
        return False
    found: set[str] = set()
    pieces = [piece for piece in _NOT_LETTERS.split(text) if piece]
    for piece in pieces:
        split = _fewest_words(piece, words | _unlisted_name(pieces, words))
        if split is None:
            return False
        found.update(split)
    return 0 < len(found) <= MOST_GUESSABLE_WORDS


def _unlisted_name(pieces: list[str], words: frozenset[str]) -> frozenset[str]:
    """A word that no list has but that may be a name, if there is one: alone, beside listed words, or repeated."""
    for piece in pieces:
        if _fewest_words(piece, words) is None:
            for start, end in _spans(len(piece)):
                name = piece[start:end]
                rest = piece.replace(name, " ").split()
                if _LIKE_A_NAME.fullmatch(name) and all(_fewest_words(each, words) for each in rest):
                    return frozenset({name})
    return frozenset()


def _spans(length: int) -> list[tuple[int, int]]:
    """Where a name may lie in a piece: at its beginning or its end; the longest first."""
    ends = [(0, end) for end in range(1, min(length, _LONGEST_NAME) + 1)]
    starts = [(start, length) for start in range(max(0, length - _LONGEST_NAME), length)]
    return sorted({*ends, *starts}, key=lambda span: span[0] - span[1])


def _fewest_words(piece: str, words: frozenset[str]) -> list[str] | None:
    """The piece as a row of words, with as few different ones as can be; None when it is no such row."""
    best: list[list[str] | None] = [[], *([None] * len(piece))]
    longest = max(map(len, words))
    for end in range(1, len(piece) + 1):
        for start in range(max(0, end - longest), end):
            before, word = best[start], piece[start:end]
            if before is None or word not in words:
                continue
            held = best[end]
            if held is None or len({*before, word}) < len(set(held)):
                best[end] = [*before, word]
    return best[-1]


@lru_cache(maxsize=1)
def _blocklist() -> frozenset[str]:
    words = {katakana(word) for word in _WORDS.split()}
    for kanji, kana in (*SURNAMES, *GIVEN_NAMES):
        words |= {kanji, kana, *romaji_spellings(kana)}
    return frozenset(word for word in words if len(word) > 1 or not word.isascii())


def _parts_of(text: str) -> set[str]:
    folded = katakana(unicodedata.normalize("NFKC", text).casefold())
    parts = {part for part in _NOT_LETTERS.split(folded) if len(part) > 1}
    return parts | {"".join(_NOT_LETTERS.split(folded))} - {""}


def _personal_words(personal: Iterable[str]) -> set[str]:
    """The owner's addresses and names in every spelling they are likely to be typed in."""
    words: set[str] = set()
    for text in personal:
        folded = katakana(unicodedata.normalize("NFKC", text).casefold())
        local_part = folded.partition("@")[0]
        words |= {folded, local_part, "".join(folded.split()), *re.split(r"[\s.+_-]+", local_part)}
        for part in folded.split():
            if re.fullmatch(r"[ァ-ヺー]+", part):
                words |= romaji_spellings(part)
        if digits := re.sub(r"\D", "", folded.removeprefix("+81")):
            words.add(digits)
    return {word for word in words if len(word) >= _SHORTEST_PERSONAL or (len(word) > 1 and not word.isascii())}


def _is_made_of(text: str, personal: set[str]) -> bool:
    left = text
    for word in sorted(personal, key=len, reverse=True):
        left = left.replace(word, " ")
    if left == text:
        return False
    letters_left = re.sub(r"[\W_]+", "", left)
    return len(letters_left) < LEAST_LEFT or letters_left.isdigit()
