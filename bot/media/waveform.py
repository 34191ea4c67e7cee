"""A drawn waveform, in the colours of the track's cover."""

import colorsys
import io
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

from bot.media.colour import Colour
from bot.media.told import members, number, read

#: Pixels; drawn twice as large first, for soft edges.
SIZE, _SMOOTH = (1200, 300), 2
#: Bars from left to right, with how much of its place each fills, and how high it is where nothing sounds.
BARS, _FILLED, _LEAST = 200, 0.6, 0.015
#: Of the height, how much the loudest fills.
_HEIGHT = 0.86
#: Where there is no cover to take colours from.
_PLAIN: Sequence[Colour] = ((94, 106, 210), (64, 190, 180))


def draw_waveform(extra: str, colours: Sequence[Colour]) -> bytes | None:
    """Return a PNG of the peaks, from 0 to 1, in these colours; None where there are no peaks."""
    told = (number(one) for one in members(read(extra, "peaks")))
    peaks = [min(1.0, max(0.0, one)) for one in told if one is not None]
    if not peaks:
        return None
    width, height = SIZE[0] * _SMOOTH, SIZE[1] * _SMOOTH
    left, right = _bright((colours or _PLAIN)[0]), _bright((colours or _PLAIN)[:2][-1])
    picture = Image.new("RGB", (width, height), _dark(left))
    pen = ImageDraw.Draw(picture)
    for place, peak in enumerate(_bars(peaks)):
        _draw_bar(pen, place, max(_LEAST, peak * _HEIGHT), _between(left, right, place / (BARS - 1)))
    file = io.BytesIO()
    picture.resize(SIZE, Image.Resampling.BOX).save(file, "PNG", optimize=True)
    return file.getvalue()


def _bars(peaks: Sequence[float]) -> list[float]:
    """Return one height for each bar: the highest of the peaks that it stands for."""
    count = len(peaks)
    starts = [place * count // BARS for place in range(BARS + 1)]
    return [max(peaks[start : max(start + 1, end)]) for start, end in pairwise(starts)]


def _draw_bar(pen: ImageDraw.ImageDraw, place: int, share: float, colour: Colour) -> None:
    width, height = SIZE[0] * _SMOOTH / BARS, SIZE[1] * _SMOOTH
    left, middle = (place + (1 - _FILLED) / 2) * width, height / 2
    box = (left, middle - share * height / 2, left + width * _FILLED, middle + share * height / 2)
    pen.rounded_rectangle(box, radius=width * _FILLED / 2, fill=colour)


def _bright(colour: Colour) -> Colour:
    """Return a colour that stands out from the dark, of the same hue."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    return _rgb(hue, min(saturation, 0.8), max(value, 0.85))


def _dark(colour: Colour) -> Colour:
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    return _rgb(hue, saturation * 0.7, 0.13)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
