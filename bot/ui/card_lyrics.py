"""The card of lyrics: the words themselves, and the whole of them in a file where they are too long to show."""

from collections.abc import Sequence
from itertools import groupby

import discord

from bot.domain.task import Task
from bot.domain.track import FetchedTrack
from bot.ui.card_parts import Around, Card, Look, Upload, joined, title_of, upload_name
from bot.ui.text import length, shown
from bot.ui.words import made

#: An embed's description has 4096, and all embeds of a message share 6000; a message without embeds has 2000.
_LONGEST, _SHARED, _SHARED_TEXT = 4096, 5400, 1650
#: What each takes beside its words: title, who made it, and the sentence that they go on.
_BESIDE, _TITLE = 400, 100


def lyrics_card(task: Task, tracks: Sequence[FetchedTrack], more: int, look: Look, around: Around) -> Card:
    """Return the card of lyrics in this look; files that do not fit are left out already."""
    lines = [made.ready(task, len(tracks), more)]
    if not look.words:
        # The words themselves are what was asked for: they come as a file, as those sung in an MP3 do.
        uploads = [upload for fetched in tracks for upload in _uploads(task, fetched, "")]
        return Card(joined([*lines, made.LYRICS_IN_FILE if uploads else made.LYRICS_REFUSED]), uploads=uploads)
    shared = _SHARED if look.embeds else _SHARED_TEXT
    room = min(_LONGEST, shared // len(tracks) - (_BESIDE if look.embeds else 2 * _TITLE))
    texts = [_Text(task, fetched, room) for fetched in tracks]
    uploads = [upload for text in texts if text.is_cut for upload in _uploads(task, text.fetched, text.title)]
    if look.embeds:
        return Card(joined(lines), [text.embed(around.maker(task)) for text in texts], uploads)
    return Card(joined([*lines, *(text.plain() for text in texts)]), uploads=uploads)


def shown_lines(text: str, limit: int) -> tuple[str, bool]:
    """Return words cleaned and escaped, each line on its own and verses apart; cut to `limit`, and whether they are."""
    # More than so many characters cannot be shown, whatever they are.
    looked_at = text[: 4 * limit]
    lines = [shown(line, 4 * limit) for line in looked_at.splitlines()]
    whole = "\n\n".join("\n".join(verse) for is_sung, verse in groupby(lines, key=bool) if is_sung)
    if length(whole) <= limit and looked_at == text:
        return whole, False
    kept: list[str] = []
    room = limit - len("…")
    for line in whole.split("\n"):
        room -= length(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, "…"]) if any(kept) else shown(looked_at, limit), True


class _Text:
    """One result: its words as far as they can be shown, and its title."""

    def __init__(self, task: Task, fetched: FetchedTrack, room: int) -> None:
        self.fetched, self.title = fetched, title_of(task, fetched)
        self._words, self.is_cut = shown_lines(fetched.track.lyrics.strip(), room)
        self._heading = f"{fetched.number} · {shown(self.title, _TITLE, made.called(task.request.kind))}"

    def embed(self, maker: str) -> discord.Embed:
        """Return it as an embed."""
        embed = discord.Embed(title=self._heading, description=self._words or made.NO_LYRICS)
        embed.add_field(name="Made by", value=maker)
        if self.is_cut:
            embed.set_footer(text=self._rest())
        return embed

    def plain(self) -> str:
        """Return it as text."""
        rest = f"\n-# {self._rest()}" if self.is_cut else ""
        return f"{self._heading}\n{self._words or made.NO_LYRICS}{rest}"

    def _rest(self) -> str:
        return made.LYRICS_GO_ON if self.fetched.files else made.LYRICS_CUT


def _uploads(task: Task, fetched: FetchedTrack, title: str) -> list[Upload]:
    return [Upload(path, upload_name(task, fetched, path, title)) for path in fetched.files]
