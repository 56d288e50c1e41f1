"""Common passwords are refused as common, those of a held-back list too; phrases that people keep are taken."""

from __future__ import annotations

import gzip
import json
import random

import pytest

from support_desk.accounts.errors import PasswordCommon, PasswordPersonal, PasswordRefused
from support_desk.accounts.japanese_names import GIVEN_NAMES, SURNAMES, romaji_spellings
from support_desk.accounts.passwords import SHORTEST, refusal
from support_desk.accounts.passwords_service import is_common
from tests.data import shared_data

LISTED = """
1qaz2wsx3edc leavemealone finalfantasy chickenwing101 unbelievable neworleans12345 googletester
manchesterunited 1q2w3e4r5t6y qazwsxedcrfv thunderbirds administrator1 letmeinplease
"""
NOUNS = """
anchor basket candle desert engine falcon garden hammer island jacket kettle lantern meadow needle orchard
pencil quarry ribbon saddle timber velvet walnut zipper bottle copper dragonfly glacier harbour library marble
notebook paddle rocket silver tunnel umbrella village whistle blanket canyon feather granite hollow ladder mirror
"""
PLACES = "窓辺 縁側 裏庭 港町 峠道 図書室 駅前 屋根裏 川沿い 商店街 牧場 神社 温泉宿 灯台 果樹園"
WHO = "猫 祖父 旅人 妹 郵便屋 先生 大工 船長 犬 隣人 画家 駅員 従兄弟 漁師 娘"
WHAT = "手紙 味噌汁 自転車 古い時計 風鈴 写真集 長靴 麦茶 毛布 地図帳 林檎 提灯 硯 植木鉢 双眼鏡"
DOES = "磨いている なくした 忘れてきた 直している 数えていた 配り終えた 隠しておく 眺めていた"


def why(password: str, *personal: str) -> type[PasswordRefused] | None:
    return refusal(password, personal=personal, shop_name="Example Shop", is_listed=is_common)


def _common() -> list[str]:
    data = shared_data()
    if data is None:
        return LISTED.split()
    folder = data / "passwords"
    with gzip.open(folder / "django_common_passwords.txt.gz", "rt", encoding="utf-8") as packed:
        lists = [packed.read().splitlines(), json.loads((folder / "zxcvbn_ts_common_passwords.json").read_text())]
    lists.append((folder / "top_100k_of_10M.txt").read_text().splitlines())
    return [password for each in lists for password in each if len(password) >= SHORTEST]


def test_of_all_known_lists_ninety_nine_in_a_hundred_are_refused_as_common():
    listed = _common()
    taken = [password for password in listed if why(password) is not PasswordCommon]
    assert len(taken) <= 0.01 * len(listed), taken


def _names() -> list[str]:
    data = shared_data()
    if data is None:
        return [name for _, kana in (*SURNAMES, *GIVEN_NAMES) for name in romaji_spellings(kana)]
    names: list[str] = json.loads((data / "passwords" / "zxcvbn_ts_ja_firstnames.json").read_text())
    return names


def test_japanese_names_with_years_are_refused_as_common():
    chance = random.Random(7)
    made = []
    for name in _names():
        year = str(chance.randint(1940, 2026))
        forms = (f"{name}{year}{name}", f"{name.capitalize()}{year}!!", f"{name}{name}{year}", f"{name}{year}0401")
        made += [form for form in forms[:: chance.choice((1, 2, 3))] if len(form) >= SHORTEST]
    taken = [password for password in made if why(password) is not PasswordCommon]
    assert len(made) > 300
    assert len(taken) <= 0.01 * len(made), taken[:20]


@pytest.mark.parametrize(
    "password",
    [
        "さくら2026さくら2026",
        "サクラ2026ｻｸﾗ2026",
        "amazon1234amazon",
        "amazon12345678",
        "Amazon1234!!",
        "exampleshop1234",
        "ひまわり19870401",
        "東京2020東京2020",
        "ぱすわーど20261122",
    ],
)
def test_everyday_words_with_years_are_refused_as_common(password: str):
    assert why(password) is PasswordCommon


@pytest.mark.parametrize(
    "password",
    [
        "やまだはなこ19850401",
        "ヤマダハナコ198504",
        "ﾔﾏﾀﾞﾊﾅｺ1985!!",
        "山田花子山田花子1985",
        "yamadahanako1985",
        "YAMADA-hanako-85",
        "hanako.yamada@example.jp",
        "hanako.yamada2026",
    ],
)
def test_the_own_name_or_address_in_any_script_is_refused_as_personal(password: str):
    assert why(password, "hanako.yamada@example.jp", "山田 花子", "ヤマダ ハナコ") is PasswordPersonal


def test_thousands_of_random_four_word_phrases_are_taken():
    chance, nouns = random.Random(11), NOUNS.split()
    phrases = {chance.choice(" -._").join(chance.sample(nouns, 4)) for _ in range(6_000)}
    assert [phrase for phrase in phrases if why(phrase) is not None] == []


def test_thousands_of_japanese_sentences_are_taken():
    chance = random.Random(13)

    def pick(words: str) -> str:
        return chance.choice(words.split())

    sentences = {f"{pick(PLACES)}で{pick(WHO)}が{pick(WHAT)}を{pick(DOES)}" for _ in range(5_000)}
    sentences = {sentence for sentence in sentences if len(sentence) >= SHORTEST}
    assert len(sentences) > 4_000
    assert [sentence for sentence in sentences if why(sentence) is not None] == []
