"""What agents see of personal values."""

import pytest

from support_desk.tickets.masking import mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [("山田 太郎", "山＊"), ("Hanako", "H＊"), ("", None), ("  ", None), (None, None), ("𠮷野", "𠮷＊")],
)
def test_of_a_name_the_first_character_is_left(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("email", "masked"), [("taro@example.com", "t＊＊＊@＊＊＊"), ("no at sign", "n＊＊＊@＊＊＊"), (None, None)]
)
def test_of_an_email_the_first_character_is_left(email, masked):
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("phone", "masked"), [("+819012345678", "＊＊＊＊78"), ("12", "＊＊＊＊"), ("", None), (None, None)]
)
def test_of_a_phone_the_last_two_digits_are_left(phone, masked):
    assert mask_phone(phone) == masked
