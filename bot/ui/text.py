"""Making text from outside safe to show: clean, escaped, and inside Discord's limits."""

import re
import unicodedata

#: Everything Discord's Markdown could take for a sign: https://support.discord.com/hc/en-us/articles/210298617
#: A colon too, which breaks addresses, timestamps and emoji codes; and a slash, which breaks invites without a scheme.
_SIGNS = re.compile(r"([\\*_~`|>#\[\]()<@:/+\-])")
#: Marks that stack upon a letter; no script needs more than a few.
_MOST_MARKS = 4
#: Joins emoji into one; the only control character that is kept.
_JOINER = "\u200d"
#: Letters and signs that show nothing: the fillers of Hangul, and the empty Braille cell.
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 40


def length(text: str) -> int:
    """Return the length of `text` as JavaScript counts it (UTF-16), which is never less than Discord's own count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Return `text` on one line, without control and direction characters and without towers of marks."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())  # most are, and nothing else can be in them
    kept: list[str] = []
    marks = 0
    for sign in unicodedata.normalize("NFC", text):
        category = unicodedata.category(sign)
        if category[0] != "C":  # what is dropped or invisible does not end a tower
            marks = marks + 1 if category in ("Mn", "Me") else 0
        if category in ("Zs", "Zl", "Zp") or sign in "\t\n\r\v\f" or sign in _FILLERS:
            kept.append(" ")
        elif (category[0] != "C" or sign == _JOINER) and marks <= _MOST_MARKS:
            kept.append(sign)
    return " ".join("".join(kept).split())


def shown(text: str, limit: int, stand_in: str = "") -> str:
    """Return `text` cleaned, escaped and cut to `limit` UTF-16 units; `stand_in` where nothing is left."""
    cleaned = clean(text)
    if _is_blank(cleaned):
        return stand_in
    escaped = [_SIGNS.sub(r"\\\1", sign) for sign in cleaned]
    if sum(map(length, escaped)) <= limit:
        return "".join(escaped)
    room = limit - 1
    kept: list[str] = []
    for sign in escaped:
        room -= length(sign)
        if room < 0:
            break
        kept.append(sign)
    return "".join(kept).rstrip() + "…"


def plain(text: str, limit: int, stand_in: str = "") -> str:
    """Return `text` cleaned and cut, but not escaped: for places that know no Markdown, like an alt text or a tag."""
    cleaned = clean(text)
    while length(cleaned) > limit:
        cleaned = cleaned[: -1 - (length(cleaned) - limit) // 2].rstrip()
    return stand_in if _is_blank(cleaned) else cleaned


def _is_blank(cleaned: str) -> bool:
    """Say whether nothing in it can be seen: only spaces, joiners, and marks with no letter under them."""
    return all(unicodedata.category(sign)[0] in "ZCM" for sign in cleaned)


def file_name(number: int, title: str, task_id: str, extension: str) -> str:
    """Return a name for an upload: built from safe characters, never cleaned from foreign ones.

    Like `1-harbour-lights-k3v9….mp3`: the number tells the tracks of a card apart, the task id finds them again.
    """
    folded = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = _NOT_IN_NAMES.sub("-", folded).strip("-")[:_LONGEST_SLUG].strip("-")
    return f"{number}-{slug or 'track'}-{task_id}.{extension}"


def minutes(seconds: float | None) -> str:
    """Return a length as 2:03; an empty text where it is not known."""
    if seconds is None:
        return ""
    whole = int(seconds)  # as players count
    return f"{whole // 60}:{whole % 60:02}"
