"""The title that a pretend vendor gives a song when the order names none."""

import re

#: Words that say nothing in a title.
FILLER = re.compile(
    "a|about|an|and|at|by|for|from|in|it|make|me|music|of|on|or|please|song|that|the|through|to|with",
    re.IGNORECASE,
)
TITLE_WORDS = 4
TITLE_LENGTH = 40


def invent_title(text: str) -> str:
    """Make a short title from lyrics or a description: the telling words of its first line that has any."""
    without_marks = re.sub(r"\[[^\]]*\]", "", text)
    first_line = next((line for line in without_marks.splitlines() if re.search(r"\w", line)), "")
    words = re.findall(r"\w+(?:['\u2019-]\w+)*", first_line)
    telling = [word for word in words if not FILLER.fullmatch(word)] or words
    title = " ".join(word[0].upper() + word[1:] for word in telling[:TITLE_WORDS])
    return title[:TITLE_LENGTH].strip() or "Untitled"
