"""Japanese identifiers brought to one comparable form.

Everything here is pure. The results are keys to compare with, never texts to show or addresses to send to.
"""

from support_desk.core.japan.identifiers import (
    is_jp_mobile,
    normalise_email,
    normalise_order_number,
    normalise_phone,
    normalise_postal_code,
)
from support_desk.core.japan.names import fold_name, name_keys
from support_desk.core.japan.text import fold_hyphens, fold_kana, is_kana, katakana, nfkc
from support_desk.core.japan.words import item_words

__all__ = [
    "fold_hyphens",
    "fold_kana",
    "fold_name",
    "is_jp_mobile",
    "is_kana",
    "item_words",
    "katakana",
    "name_keys",
    "nfkc",
    "normalise_email",
    "normalise_order_number",
    "normalise_phone",
    "normalise_postal_code",
]
