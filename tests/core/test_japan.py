"""Identifiers and names: what people type for one thing is equal, and different things stay different."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from support_desk.core.japan import (
    fold_hyphens,
    fold_kana,
    is_jp_mobile,
    item_words,
    name_keys,
    normalise_email,
    normalise_order_number,
    normalise_phone,
    normalise_postal_code,
)
from support_desk.core.japan.variants import VARIANTS
from tests.data import shared_data

HYPHENS = "-‐‑‒–—―−ー－─ｰ"
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Taro.Yamada@Example.JP", "taro.yamada@example.jp"),
        ("  taro@example.com ", "taro@example.com"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "taro@example.com"),
        ("<taro@example.com>", "taro@example.com"),
        ("taro..x.@docomo.example.jp", "taro..x.@docomo.example.jp"),
        ("taro+shop@example.com", "taro+shop@example.com"),
        ("taro@日本.example", "taro@xn--wgv71a.example"),
        ("taro@例え。テスト", "taro@xn--r8jz45g.xn--zckzah"),
        ("STRASSE@example.com", "strasse@example.com"),
    ],
)
def test_an_address_becomes_one_key(text: str, key: str) -> None:
    assert normalise_email(text) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "taro",
        "@example.com",
        "taro@",
        "taro@localhost",
        "a@b@",
        "ta ro@example.com",
        "taro@ex ample.com",
        "taro@example..com",
        "taro@-example.com",
        "taro\x00@example.com",
        "taro@example.com\nbcc:x@example.com",
        "taro@127.0.0.1",
        "a" * 65 + "@example.com",
        "taro@" + "a" * 64 + ".com",
        "taro@\ud800.com",
        "(x)taro@example.com",
    ],
)
def test_what_is_no_address_has_no_key(text: str | None) -> None:
    assert normalise_email(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "09012345678",
        "090-1234-5678",
        "０９０ー１２３４ー５６７８",
        "０９０－１２３４－５６７８",
        "090 1234 5678",
        "(090)1234-5678",
        "9012345678",
        "+819012345678",
        "+81 90-1234-5678",
        "+81 (0)90-1234-5678",
        "0081 90 1234 5678",
        "+８１９０１２３４５６７８",
        "tel:090−1234−5678",
        "電話番号：090‐1234‐5678",
        "819012345678",
        "010-81-90-1234-5678",
        "090.1234.5678",
        "090・1234・5678",
    ],
)
def test_every_way_to_write_a_mobile_number_is_one(text: str) -> None:
    assert normalise_phone(text) == "+819012345678"
    assert is_jp_mobile("+819012345678")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("03-1234-5678", "+81312345678"),
        ("312345678", "+81312345678"),
        ("03-1234-5678 内線 12", "+81312345678"),
        ("0120-123-456", "+81120123456"),
        ("+44 20 7946 0018", "+442079460018"),
    ],
)
def test_other_numbers_are_read(text: str, key: str) -> None:
    assert normalise_phone(text) == key
    assert not is_jp_mobile(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "090",
        "なし",
        "0" * 30,
        "090-1234-56789012",
        "abc",
        "+",
        "0120FLOWER",
        "\x00",
        "1" * 300,
    ],
)
def test_what_is_no_number_has_no_key(text: str | None) -> None:
    assert normalise_phone(text) is None


def test_a_number_belongs_to_the_region_given() -> None:
    assert normalise_phone("020 7946 0018", region="GB") == "+442079460018"


@pytest.mark.parametrize(
    "text",
    [
        "1500001",
        "150-0001",
        "〒150-0001",
        "〒１５０−０００１",
        "150 0001",
        "１５０ー０００１",
        " 〒 150 ‐ 0001 ",
        "郵便番号：150-0001",
    ],
)
def test_every_way_to_write_a_postal_code_is_one(text: str) -> None:
    assert normalise_postal_code(text) == "1500001"


@pytest.mark.parametrize(
    "text", ["", None, "150-001", "150-00011", "SW1A 1AA", "〒", "150-OOO1", "1500001 1500002", "٣٣٣٣٣٣٣x"]
)
def test_what_is_no_postal_code_has_no_key(text: str | None) -> None:
    assert normalise_postal_code(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "251-6346061-9462589",
        "２５１－６３４６０６１－９４６２５８９",
        "251 6346061 9462589",
        "#251-6346061-9462589",
        "注文番号：251-6346061-9462589",
        "Order no. 251-6346061-9462589",
    ],
)
def test_every_way_to_write_an_order_number_is_one(text: str) -> None:
    assert normalise_order_number(text) == "25163460619462589"


def test_a_letter_of_an_order_number_is_kept_in_capitals() -> None:
    assert normalise_order_number("ord-9f12") == "ORD9F12"
    assert normalise_order_number("NO12345") == "NO12345"
    assert normalise_order_number("わかりません") is None
    assert normalise_order_number("12") is None


@given(st.from_regex(r"[0-9]{7}", fullmatch=True), st.sampled_from(HYPHENS + " "), st.booleans(), st.booleans())
def test_separators_and_width_of_a_postal_code_do_not_matter(
    digits: str, separator: str, wide: bool, mark: bool
) -> None:
    written = ("〒" if mark else "") + digits[:3] + separator + digits[3:]
    assert normalise_postal_code(written.translate(FULL_WIDTH) if wide else written) == digits


@given(
    st.from_regex(r"[789]0[1-9][0-9]{7}", fullmatch=True),
    st.sampled_from(HYPHENS + " "),
    st.booleans(),
    st.sampled_from(["0", "+81", "", "0081"]),
)
def test_separators_and_width_of_a_mobile_number_do_not_matter(
    digits: str, separator: str, wide: bool, prefix: str
) -> None:
    written = prefix + separator.join((digits[:2], digits[2:6], digits[6:]))
    assert normalise_phone(written.translate(FULL_WIDTH) if wide else written) == "+81" + digits


@given(st.text())
@example("U/'")
@example("K A")
def test_every_normaliser_takes_any_text_and_keeps_its_own_result(text: str) -> None:
    for normalise in (normalise_email, normalise_phone, normalise_postal_code, normalise_order_number):
        key = normalise(text)
        assert key is None or normalise(key) == key
    assert fold_kana(fold_kana(text)) == fold_kana(text)
    assert fold_hyphens(fold_hyphens(text)) == fold_hyphens(text)
    for key in name_keys(text):
        assert key in name_keys(key[2:])
    item_words(text)


def hostile_strings() -> list[str]:
    data = shared_data()
    if data is None:
        return [
            "\x00",
            "\ud800",
            "'; DROP TABLE x; --",
            "‮evil",
            "Ω≈ç√∫",
            "999999999999999999",
            "١٢٣٤٥٦٧",
            "👩‍👩‍👧",
        ]
    strings: list[str] = json.loads((data / "hostile" / "blns.json").read_text("utf-8"))
    return strings


def test_no_string_breaks_a_normaliser() -> None:
    for text in hostile_strings():
        postal_code, phone = normalise_postal_code(text), normalise_phone(text)
        assert postal_code is None or re.fullmatch("[0-9]{7}", postal_code, re.ASCII)
        assert phone is None or re.fullmatch(r"\+[0-9]{6,15}", phone, re.ASCII)
        assert normalise_email(text) is None or normalise_email(text) == normalise_email(normalise_email(text))
        assert all(len(key) < 500 for key in name_keys(text, text))
        normalise_order_number(text)
        item_words(text)


def test_a_long_vowel_mark_is_a_letter_unless_it_stands_between_digits() -> None:
    assert fold_hyphens("1ー2−3 コーヒー") == "1-2-3 コーヒー"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋 一郎", "高橋一郎"),
        ("山﨑 花", "山崎　花"),
        ("渡邊 史", "渡辺 史"),
        ("渡邉史", "渡辺 史"),
        ("斎藤 工", "齋藤 工"),
        ("濵田 優", "浜田 優"),
        ("𠮷田 茂", "吉田 茂"),
        ("葛󠄀城 一", "葛城 一"),
        ("辻󠄀 一", "辻 一"),
        ("佐々木 希", "佐佐木 希"),
        ("山田 太郎", "太郎 山田"),
        ("山田太郎", "太郎 山田"),
        ("神谷 祐", "神谷 祐"),
        ("龍 馬", "竜 馬"),
        ("桒田 一", "桑田 一"),
        ("サトウ ハナコ", "さとう はなこ"),
        ("ｻﾄｳ ﾊﾅｺ", "サトウハナコ"),
        ("ミズノ チヅル", "ミズノ チズル"),
        ("ヂョウ", "ジョウ"),
        ("オオノ", "オーノ"),
        ("オオノ", "オウノ"),
        ("ジョージ", "ジヨウジ"),
        ("キャサリン", "キヤサリン"),
        ("ヴィオラ", "ビオラ"),
        ("シーナ", "シイナ"),
        ("ミスゞ", "ミスズ"),
        ("みすゞ", "ミスズ"),
        ("カネコ ミスヽ", "カネコ ミスス"),
        ("ジョ-ジ", "ジョージ"),
        ("Sato Hanako", "サトウ ハナコ"),
        ("Satō Hanako", "サトウ ハナコ"),
        ("Hanako Satou", "サトウ ハナコ"),
        ("SATOH HANAKO", "サトウ ハナコ"),
        ("Shinichi Ohno", "オオノ シンイチ"),
        ("Sin'iti Oono", "オオノ シンイチ"),
        ("Shin’ichi Ôno", "オオノ シンイチ"),
        ("Tyuuzi Hudi", "フジ チュウジ"),
        ("Chuji Fuji", "フジ チュウジ"),
        ("Homma Ryunosuke", "ホンマ リュウノスケ"),
        ("Hatchobori Kenichi", "ハッチョウボリ ケンイチ"),
        ("Inoue Koichi", "イノウエ コウイチ"),
        ("Ooi Tsuzuru", "オオイ ツヅル"),
        ("José Núñez", "Jose Nunez"),
        ("Jean-Luc Picard", "picard jean luc"),
        ("SMITH John", "John Smith"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "やまだ　たろう"),
        ("Ｙａｍａｄａ　Ｔａｒｏ", "ヤマダ タロウ"),
    ],
)
def test_two_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert name_keys(one) & name_keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("オオノ タロウ", "オノ タロウ"),
        ("山田 太郎", "山田 次郎"),
        ("山田 太郎", "山田"),
        ("サトウ ハナコ", "サトウ ハナ"),
        ("小野 一", "大野 一"),
        ("ハシモト ユウ", "バシモト ユウ"),
        ("Ono Taro", "Ueno Taro"),
        ("カトウ", "カト"),
        ("伊東 一", "伊藤 一"),
        ("John Smith", "John Smyth"),
        ("キヨウ", "キオウ"),
        ("ユウコ", "ヨウコ"),
    ],
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert not name_keys(one) & name_keys(other)


def test_kanji_or_kana_is_enough() -> None:
    registered = name_keys("佐藤 花子", "サトウ ハナコ")
    assert name_keys("佐藤花子") & registered
    assert name_keys("さとう はなこ") & registered
    assert name_keys("Sato Hanako", None) & registered
    assert name_keys(None, None) == name_keys("", "  ") == frozenset()


def test_a_romaji_name_has_a_bounded_number_of_keys() -> None:
    assert len(name_keys("Shoyokorotonomo Ryonoyunosuke Konoyoroyo Otonosoyoroto Kono")) <= 64
    assert len(name_keys("Shunichiro Kurokouchi")) <= 128


def test_no_variant_leads_to_another_variant() -> None:
    assert not {character for target in VARIANTS.values() for character in target if ord(character) in VARIANTS}


KANA_NAME = st.text(
    st.sampled_from(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンガギグゲゴャュョッー"
    ),
    min_size=1,
    max_size=8,
)


@given(KANA_NAME, KANA_NAME)
def test_order_space_width_and_script_of_a_kana_name_do_not_matter(family: str, given_name: str) -> None:
    keys = name_keys(f"{family} {given_name}")
    hiragana = "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in f"{family}　{given_name}")
    assert name_keys(f"{given_name} {family}") == keys
    assert name_keys(hiragana) == keys
    assert name_keys(family + given_name) <= keys


def test_words_of_an_item_are_compared_without_case_width_and_plural() -> None:
    assert item_words("SET OF 3 T-LIGHTS") == item_words("ｓｅｔ of 3 T‐light")
    assert item_words("電気ケトル 1.2L") >= {"電気", "ケト", "トル"}
    assert item_words("でんきけとる") == item_words("デンキケトル")
    assert item_words("glass") == {"glass"}
    assert item_words("茶") == {"茶"}
    assert item_words(None) == item_words("") == frozenset()
    assert not any(re.search(r"\s", word) for word in item_words("a b\tc d\n漢字 かな"))
