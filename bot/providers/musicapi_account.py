"""MusicAPI's calls that are answered at once: words for a song, and what is left to pay with."""

import msgspec

from bot.domain.errors import AnswerLost
from bot.domain.track import Completed, Track
from bot.providers.musicapi_answers import answer
from bot.providers.reading import text
from bot.providers.wire import Call, Reply

#: Of what it is to be about, in characters. https://docs.musicapi.ai/error-handling
LONGEST_LYRICS_DESCRIPTION = 119


class Credits(msgspec.Struct, frozen=True):
    """What is left; the extra ones are used first, and only with a subscription."""

    credits: float
    extra_credits: float = 0


def lyrics_call(description: str) -> Call:
    """Build the call that has words written. https://docs.musicapi.ai/lyrics-generation"""
    return Call("POST", "/api/v1/sonic/lyrics", msgspec.json.encode({"description": description.strip()}))


def read_lyrics(reply: Reply) -> Completed:
    """Return the words, at least one version of them; a broken one counts as missing. Raises ProviderError."""
    results = answer(reply).get("results")
    entries = results if isinstance(results, list) else []
    found = [(text(entry.get("title")), text(entry.get("lyrics"))) for entry in entries if isinstance(entry, dict)]
    tracks = tuple(Track("", "", title=title, lyrics=words) for title, words in found if words.strip())
    if not tracks:
        raise AnswerLost("no lyrics in the answer")
    return Completed(tracks, missing=len(entries) - len(tracks))


def credits_call() -> Call:
    """Build the call that asks what is left. https://docs.musicapi.ai/get-credits"""
    return Call("GET", "/api/v1/get-credits")


def read_credits(reply: Reply) -> Credits:
    """Return what is left. Raises ProviderError."""
    try:
        return msgspec.convert(answer(reply), Credits, strict=False)
    except msgspec.ValidationError as error:
        raise AnswerLost("no credits in the answer") from error
