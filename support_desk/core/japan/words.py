"""The words of an item, for comparing what somebody remembers with what was ordered."""

import re

from support_desk.core.japan.text import fold_kana

_LATIN = re.compile(r"[^\W_]+")
_CJK = re.compile("[\u3005\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_MAX_CHARACTERS = 400


def item_words(text: str | None) -> frozenset[str]:
    """Words of an item's title or category: Latin words casefolded without plural s, CJK runs as bigrams.

    Single letters are dropped, a lone CJK character is kept. Only the first 400 characters are read.
    """
    if not text:
        return frozenset()
    folded = fold_kana(text[:_MAX_CHARACTERS]).casefold()
    words = {_singular(word) for word in _LATIN.findall(_CJK.sub(" ", folded)) if len(word) > 1 or word.isdigit()}
    for run in _CJK.findall(folded):
        words.update(run[i : i + 2] for i in range(max(1, len(run) - 1)))
    return frozenset(words)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
