"""The sheet of a letter: A4 in Japan's window envelope (長形3号, folded twice), the address in the window alone.

Pure: a letter in, placed lines or the bytes of a PDF out, the same bytes for the same letter. The fonts are those
that every PDF reader brings for Japanese; none is embedded.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

GOTHIC = "HeiseiKakuGo-W5"
# From the left and upper edge of the sheet; a window 90 mm wide shows about this.
WINDOW_LEFT_MM, WINDOW_TOP_MM, WINDOW_WIDTH_MM, WINDOW_BOTTOM_MM = 24.0, 16.0, 82.0, 54.0
FOLDS_MM = (99.0, 198.0)
# Nothing but the address stands above the first fold, so that no code shifts into the window.
BODY_TOP_MM, BODY_LEFT_MM, BODY_WIDTH_MM = 112.0, 25.0, 160.0
_ADDRESS_SIZES = (11.0, 10.0, 9.0, 8.0, 7.0)
_TITLE_SIZE, _BODY_SIZE, _CODE_SIZE = 13.0, 10.5, 20.0
_LEADING = 1.6
_WORDS = re.compile(r"[!-~]+|\s+|.", re.S)
# What may not begin a line is left to hang over its end.
_HANGING = "。、」）!?！？ー・.,)"
_CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{1,4})+")


@dataclass(frozen=True)
class Recipient:
    """Who a letter goes to; `place` is prefecture, city, town and street in one."""

    postal_code: str
    place: str
    name: str


@dataclass(frozen=True)
class Letter:
    """What stands on the sheet."""

    to: Recipient
    title: str
    text: str
    language: str
    sent_on: str
    sender: str


@dataclass(frozen=True)
class PlacedLine:
    """One line: its left end and base line from the upper left corner, in mm, and its size in points."""

    left_mm: float
    top_mm: float
    size: float
    text: str


def layout(letter: Letter) -> list[PlacedLine]:
    """Every line of the sheet where it stands. Raises ValueError where the address or text does not fit."""
    return [*_address(letter.to), *_body(letter)]


def draw(letter: Letter) -> bytes:
    """The letter as a PDF of one page."""
    _register()
    lines = layout(letter)
    sheet = io.BytesIO()
    canvas = Canvas(sheet, pagesize=A4, invariant=1, pageCompression=0, lang=letter.language)
    canvas.setTitle(letter.title)
    for fold in FOLDS_MM:
        canvas.line(3 * mm, A4[1] - fold * mm, 7 * mm, A4[1] - fold * mm)
    for line in lines:
        canvas.setFont(GOTHIC, line.size)
        canvas.drawString(line.left_mm * mm, A4[1] - line.top_mm * mm, line.text)
    canvas.showPage()
    canvas.save()
    return sheet.getvalue()


def _register() -> None:
    if GOTHIC not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(GOTHIC))


def _address(to: Recipient) -> Iterator[PlacedLine]:
    """As large as the window lets it be."""
    _register()
    room_mm = WINDOW_BOTTOM_MM - WINDOW_TOP_MM
    code = f"〒{to.postal_code[:3]}-{to.postal_code[3:]}"
    for size in _ADDRESS_SIZES:
        step_mm = size * 1.45 / mm
        lines = [code, *_wrap(to.place, size, WINDOW_WIDTH_MM), "", *_wrap(f"{to.name} 様", size, WINDOW_WIDTH_MM)]
        if len(lines) * step_mm <= room_mm:
            for number, text in enumerate(lines, 1):
                yield PlacedLine(WINDOW_LEFT_MM, WINDOW_TOP_MM + number * step_mm, size, text)
            return
    raise ValueError("the address does not fit the window")


def _body(letter: Letter) -> Iterator[PlacedLine]:
    top_mm = BODY_TOP_MM
    yield PlacedLine(BODY_LEFT_MM, top_mm, _BODY_SIZE, letter.sent_on)
    yield PlacedLine(BODY_LEFT_MM + 90, top_mm, _BODY_SIZE, letter.sender)
    top_mm += 12
    for text in _wrap(letter.title, _TITLE_SIZE, BODY_WIDTH_MM):
        yield PlacedLine(BODY_LEFT_MM, top_mm, _TITLE_SIZE, text)
        top_mm += _TITLE_SIZE * _LEADING / mm
    top_mm += 4
    for paragraph in letter.text.splitlines():
        size = _CODE_SIZE if _CODE.fullmatch(paragraph.strip()) else _BODY_SIZE
        for text in _wrap(paragraph, size, BODY_WIDTH_MM) or [""]:
            yield PlacedLine(BODY_LEFT_MM, top_mm, size, text)
            top_mm += size * _LEADING / mm
    if top_mm > A4[1] / mm - 12:
        raise ValueError("the text does not fit the sheet")


def _wrap(text: str, size: float, width_mm: float) -> list[str]:
    """The text in lines no wider than this; words of Latin letters stay whole where they fit."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text, size, width_mm):
        if line and _width_mm(line + piece, size) > width_mm and piece not in _HANGING:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, size: float, width_mm: float) -> Iterator[str]:
    for word in _WORDS.findall(text):
        yield from [word] if _width_mm(word, size) <= width_mm else word


def _width_mm(text: str, size: float) -> float:
    return float(pdfmetrics.stringWidth(text, GOTHIC, size)) / mm
