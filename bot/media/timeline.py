"""Timed words as the files that players know: lines for singing along (.lrc) and subtitles (.srt)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bot.media.told import LAST_SECOND, first, members, read, second, tidy

#: More than any song has; so many are taken at most.
MOST_WORDS = 20_000
#: A line ends at a pause of so many milliseconds, or where it is so many characters long.
PAUSE, LONGEST_LINE = 800, 42
#: What is sung at one and the same moment is one line, however long; of that, so much.
_MOST_AT_ONCE = 200
#: A tag of an .lrc stands in brackets, and a subtitle's times have an arrow: words must look like neither.
_SIGNS = str.maketrans("[]", "()")
_ARROW = "-->"


@dataclass(slots=True)
class Line:
    """Words from a moment to another, in milliseconds."""

    start: int
    end: int
    text: str
    #: Whether no further word is to stand on it.
    full: bool = False


def lines(extra: str, seconds: float | None) -> list[Line]:
    """Return the lines in order: no two begin at once or overlap, and all are inside a track of that length."""
    length = int(min(seconds or LAST_SECOND, LAST_SECOND) * 1000)
    found: list[Line] = []
    for word in sorted(_words(extra, length), key=lambda word: word.start):
        if not found or _begins_a_line(found[-1], word):
            found.append(word)
        else:
            _add(found[-1], word)
    for line, after in pairwise(found):
        line.end = min(line.end, after.start)
    return found


def lrc(found: list[Line], title: str, seconds: float | None) -> str:
    """Return the lines as an .lrc, with hundredths of a second, and the title before them."""
    tags = [f"[ti:{_safe(title)}]"] if title else []
    if seconds is not None:
        tags.append(f"[length:{int(seconds) // 60:02}:{int(seconds) % 60:02}]")
    timed = (f"[{line.start // 60_000:02}:{line.start // 1000 % 60:02}.{line.start // 10 % 100:02}]" for line in found)
    return "\n".join([*tags, *(f"{time}{line.text}" for time, line in zip(timed, found, strict=True)), ""])


def srt(found: list[Line]) -> str:
    """Return the lines as subtitles, numbered from 1."""
    cues = (
        f"{number}\n{_clock(line.start)} {_ARROW} {_clock(line.end)}\n{line.text}\n"
        for number, line in enumerate(found, start=1)
    )
    return "\n".join(cues)


def _words(extra: str, length: int) -> Iterator[Line]:
    """Yield the words that can be read and are inside the track, each as a line of its own."""
    for raw in members(read(extra, "words"))[:MOST_WORDS]:
        word, start, end = first(raw, ("word",)), second(first(raw, ("start",))), second(first(raw, ("end",)))
        if isinstance(word, str) and start is not None and end is not None and start <= end:
            yield from _parts(word, int(start * 1000), min(int(end * 1000), length), length)


def _parts(word: str, start: int, end: int, length: int) -> Iterator[Line]:
    """Yield what stands on each line of a word: some come with the break after them, or with a heading before them."""
    broken = word[:_MOST_AT_ONCE].split("\n")
    shown = [(_safe(text), bool(after)) for text, after in zip(broken, range(len(broken) - 1, -1, -1), strict=True)]
    shown = [(text, ends) for text, ends in shown if text]
    step = (end - start) // max(1, len(shown))
    for place, (text, ends) in enumerate(shown):
        begin = start + place * step
        if begin < length:
            yield Line(begin, max(begin + 1, begin + step), text, ends)


def _begins_a_line(line: Line, word: Line) -> bool:
    if word.start <= line.start:
        return False
    is_long = len(line.text) + 1 + len(word.text) > LONGEST_LINE
    return line.full or is_long or word.start - line.end >= PAUSE


def _add(line: Line, word: Line) -> None:
    line.end, line.full = max(line.end, word.end), line.full or word.full
    if len(line.text) + len(word.text) < _MOST_AT_ONCE:
        line.text = f"{line.text} {word.text}"


def _safe(text: str) -> str:
    """Return a word on one line that is no sign of either format."""
    return tidy(text).translate(_SIGNS).replace(_ARROW, "→")


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"
