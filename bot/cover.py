"""Draws a cover for a track whose vendor sends none: rings and a title, the same for the same words."""

import colorsys
import io
import textwrap
import unicodedata
from random import Random

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

#: Pixels a side; drawn twice as large first, for soft edges.
SIDE, _SMOOTH = 640, 2
_LARGE = SIDE * _SMOOTH
#: Sizes of the letters with how many of them go into a line, the largest first; in so many lines at most.
_STEPS = ((64, 14), (48, 19), (36, 26))
_LINES = 3
_MARGIN = 44
#: Marks that have a plain twin.
_PLAIN = str.maketrans("–—‘’“”", "--''\"\"")


def draw_cover(title: str, track_id: str) -> bytes:
    """Return a square JPEG. The track's id decides how it looks, so two tracks of one title differ."""
    chance = Random(f"{title}\n{track_id}".encode("utf-8", "surrogatepass"))
    hue = chance.random()
    dark, light = _colour(hue, 0.65, 0.16), _colour(hue + chance.choice((0.08, 0.42, 0.55)), 0.55, 0.95)
    cover = _ground(dark, _colour(hue + 0.05, 0.6, 0.65))
    _rings(cover, light, chance)
    cover = cover.resize((SIDE, SIDE), Image.Resampling.BOX)
    _write(cover, title)
    file = io.BytesIO()
    cover.save(file, "JPEG", quality=88)
    return file.getvalue()


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _ground(dark: Colour, bright: Colour) -> Image.Image:
    """Return the background: brighter towards the top, dark where the title stands."""
    shades = Image.linear_gradient("L").resize((_LARGE, _LARGE))
    return Image.composite(Image.new("RGB", shades.size, dark), Image.new("RGB", shades.size, bright), shades)


def _rings(cover: Image.Image, colour: Colour, chance: Random) -> None:
    """Draw a disc with grooves, as of a record, somewhere in the upper part."""
    over = ImageDraw.Draw(cover, "RGBA")
    x, y = (chance.uniform(*within) * _LARGE for within in ((0.32, 0.68), (0.33, 0.38)))
    outer = chance.uniform(0.22, 0.3) * _LARGE
    over.ellipse(_box(x, y, outer), fill=(*colour, 70))
    radius = outer
    while radius > outer * 0.3:
        over.ellipse(_box(x, y, radius), outline=(*colour, chance.randrange(60, 230)), width=chance.randrange(3, 12))
        radius -= chance.uniform(0.04, 0.11) * outer
    over.ellipse(_box(x, y, outer * 0.2), fill=(*colour, 255))


def _box(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius


def _write(cover: Image.Image, title: str) -> None:
    """Write the title at the bottom, as far as it fits; none that takes letters the built-in font lacks."""
    words = _without_accents(" ".join(title.split()))
    if not words.isascii() or not words.isprintable():
        return
    size, width = next((step for step in _STEPS if len(_lines(words, step[1])) <= 2), _STEPS[-1])
    text = "\n".join(_lines(words, width)[:_LINES])
    place = (_MARGIN, SIDE - _MARGIN)
    ImageDraw.Draw(cover).multiline_text(place, text, (255, 255, 255), ImageFont.load_default(size), anchor="ld")


def _without_accents(words: str) -> str:
    parts = unicodedata.normalize("NFKD", words.translate(_PLAIN))
    return "".join(part for part in parts if not unicodedata.combining(part))


def _lines(words: str, width: int) -> list[str]:
    return textwrap.wrap(words, width)
