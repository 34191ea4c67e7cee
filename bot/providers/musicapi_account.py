"""MusicAPI's calls that are answered at once: words for a song, and what is left to pay with."""

from dataclasses import dataclass

import msgspec

from bot.domain.errors import AnswerLost
from bot.providers.musicapi_answers import answer
from bot.providers.reading import text
from bot.providers.wire import Call, Reply

#: Of what it is to be about, in characters. https://docs.musicapi.ai/error-handling
LONGEST_LYRICS_DESCRIPTION = 119


@dataclass(frozen=True, slots=True)
class Lyrics:
    """Words for a song, as the vendor wrote them."""

    title: str
    text: str


class Credits(msgspec.Struct, frozen=True):
    """What is left; the extra ones are used first, and only with a subscription."""

    credits: float
    extra_credits: float = 0


def lyrics_call(description: str) -> Call:
    """Build the call that has words written. https://docs.musicapi.ai/lyrics-generation"""
    return Call("POST", "/api/v1/sonic/lyrics", msgspec.json.encode({"description": description.strip()}))


def read_lyrics(reply: Reply) -> tuple[Lyrics, ...]:
    """Return the words, at least one version of them. Raises ProviderError."""
    results = answer(reply).get("results")
    entries = [entry for entry in results if isinstance(entry, dict)] if isinstance(results, list) else []
    found = tuple(Lyrics(text(entry.get("title")), text(entry.get("lyrics"))) for entry in entries)
    written = tuple(lyrics for lyrics in found if lyrics.text.strip())
    if not written:
        raise AnswerLost("no lyrics in the answer")
    return written


def credits_call() -> Call:
    """Build the call that asks what is left. https://docs.musicapi.ai/get-credits"""
    return Call("GET", "/api/v1/get-credits")


def read_credits(reply: Reply) -> Credits:
    """Return what is left. Raises ProviderError."""
    try:
        return msgspec.convert(answer(reply), Credits, strict=False)
    except msgspec.ValidationError as error:
        raise AnswerLost("no credits in the answer") from error
