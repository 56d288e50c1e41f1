"""Which passwords are refused, and why."""

from __future__ import annotations

import pytest

from support_desk.accounts.errors import (
    PasswordCommon,
    PasswordPersonal,
    PasswordRefused,
    PasswordTooLong,
    PasswordTooShort,
)
from support_desk.accounts.passwords import refusal
from support_desk.accounts.passwords_service import is_common

OWNER = ("hanako.yamada@example.jp", "山田 花子", "ヤマダ ハナコ", "+818012345678")


def why(password: str, *personal: str) -> type[PasswordRefused] | None:
    return refusal(
        password,
        personal=personal,
        shop_name="Example Shop",
        is_listed=is_common,
    )


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", PasswordTooShort),
        ("elevenchars", PasswordTooShort),
        ("x" * 257, PasswordTooLong),
        ("password1234", PasswordCommon),
        ("PASSWORD1234", PasswordCommon),
        ("ｐａｓｓｗｏｒｄ１２３４", PasswordCommon),
        ("P@ssw0rd-2026", PasswordCommon),
        ("qwertyuiop12", PasswordCommon),
        ("123456789012", PasswordCommon),
        ("abcdefghijklmnop", PasswordCommon),
        ("aaaaaaaaaaaaaaaa", PasswordCommon),
        ("abababababab", PasswordCommon),
        ("iloveyou2020", PasswordCommon),
        ("sakura1998sakura", PasswordCommon),
        ("Sakura20200401", PasswordCommon),
        ("tanaka20251225", PasswordCommon),
        ("tanaka-taro-1985", PasswordCommon),
        ("satoukenichi1990", PasswordCommon),
        ("SatoKenichi1990!", PasswordCommon),
        ("田中太郎19851225!", PasswordCommon),
        ("さくらさくら20260401", PasswordCommon),
        ("パスワード1234567", PasswordCommon),
        ("ﾊﾟｽﾜｰﾄﾞ1234567", PasswordCommon),
        ("あいうえおかきくけこさし", PasswordCommon),
        ("exampleshop2026", PasswordCommon),
        ("Example Shop 1", PasswordCommon),
        ("hanako.yamada@example.jp", PasswordPersonal),
        ("hanako.yamada1", PasswordPersonal),
        ("yamadahanako1985", PasswordPersonal),
        ("はなこ1985やまだはなこ", PasswordPersonal),
        ("xhanako.yamada@example.jpx", PasswordPersonal),
        ("08012345678xyz", PasswordPersonal),
        ("山田花子の合言葉です今日", None),
        ("correct horse battery staple", None),
        ("purple-monkey-lamp", None),
        ("blue kettle seven", None),
        ("新しい合言葉は青い水筒です", None),
        ("kx8#pQ2!vnLw", None),
        ("rock and garden 7", None),
        ("x9" * 6 + "qwer", PasswordCommon),
        ("correct-" * 32, None),
        ("akinori2006akinori", PasswordCommon),
        ("Chikage1987!!", PasswordCommon),
        ("あきのり2006あきのり", PasswordCommon),
        ("智也智也智也智也2001", PasswordCommon),
        ("suzuki-chikage-1987", PasswordCommon),
        ("neworleans12345", PasswordCommon),
        ("the rain in spain stays mainly in the plain, and nowhere else at all " * 2, None),
        (
            "春はあけぼの、やうやう白くなりゆく山際少し明かりて、紫だちたる雲の細くたなびきたる。夏は夜、月のころはさらなり、闇もなほ",
            None,
        ),
        ("👩‍🚀🚀🌕🪐⭐🌍🛰️🌌🌠🌑🌒🌓🌔", None),
    ],
)
def test_a_password_is_refused_for_the_reason_told(password: str, reason: type[PasswordRefused] | None):
    assert why(password, *OWNER) is reason


def test_another_persons_words_are_not_personal():
    assert why("kuroshio-maru-88") is None
    assert why("kuroshio-maru-88", "kuroshio.maru@example.jp") is PasswordPersonal


def test_every_reason_carries_the_pointer_its_code_and_words_in_the_language_asked():
    for kind in PasswordRefused.__subclasses__():
        error = kind(pointer="/new_password", language="en")
        assert [(item.pointer, item.code, item.message) for item in error.errors] == [
            ("/new_password", kind.code, kind.en)
        ]
        assert error.status == 422
