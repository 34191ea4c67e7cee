"""The card: one message with a task's tracks, their covers and buttons."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import discord

from bot.domain.errors import DownloadTooLarge
from bot.domain.task import Task
from bot.domain.track import FetchedTrack
from bot.ui import words
from bot.ui.text import file_name, length, minutes, shown

#: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
_LONGEST_CONTENT = 2000
#: Leaves room in a field (1024) for the sentence around it.
_LONGEST_LINK = 900
#: An http(s) address of printable ASCII, without `<`, `>`, or a name before an `@` that passes for the host.
_LINK = re.compile(r"https?://[\w.-]+(:\d+)?([/?#][!-;=?-~]*)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to attach. A fresh `discord.File` is made for each try, since one can be sent only once."""

    path: Path
    name: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a card shows. A place that refuses the whole of it may take less."""

    files: bool = True
    embeds: bool = True
    #: Title, style and the like: words from outside, which a server's rules may forbid.
    words: bool = True


@dataclass(frozen=True, slots=True)
class _Room:
    """How long the texts from outside may be."""

    title: int
    style: int
    prompt: int


#: A title has 256, of which the number takes some. All embeds of a message share 6000: beside more than two of the
#: longest links, texts are kept short.
_WIDE, _NARROW = _Room(title=250, style=300, prompt=900), _Room(title=100, style=100, prompt=300)
_LINKS_BESIDE_WIDE = 2


@dataclass(frozen=True, slots=True)
class Card:
    """What is posted, as plain values."""

    content: str
    embeds: list[discord.Embed] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)

    def files(self) -> list[discord.File]:
        """Open the uploads; the library streams them from disk and closes them."""
        return [discord.File(one.path, filename=one.name, description=one.description) for one in self.uploads]

    def size(self) -> int:
        """Return how many bytes are uploaded."""
        return sum(one.path.stat().st_size for one in self.uploads)


def make_card(
    task: Task, tracks: Sequence[FetchedTrack], more: int, limit: int, look: Look, labels: Mapping[str, str]
) -> Card:
    """Return the card in this look; a file of more than `limit` bytes is linked instead. `labels`: the providers'."""
    if look == Look():
        return full_card(task, tracks, more, limit, labels)
    tracks = [_fitting(fetched, limit) if look.files else _linked(fetched) for fetched in tracks]
    card = _text_card(task, tracks, more) if look.words else _neutral_card(task, tracks, more)
    return replace(card, uploads=[upload for fetched in tracks for upload in _audio(task, fetched, look.words)])


def full_card(
    task: Task, tracks: Sequence[FetchedTrack], more: int, limit: int, labels: Mapping[str, str] = words.NO_LABELS
) -> Card:
    """Return the card with embeds and files; what is larger than `limit` bytes is linked instead."""
    tracks = [_fitting(fetched, limit) for fetched in tracks]
    maker = words.provider_name(task.provider, labels)
    room = _WIDE if sum(one.audio is None for one in tracks) <= _LINKS_BESIDE_WIDE else _NARROW
    return Card(
        content=words.ready(task, len(tracks), more),
        embeds=[_embed(task, fetched, room, maker, first=number == 0) for number, fetched in enumerate(tracks)],
        uploads=[upload for fetched in tracks for upload in _uploads(task, fetched)],
    )


def plain_card(task: Task, tracks: Sequence[FetchedTrack], more: int) -> Card:
    """Return the card as text with links: for channels that take no files."""
    return _text_card(task, [_linked(fetched) for fetched in tracks], more)


def _text_card(task: Task, tracks: Sequence[FetchedTrack], more: int) -> Card:
    """Return the card as text; what is not attached is linked."""
    lines = [words.ready(task, len(tracks), more)]
    for fetched in tracks:
        title = _title(task, fetched, 100)
        lines.append(words.track_line(fetched, title, minutes(fetched.track.seconds)))
        if fetched.audio is None:
            lines.append(f"-# {_trouble(fetched)}")
    return Card(content=_joined(lines))


def _neutral_card(task: Task, tracks: Sequence[FetchedTrack], more: int) -> Card:
    """Return the card without a word from outside, save the links to what is not attached."""
    lines = [words.ready(task, len(tracks), more), words.NEUTRAL]
    lines += [f"{fetched.number} · {_trouble(fetched)}" for fetched in tracks if fetched.audio is None]
    return Card(content=_joined(lines))


def _joined(lines: list[str]) -> str:
    """Return as many of the lines as one message holds; the longest are left out."""
    while length("\n".join(lines)) > _LONGEST_CONTENT:
        lines.remove(max(lines, key=length))
    return "\n".join(lines)


def _linked(fetched: FetchedTrack) -> FetchedTrack:
    return replace(fetched, audio=None, cover=None)


def _fitting(fetched: FetchedTrack, limit: int) -> FetchedTrack:
    """Leave out what is over the limit: tags and cover inside an MP3 may have made it grow."""
    audio, trouble = fetched.audio, fetched.trouble
    if audio is not None and audio.stat().st_size > limit:
        audio, trouble = None, DownloadTooLarge("over the limit of the channel")
    return replace(fetched, audio=audio, trouble=trouble)


def _embed(task: Task, fetched: FetchedTrack, room: _Room, maker: str, *, first: bool) -> discord.Embed:
    track = fetched.track
    embed = discord.Embed(
        title=f"{fetched.number} · {_title(task, fetched, room.title)}",
        description=words.prompt_quote(task, room.prompt) if first else None,
        colour=fetched.colour,
    )
    if style := shown(track.style or task.request.style, room.style):
        embed.add_field(name="Style", value=style)
    if track.seconds is not None:
        embed.add_field(name="Length", value=minutes(track.seconds))
    embed.add_field(name="Made by", value=maker)
    if fetched.audio is None:
        embed.add_field(name="File", value=_trouble(fetched), inline=False)
    if fetched.cover is not None:
        embed.set_image(url=f"attachment://{_cover_name(task, fetched)}")
    return embed


def _audio(task: Task, fetched: FetchedTrack, titled: bool = True) -> list[Upload]:
    if fetched.audio is None:
        return []
    title = (fetched.track.title or task.request.title) if titled else ""
    return [Upload(fetched.audio, file_name(fetched.number, title, task.id, "mp3"))]


def _uploads(task: Task, fetched: FetchedTrack) -> list[Upload]:
    uploads = _audio(task, fetched)
    title = fetched.track.title or task.request.title
    if fetched.cover is not None:
        uploads.append(Upload(fetched.cover, _cover_name(task, fetched), words.cover_alt(title)))
    return uploads


def _cover_name(task: Task, fetched: FetchedTrack) -> str:
    assert fetched.cover is not None
    return file_name(fetched.number, "cover", task.id, fetched.cover.suffix.removeprefix("."))


def _title(task: Task, fetched: FetchedTrack, limit: int) -> str:
    return shown(fetched.track.title or task.request.title, limit, words.UNTITLED)


def _trouble(fetched: FetchedTrack) -> str:
    return words.file_trouble(fetched.trouble, _link(fetched.track.audio_url), fetched.track.expires_at)


def _link(address: str) -> str:
    """Return an address as a link without a preview; nothing where it is no plain address."""
    return f"<{address}>" if len(address) <= _LONGEST_LINK and _LINK.fullmatch(address) else ""
