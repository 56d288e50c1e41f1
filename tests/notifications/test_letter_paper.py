"""The sheet: the address in the window and nothing else, everything inside the margins, the same bytes again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support_desk.notifications import letter_paper
from support_desk.notifications.letter_paper import FOLDS_MM, Letter, Recipient, draw, layout

TEXT = "本文です。" * 30 + "\n\nABCD-EFGH-JK0\n\n" + "https://desk.example.jp/t " * 4


def a_letter(place: str = "東京都千代田区千代田1-1", name: str = "森 あおい", text: str = TEXT) -> Letter:
    to = Recipient("1000001", place, name)
    return Letter(to, "ご本人確認コードのご案内", text, "ja", "2026年11月25日(水)", "Example Shop")


@given(
    place=st.text(st.characters(categories=["Lo", "Nd", "Lu"]), min_size=1, max_size=80),
    name=st.text(st.characters(categories=["Lo"]), min_size=1, max_size=30),
)
def test_only_the_address_stands_above_the_first_fold_and_all_of_it(place: str, name: str) -> None:
    lines = layout(a_letter(place, name))
    above = [line for line in lines if line.top_mm < FOLDS_MM[0] + 5]
    shown = "".join(line.text for line in above).replace(" ", "")
    assert shown == f"〒100-0001{place}{name}様".replace(" ", "")
    for line in above:
        assert letter_paper.WINDOW_TOP_MM <= line.top_mm <= letter_paper.WINDOW_BOTTOM_MM
        right = line.left_mm + letter_paper._width_mm(line.text, line.size)
        assert right <= letter_paper.WINDOW_LEFT_MM + letter_paper.WINDOW_WIDTH_MM + line.size


def test_the_code_stands_large_on_a_line_of_its_own() -> None:
    [code] = [line for line in layout(a_letter()) if line.text == "ABCD-EFGH-JK0"]
    assert code.size >= 18


def test_a_letter_is_the_same_bytes_each_time_and_brings_no_font() -> None:
    sheet = draw(a_letter())
    assert sheet == draw(a_letter())
    assert sheet.startswith(b"%PDF-")
    assert b"/FontFile" not in sheet
    assert b"/Count 1" in sheet


@pytest.mark.parametrize("letter", [a_letter(place="長" * 600), a_letter(text="長い文章。" * 900)])
def test_what_does_not_fit_is_refused_and_not_cut_off(letter: Letter) -> None:
    with pytest.raises(ValueError, match="fit"):
        layout(letter)
