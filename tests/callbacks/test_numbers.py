"""Numbers the desk rings and numbers it never rings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_desk.callbacks.numbers import Refusal, Ringable, is_ringable, masked, read_number
from tests.data import shared_data

MOBILE = "+819012345678"


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("090-1234-5678", MOBILE),
        ("09012345678", MOBILE),
        ("０９０−１２３４−５６７８", MOBILE),
        ("０９０ー１２３４ー５６７８", MOBILE),
        ("090ｰ1234ｰ5678", MOBILE),
        ("090 1234 5678", MOBILE),
        (" 090　1234　5678 ", MOBILE),
        ("90-1234-5678", MOBILE),  # a spreadsheet lost the zero
        ("+81 90-1234-5678", MOBILE),
        ("＋８１９０１２３４５６７８", MOBILE),
        ("+81(0)90-1234-5678", MOBILE),
        ("0081-90-1234-5678", MOBILE),
        ("070-1234-5678", "+817012345678"),
        ("080.1234.5678", "+818012345678"),
        ("060-1234-5678", "+816012345678"),
        ("03-1234-5678", "+81312345678"),
        ("(03)1234-5678", "+81312345678"),
        ("099-250-1234", "+81992501234"),
        ("0985-12-3456", "+81985123456"),
        ("050-1234-5678", "+815012345678"),
        ("+44 7400 123456", "+447400123456"),
    ],
)
def test_a_number_is_read_as_people_write_it(typed, e164):
    assert read_number(typed) == Ringable(e164, mobile=e164[:5] in {"+8170", "+8180", "+8190"})


@pytest.mark.parametrize(
    "typed",
    ["110", "119", "118", "104", "117", "171", "177", "188", "189", "１１０", "#7119", "#9110", "116000",
     "0120-123-456", "０１２０−１２３−４５６", "+81120123456", "0120123456", "120123456", "0800-123-4567",
     "0570-012-345", "+81570012345", "0990-123-456", "020-1234-5678", "+1 800 555 0123",
     "+44 909 879 0000", "+881 6 1234 5678", "+800 1234 5678", "+979 123 456 789"],
)  # fmt: skip
def test_services_are_never_rung(typed):
    assert read_number(typed) is Refusal.NOT_RINGABLE


@pytest.mark.parametrize(
    "typed",
    ["", " ", "-", "0", "12", "+", "+81", "090-1234-567", "090-1234-56789", "090-0234-5678", "電話してください",
     "090-1234-5678; rm -rf /", "<script>alert(1)</script>", "' OR 1=1 --", "NaN", "1e10", "٠٩٠١٢٣٤٥٦٧٨",
     "\u202e8765-4321-090", "9" * 500, "+999 123456789", "☎️", "tel:", "184-090-1234-5678", "0180-99-1234"],
)  # fmt: skip
def test_what_is_no_number_is_refused(typed):
    assert isinstance(read_number(typed), Refusal)


def test_example_numbers_of_the_world_are_rung_only_where_they_are_a_persons_line():
    data = shared_data()
    if data is None:
        pytest.skip("no shared data on this machine")
    lines = (data / "phones" / "google_example_numbers.jsonl").read_text(encoding="utf-8").splitlines()
    judged = [(row["type"], is_ringable(row["e164"])) for row in map(json.loads, lines)]
    ringable = {kind for kind, good in judged if good}
    assert ringable == {"FIXED_LINE", "MOBILE", "VOIP"}
    assert all(good for kind, good in judged if kind in {"FIXED_LINE", "MOBILE"})


def test_hostile_strings_never_crash():
    data = shared_data()
    strings = json.loads((data / "hostile" / "blns.json").read_text()) if data else ["\x00", "\ud800", "１" * 90]
    for text in strings:
        assert isinstance(read_number(text), Refusal | Ringable)


@given(st.text(max_size=90))
def test_any_text_is_judged(text):
    read = read_number(text)
    assert isinstance(read, Refusal) or read_number(read.e164) == read


@given(st.integers(0, 99_999_999), st.sampled_from(["070", "080", "090"]))
def test_a_lost_zero_full_width_and_country_code_mean_the_same(number, prefix):
    local = f"{prefix}{number:08}"
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in local)
    assert read_number(local) == read_number(local[1:]) == read_number(wide) == read_number(f"+81{local[1:]}")


def test_a_masked_number_shows_two_digits():
    assert masked(MOBILE) == "•••••••••••78"
