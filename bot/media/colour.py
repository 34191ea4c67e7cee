"""The colours of a cover, counted without filling the memory."""

from pathlib import Path
from typing import cast

from PIL import Image

Colour = tuple[int, int, int]

#: A picture is decoded only when its header says at most this, in pixels a side.
LARGEST_SIDE = 4096
#: The same, in pixels, for what is held whole while it is decoded; a WebP takes 16 bytes for each of them.
LARGEST_WHOLE = 1280 * 1280
#: What a cover is made small to before its colours are counted, and what it need not be smaller than before.
_SMALL, _ENOUGH = (32, 32), (64, 64)


def accent_colour(cover: Path) -> int | None:
    """Return the colour that stands for a cover, as 0xRRGGBB: its most common vivid one. None if it cannot be read."""
    colours = cover_colours(cover)
    if not colours:
        return None
    red, green, blue = colours[0]
    return red << 16 | green << 8 | blue


def cover_colours(cover: Path) -> list[Colour]:
    """Return the colours of a cover, those that stand for it best first; none if it cannot be read."""
    try:
        with Image.open(cover) as picture:
            if max(picture.size) > LARGEST_SIDE or _is_too_large_whole(picture):
                return []
            # A JPEG is decoded at an eighth of its size where that is enough: a fraction of the time and memory.
            picture.draft("RGB", _ENOUGH)
            small = picture.convert("RGB").resize(_SMALL, reducing_gap=2.0).quantize(8).convert("RGB")
    except Exception:  # a foreign picture may be broken in any way
        return []
    counted = cast("list[tuple[int, Colour]]", small.getcolors(_SMALL[0] * _SMALL[1]) or [])
    counted.sort(key=lambda one: one[0] * _vividness(one[1]), reverse=True)
    return [colour for _, colour in counted]


def _is_too_large_whole(picture: Image.Image) -> bool:
    """Say whether decoding would fill the memory: only a plain JPEG is made small on the way, line by line."""
    whole = picture.format != "JPEG" or "progressive" in picture.info
    return whole and picture.width * picture.height > LARGEST_WHOLE


def _vividness(rgb: Colour) -> float:
    return 0.15 + (max(rgb) - min(rgb)) / 255
