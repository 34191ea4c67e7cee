"""The library's numbers, drawn: bars by week, by kind and by provider."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

#: A panel of its own, so that it reads alike on Discord's dark and light backgrounds.
BACKGROUND, PANEL, TEXT, FAINT = "#1e1f22", "#2b2d31", "#f2f3f5", "#b5bac1"
COLOURS = ("#5eb1ff", "#ffb454", "#7ee0a1", "#ff8fab")
_SIZE, _MARGIN, _PAD = (960, 620), 20, 20
_TOP_HEIGHT, _ROW = 310, 52
#: More kinds or providers than these do not fit one panel.
_MOST_ROWS = 4
_LABEL_WIDTH = 140

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Bars:
    """One chart: its title, and a label with a number for each bar."""

    title: str
    bars: Sequence[tuple[str, int]]


def draw(weeks: Bars, left: Bars, right: Bars) -> bytes:
    """Return a PNG: `weeks` above as columns, the other two below as rows. Takes some milliseconds of one core."""
    image = Image.new("RGB", _SIZE, BACKGROUND)
    pen = ImageDraw.Draw(image)
    width, height = _SIZE
    middle, below = width // 2, _MARGIN + _TOP_HEIGHT + _MARGIN
    _columns(pen, (_MARGIN, _MARGIN, width - _MARGIN, _MARGIN + _TOP_HEIGHT), weeks)
    _rows(pen, (_MARGIN, below, middle - _MARGIN // 2, height - _MARGIN), left)
    _rows(pen, (middle + _MARGIN // 2, below, width - _MARGIN, height - _MARGIN), right)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _panel(pen: ImageDraw.ImageDraw, box: Box, title: str) -> Box:
    """Draw the ground and the title; return what is left inside."""
    pen.rounded_rectangle(box, 12, fill=PANEL)
    left, top, right, bottom = box
    pen.text((left + _PAD, top + 14), title, TEXT, _font(24))
    return left + _PAD, top + 58, right - _PAD, bottom - _PAD


def _columns(pen: ImageDraw.ImageDraw, box: Box, chart: Bars) -> None:
    left, top, right, bottom = _panel(pen, box, chart.title)
    floor, ceiling = bottom - 26, top + 22
    step = (right - left) / max(1, len(chart.bars))
    most = max((number for _, number in chart.bars), default=0) or 1
    pen.line((left, floor, right, floor), FAINT, 2)
    for place, (label, number) in enumerate(chart.bars):
        centre = left + step * (place + 0.5)
        height = (floor - ceiling) * number / most
        if number:
            pen.rectangle((centre - step * 0.32, floor - max(height, 2), centre + step * 0.32, floor - 1), COLOURS[0])
            pen.text((centre, floor - height - 4), short(number), TEXT, _font(17), anchor="ms")
        pen.text((centre, floor + 8), label, FAINT, _font(16), anchor="mt")


def _rows(pen: ImageDraw.ImageDraw, box: Box, chart: Bars) -> None:
    left, top, right, _ = _panel(pen, box, chart.title)
    start, room = left + _LABEL_WIDTH, right - left - _LABEL_WIDTH - 70
    most = max((number for _, number in chart.bars), default=0) or 1
    for place, (label, number) in enumerate(chart.bars[:_MOST_ROWS]):
        middle = top + 18 + place * _ROW
        end = start + max(2, room * number / most)
        pen.text((left, middle), label, TEXT, _font(19), anchor="lm")
        pen.rectangle((start, middle - 13, end, middle + 13), COLOURS[place])
        pen.text((end + 10, middle), short(number), TEXT, _font(19), anchor="lm")


def short(number: int) -> str:
    """Return a number in at most five characters: 950, 12.3k, 100k."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.1f}k" if number < 100_000 else f"{number // 1000}k"
