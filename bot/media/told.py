"""What a provider told of a track in place of audio, read defensively: its layout is documented in part or not at all.

Whatever cannot be understood is left out, and no more is taken than a piece of music can have.
"""

import json
import math
from collections.abc import Iterator, Sequence
from typing import cast

from bot.domain.track import MOST_VALUES, most_values

#: A longer text (in characters) is not read at all: it would fill the memory.
LARGEST_TOLD = 8 * 1024 * 1024
#: The last second that is believed, and the most characters of a name or a word.
LAST_SECOND, _LONGEST_NAME = 86_400.0, 200
#: Joiners of letters and of emoji, which count as control characters.
_JOINERS = "\u200c\u200d"


def read(extra: str, name: str) -> object:
    """Return what stands under `name` in the JSON text of an object; None where that cannot be read."""
    if len(extra) > LARGEST_TOLD or most_values(extra) > MOST_VALUES:
        return None
    try:
        whole = json.loads(extra)
    except (ValueError, RecursionError):  # a number may be too long, and brackets nested too deep
        return None
    return whole.get(name) if isinstance(whole, dict) else None


def members(value: object) -> Sequence[object]:
    """Return the members of a list; none where it is something else."""
    return cast("list[object]", value) if isinstance(value, list) else ()


def named(value: object) -> Iterator[tuple[str, object]]:
    """Yield the names and values of an object; none where it is something else."""
    yield from cast("dict[str, object]", value).items() if isinstance(value, dict) else ()


def first(value: object, names: Sequence[str]) -> object:
    """Return the first of the names that an object has; None where it has none, or is something else."""
    told = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    return next((told[name] for name in names if told.get(name) is not None), None)


def number(value: object) -> float | None:
    """Return a number, also one written as text; None for what is none or is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read_ = float(value)
    except (ValueError, OverflowError):
        return None
    return read_ if math.isfinite(read_) else None


def second(value: object) -> float | None:
    """Return a moment or a length in seconds; None for what is none."""
    read_ = number(value)
    return read_ if read_ is not None and 0 <= read_ <= LAST_SECOND else None


def tidy(text: str) -> str:
    """Return a name or a word on one line, without control and direction characters, and of some length at most."""
    spaced = " ".join(text[: 2 * _LONGEST_NAME].split())
    return "".join(sign for sign in spaced if sign.isprintable() or sign in _JOINERS)[:_LONGEST_NAME].strip()
