"""Draw an abstract cover from words: a scene, a palette and the title, the same for the same words."""

import io
import re
import textwrap
import unicodedata
from functools import cache
from random import Random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Colour = tuple[int, ...]
Palette = tuple[Colour, ...]
SMOOTH = 2  # scenes are drawn this much larger, for soft edges
WHITE = (255, 255, 255)
LONGEST_TITLE = 60
TITLE_STEPS = ((16, 10), (20, 12), (24, 14), (29, 17), (34, 20))  # letters in a line, lines in the height of a cover
PLAIN = str.maketrans({"–": "-", "—": "-", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "œ": "oe"})
_font = cache(ImageFont.load_default)

# From the darkest to the lightest; the fifth is the accent.
PALETTES = {
    "dusk": "1b1035 47225f 8f3a6f e0646a ffb26b ffe3b3",
    "dawn": "2b2d5b 5d5a95 b47ba6 f3a3a0 ffd39a fff3df",
    "ocean": "04202f 0b4058 12708a 35a7ad ffd27f e4fbf3",
    "forest": "0d1f1c 1c3f36 3a6b4f 83a35f f0c75e f6f0d2",
    "neon": "0b0620 2a0f57 6a1b9a e0218a 25e6e0 f6e7ff",
    "ember": "1a0b0c 471416 8e2b1d d9512c ffab4a ffe9c9",
    "rain": "111a26 23354a 44607a 7f9bb0 f2c58a e6eef3",
    "winter": "16243d 31507a 6c93b8 abcadd ffd9c7 f7fbff",
    "candy": "3a1247 87318c e05a9b ff8f8f ffd166 fff4e4",
    "smoke": "14110f 362a24 735343 b98a62 e9c46a f8ecd4",
}
# What words suggest: a scene, and palettes for one variation and the next.
THEMES = (
    ("rain rainy city night street hiphop hip-hop trap rap lofi lo-fi noir window urban", "skyline", "rain smoke dusk"),
    ("synthwave retro techno house neon arcade chiptune 8-bit game drive dance club edm", "sun", "neon dusk"),
    ("summer sunset sunny disco beach party road", "sun", "dusk candy"),
    ("folk country forest village celtic nature hill mountain acoustic", "hills", "forest dawn"),
    ("rock metal punk angry battle epic war dragon cinematic campfire fire autumn", "hills", "ember dusk"),
    ("morning dawn gentle sleep love ballad sad lonely goodbye", "hills", "dawn winter"),
    ("ocean sea wave waves surf calm river water pirate shanty", "waves", "ocean dawn"),
    ("space stars moon planet galaxy dream dreamy ethereal ambient meditation cosmic", "orbits", "dusk neon ocean"),
    ("jazz swing blues coffee smoky bossa piano", "papercut", "smoke ember"),
    ("pop funk happy birthday fun cheerful", "papercut", "candy dawn"),
    ("winter snow ice cold christmas waltz", "papercut", "winter ocean"),
)


def draw_cover(words: str, title: str, variation: int = 0, size: int = 768) -> bytes:
    """Draw the cover these words suggest, with the title on it; returns a square JPEG of `size` pixels a side."""
    rng = Random(words.encode("utf-8", "surrogatepass") + b"/%d" % variation)
    said = re.findall(r"[a-z0-9-]+", words.lower())
    found = [theme for word in said for theme in THEMES if word in theme[0].split()]
    _, scene, palettes = found[0] if found else ("", rng.choice(list(SCENES)), rng.choice(list(PALETTES)))
    palette = palettes.split()[variation % len(palettes.split())]
    colours = tuple(tuple(bytes.fromhex(colour)) for colour in PALETTES[palette].split())
    cover = _grain(SCENES[scene](size * SMOOTH, colours, rng).reduce(SMOOTH), colours[0], rng)
    _set_title(cover, title, colours)
    file = io.BytesIO()
    cover.save(file, "JPEG", quality=90)
    return file.getvalue()


def _blend(first: Colour, second: Colour, share: float) -> Colour:
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))


def _sky(width: int, height: int, *stops: Colour) -> Image.Image:
    """Make a gradient from top to bottom."""
    places, marks = np.linspace(0, 1, height), np.linspace(0, 1, len(stops))
    bands = [np.interp(places, marks, [stop[n] for stop in stops]) for n in range(3)]
    return Image.fromarray(np.stack(bands, axis=-1).astype(np.uint8)[:, None]).resize((width, height))


def _glow(image: Image.Image, centre: tuple[float, float], radius: float, colour: Colour, strength: float) -> None:
    """Lay a soft light over the image, brightest in the centre."""
    scale = 128 / image.width
    y, x = np.mgrid[0:128, 0:128]
    distance = np.hypot(x - centre[0] * scale, y - centre[1] * scale) / (radius * scale)
    mask = Image.fromarray((255 * strength * np.exp(-(distance**2))).astype(np.uint8))
    image.paste(colour, mask=mask.resize(image.size, Image.Resampling.BICUBIC))


def _light(image: Image.Image, centre: tuple[float, float], radius: float, colours: Palette) -> None:
    """Hang a sun or a moon into the sky."""
    size, place = image.width, (centre[0] * image.width, centre[1] * image.width)
    _glow(image, place, 0.32 * size, colours[5], 0.75)
    ImageDraw.Draw(image).circle(place, radius * size, _blend(colours[5], WHITE, 0.4))


def _ridge(size: int, rng: Random, height: float, rough: float, waves: int = 5) -> npt.NDArray[np.float64]:
    """Make a smooth skyline: for every column a height in pixels, about `height` with swings of `rough`."""
    x = np.linspace(0, 2 * np.pi, size)
    swings = [np.sin(x * n * rng.uniform(0.5, 1.0) + rng.uniform(0, 7)) / n for n in range(1, waves + 1)]
    return np.asarray(height + rough * np.sum(swings, axis=0), np.float64)


def _fill_below(image: Image.Image, line: npt.NDArray[np.float64], top: Colour, bottom: Colour) -> None:
    """Paint everything beneath a line, fading from one colour into another."""
    size, heights = image.width, line[::4].tolist()
    points = [*zip(range(0, size, 4), heights, strict=True), (size, heights[-1]), (size, size), (0, size)]
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    first = max(0, int(min(heights)))
    image.paste(_sky(size, size - first, top, bottom), (0, first), mask.crop((0, first, size, size)))


def _sprinkle(image: Image.Image, rng: Random, colour: Colour, count: int, streak: float = 0.0) -> None:
    """Strew stars, or drops of rain that are streaks, over the image."""
    size, mask = image.width, Image.new("L", image.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y, length = rng.uniform(0, 1.1) * size, rng.random() * size, rng.uniform(0.5, 1.5) * streak * size
        if streak:
            draw.line((x, y, x - length * 0.18, y + length), rng.randint(25, 95), size // 700)
        else:
            draw.circle((x, y), rng.choice((1, 1.5, 2.5)) * size / 1024, rng.randint(70, 230))
    image.paste(colour, mask=mask)


def hills(size: int, colours: Palette, rng: Random) -> Image.Image:
    """Draw layered hills with mist between them, under a low sun or moon."""
    image = _sky(size, size, colours[1], colours[3], colours[4], colours[5])
    _sprinkle(image, rng, colours[5], 150)
    _light(image, (rng.uniform(0.25, 0.75), rng.uniform(0.3, 0.42)), rng.uniform(0.07, 0.11), colours)
    for number in range(6):
        depth = number / 5
        near = _blend(colours[3], colours[0], depth**0.7)
        line = _ridge(size, rng, (0.46 + 0.4 * depth) * size, (0.028 + 0.02 * depth) * size, 5 + number)
        _fill_below(image, line, near, _blend(near, colours[4], 0.45 * (1 - depth)))
    return image


def sun(size: int, colours: Palette, rng: Random) -> Image.Image:
    """Draw a great banded sun over a floor of lines that run to the horizon."""
    horizon = rng.uniform(0.6, 0.66) * size
    image = _sky(size, size, colours[0], colours[1], colours[2], colours[0])
    _sprinkle(image, rng, colours[5], 280)
    centre, radius = (size / 2, horizon - 0.12 * size), rng.uniform(0.25, 0.3) * size
    _glow(image, centre, radius * 1.7, colours[3], 0.8)
    disc = _sky(int(2 * radius), int(2 * radius), colours[5], colours[4], colours[3])
    mask = Image.new("L", disc.size)
    draw = ImageDraw.Draw(mask)
    draw.ellipse((0, 0, 2 * radius - 1, 2 * radius - 1), fill=255)
    for band in range(6):
        y = radius * (1.0 + 0.16 * band)
        draw.rectangle((0, y, 2 * radius, y + radius * (0.025 + 0.013 * band)), fill=0)
    image.paste(disc, (int(centre[0] - radius), int(centre[1] - radius)), mask)
    _fill_below(image, np.full(size, horizon), colours[1], colours[0])
    _floor(image, horizon, colours[4], _blend(colours[1], colours[4], 0.65))
    return image


def _floor(image: Image.Image, horizon: float, bright: Colour, line: Colour) -> None:
    """Draw the lines of a plain in perspective."""
    size, draw = image.width, ImageDraw.Draw(image)
    for number in range(-14, 15):
        draw.line((size / 2 + number * size * 0.03, horizon, size / 2 + number * size * 0.22, size), line, size // 500)
    for number in range(12):
        y = horizon + (size - horizon) * (number / 11) ** 2.2
        draw.line((0, y, size, y), bright if number == 0 else line, size // 400)


def skyline(size: int, colours: Palette, rng: Random) -> Image.Image:
    """Draw a city with lit windows, in the rain."""
    image = _sky(size, size, colours[0], colours[1], colours[2], colours[3])
    _light(image, (rng.uniform(0.2, 0.8), rng.uniform(0.16, 0.28)), 0.06, colours)
    for depth in (0.25, 0.6, 1.0):
        _street(image, colours, rng, depth)
        _glow(image, (size / 2, size), 0.55 * size, colours[4], 0.16)
    _sprinkle(image, rng, colours[5], 420, streak=0.04)
    return image


def _street(image: Image.Image, colours: Palette, rng: Random, depth: float) -> None:
    """Put up one row of houses; `depth` is 1 for the nearest."""
    size, draw = image.width, ImageDraw.Draw(image)
    wall = _blend(colours[2], colours[0], depth)
    x = -rng.uniform(0, 0.1) * size
    while x < size:
        width = rng.uniform(0.07, 0.13) * size
        top = (rng.uniform(0.3, 0.5) + 0.2 * depth) * size
        draw.rectangle((x, top, x + width, size), fill=wall)
        if rng.random() < 0.35:
            draw.line((x + width / 2, top, x + width / 2, top - 0.05 * size), wall, size // 200)
        pane, gap = 0.011 * size, 0.024 * size
        for row in range(1, int((size - top) / gap)):
            for column in range(int((width - gap) / gap)):
                if rng.random() < 0.16 + 0.14 * depth:
                    left, upper = x + gap * (column + 0.7), top + gap * row
                    light = _blend(wall, rng.choice((colours[4], colours[4], colours[5])), rng.uniform(0.35, 0.95))
                    draw.rectangle((left, upper, left + pane, upper + pane * 1.2), fill=light)
        x += width + rng.uniform(0, 0.012) * size


def waves(size: int, colours: Palette, rng: Random) -> Image.Image:
    """Draw rolling waves with bright crests under a wide sky."""
    image = _sky(size, size, colours[2], colours[3], colours[4], colours[5])
    _light(image, (rng.uniform(0.3, 0.7), rng.uniform(0.24, 0.32)), 0.1, colours)
    x = np.linspace(0, 1, size)
    for number in range(7):
        depth = number / 6
        length, height = rng.uniform(1.2, 1.8) + 2.5 * (1 - depth) ** 2, (0.01 + 0.04 * depth) * size
        # The exponential of a sine has the narrow crests and wide troughs of water.
        swell = np.exp(1.3 * np.sin(2 * np.pi * (x * length + rng.random()))) / np.exp(1.3)
        line = (0.47 + 0.42 * depth) * size - height * swell + _ridge(size, rng, 0, 0.006 * size, 3)
        colour = _blend(colours[3], colours[0], depth**0.8)
        _fill_below(image, line, colour, _blend(colour, colours[1], 0.5))
        crest = list(zip(range(0, size, 4), line[::4].tolist(), strict=True))
        ImageDraw.Draw(image).line(crest, _blend(colours[3], colours[5], 0.8), round((2 + 3 * depth) * size / 1000))
    return image


def orbits(size: int, colours: Palette, rng: Random) -> Image.Image:
    """Draw planets on concentric orbits around a glowing heart."""
    image = _sky(size, size, colours[0], colours[1], colours[0])
    centre = (rng.uniform(0.4, 0.6) * size, rng.uniform(0.38, 0.46) * size)
    _glow(image, (rng.uniform(0, 1) * size, rng.uniform(0, 0.5) * size), 0.5 * size, colours[2], 0.5)
    _sprinkle(image, rng, colours[5], 320)
    _glow(image, centre, 0.33 * size, colours[3], 0.85)
    draw = ImageDraw.Draw(image)
    for number in range(7):
        radius = (0.15 + 0.075 * number) * size
        draw.circle(centre, radius, None, _blend(colours[4], colours[1], number / 8), size // (420 + 60 * number))
        angle, body = rng.uniform(0, 2 * np.pi), rng.uniform(0.011, 0.034) * size
        place = (centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle))
        hue = colours[rng.randint(2, 5)]
        draw.circle(place, body * 1.5, colours[0])
        draw.circle(place, body, hue)
        draw.circle((place[0] - body * 0.2, place[1] - body * 0.2), body * 0.66, _blend(hue, colours[5], 0.3))
    for step in range(8):
        draw.circle(centre, (0.095 - 0.009 * step) * size, _blend(colours[3], colours[5], step / 7))
    return image


def papercut(size: int, colours: Palette, rng: Random) -> Image.Image:
    """Lay sheets of cut paper over each other, each with its shadow."""
    order = list(range(6))[:: rng.choice((1, -1))]
    image = Image.new("RGB", (size, size), colours[order[0]])
    centre = complex(rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.5)) * size
    angles = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    phases, lobes = [rng.uniform(0, 7) for _ in range(3)], rng.sample((2, 3, 4, 5), 3)
    for number in range(1, 6):
        radius = size * (0.74 - 0.135 * number)
        bumps = sum(np.sin(k * angles + p + 0.35 * number) / k for k, p in zip(lobes, phases, strict=True))
        edge = centre + radius * (1 + 0.2 * bumps) * np.exp(1j * angles)
        _sheet(image, [(point.real, point.imag) for point in edge], colours[order[number]])
    return image


def _sheet(image: Image.Image, outline: list[tuple[float, float]], colour: Colour) -> None:
    """Lay one sheet down; its shadow falls below it."""
    size, mask = image.width, Image.new("L", image.size)
    ImageDraw.Draw(mask).polygon(outline, fill=255)
    shadow = mask.resize((256, 256)).filter(ImageFilter.GaussianBlur(5)).point(lambda level: level * 0.5)
    image.paste((10, 5, 15), (0, size // 60), shadow.resize(image.size, Image.Resampling.BICUBIC))
    image.paste(_sky(size, size, _blend(colour, WHITE, 0.12), _blend(colour, (0, 0, 0), 0.1)), mask=mask)


SCENES = {scene.__name__: scene for scene in (hills, sun, skyline, waves, orbits, papercut)}


def _grain(image: Image.Image, dark: Colour, rng: Random) -> Image.Image:
    """Add the grain of print and a dark foot, on which the title is legible."""
    size = image.width
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 4.5, (size, size, 1))
    foot = np.clip((np.linspace(0, 1, size) - 0.5) / 0.4, 0, 1)[:, None, None] ** 1.2 * 0.88
    pixels = np.asarray(image) * (1 - foot) + np.array(dark) * foot + noise
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _drawable(title: str) -> str:
    """Keep what the font has letters for, if need be without accents; nothing, where most would be lost."""
    blanks = (b"", bytes(_font(40).getmask("\U0010fffd")))
    text, kept = " ".join(title.translate(PLAIN).split()), ""
    for letter in unicodedata.normalize("NFC", text):
        choices = (letter, unicodedata.normalize("NFKD", letter)[0])
        kept += next((c for c in choices if c == " " or bytes(_font(40).getmask(c)) not in blanks), "")
    return " ".join(kept.split()) if 2 * len(kept) > len(text) else ""


def _set_title(cover: Image.Image, title: str, colours: Palette) -> None:
    """Write the title at the foot, in up to two lines as large as they can be."""
    if not (text := _drawable(title[: 4 * LONGEST_TITLE])):
        return
    text = text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"
    letters, parts = next((step for step in TITLE_STEPS if len(textwrap.wrap(text, step[0])) <= 2), TITLE_STEPS[-1])
    size, draw, lines = cover.width, ImageDraw.Draw(cover), textwrap.wrap(text, letters)
    margin, height = size // 14, size / parts
    longest = max(_font(round(height)).getlength(line) for line in lines)
    font = _font(int(height * min(1, (size - 2 * margin) / longest)))
    top = size - margin - 1.15 * height * len(lines)
    draw.line((margin, top - height * 0.35, margin + size // 9, top - height * 0.35), colours[4], size // 190)
    for number, line in enumerate(lines):
        place = (margin, top + 1.15 * height * number)
        draw.text(place, line, colours[5], font, stroke_width=height / 60, stroke_fill=colours[5])
