"""The card: one message with a task's tracks, their covers and buttons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import discord

from bot.domain.task import FROM_WORDS, Kind, Task
from bot.domain.track import FetchedTrack
from bot.ui import words
from bot.ui.card_lyrics import lyrics_card
from bot.ui.card_parts import (
    Around,
    Card,
    Look,
    Upload,
    audio_upload,
    fitting,
    joined,
    title_of,
    trouble_of,
    upload_name,
    without_files,
)
from bot.ui.card_taken import TAKEN, taken_card
from bot.ui.text import minutes, shown
from bot.ui.words import made

__all__ = ["Card", "Look", "full_card", "make_card", "plain_card"]


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


def make_card(
    task: Task,
    tracks: Sequence[FetchedTrack],
    more: int,
    limit: int,
    look: Look,
    labels: Mapping[str, str] = words.NO_LABELS,
    origin_link: str = "",
) -> Card:
    """Return the card in this look; a file of more than `limit` bytes is linked instead, or left out.

    `labels`: the providers'; `origin_link`: the address of the card of what it was made from, which is ours.
    """
    around = Around(labels, origin_link)
    tracks = [fitting(fetched, limit) if look.files else without_files(fetched) for fetched in tracks]
    if task.request.kind is Kind.LYRICS:
        return lyrics_card(task, tracks, more, look, around)
    if task.request.kind in TAKEN:
        return taken_card(task, tracks, more, look, around)
    if look == Look():
        return _song_card(task, tracks, more, around)
    card = _text_card(task, tracks, more, around) if look.words else _neutral_card(task, tracks, more)
    return replace(card, uploads=[upload for fetched in tracks for upload in audio_upload(task, fetched, look.words)])


def full_card(
    task: Task, tracks: Sequence[FetchedTrack], more: int, limit: int, labels: Mapping[str, str] = words.NO_LABELS
) -> Card:
    """Return the card with embeds and files; what is larger than `limit` bytes is linked instead."""
    return make_card(task, tracks, more, limit, Look(), labels)


def plain_card(task: Task, tracks: Sequence[FetchedTrack], more: int) -> Card:
    """Return the card as text with links: for channels that take no files."""
    return make_card(task, tracks, more, 0, Look(files=False, embeds=False))


def _song_card(task: Task, tracks: Sequence[FetchedTrack], more: int, around: Around) -> Card:
    room = _WIDE if sum(one.audio is None for one in tracks) <= _LINKS_BESIDE_WIDE else _NARROW
    return Card(
        content=made.ready(task, len(tracks), more),
        embeds=[_embed(task, fetched, room, around, first=number == 0) for number, fetched in enumerate(tracks)],
        uploads=[upload for fetched in tracks for upload in _uploads(task, fetched)],
    )


def _text_card(task: Task, tracks: Sequence[FetchedTrack], more: int, around: Around) -> Card:
    """Return the card as text; what is not attached is linked."""
    lines = [made.ready(task, len(tracks), more)]
    if origin := made.made_from(task.request, around.origin_link, 100):
        lines.append(origin)
    for fetched in tracks:
        title = _title(task, fetched, 100)
        lines.append(words.track_line(fetched, title, minutes(fetched.track.seconds)))
        if fetched.audio is None:
            lines.append(f"-# {trouble_of(fetched)}")
    return Card(content=joined(lines))


def _neutral_card(task: Task, tracks: Sequence[FetchedTrack], more: int) -> Card:
    """Return the card without a word from outside, save the links to what is not attached."""
    lines = [made.ready(task, len(tracks), more), words.NEUTRAL]
    lines += [f"{fetched.number} · {trouble_of(fetched)}" for fetched in tracks if fetched.audio is None]
    return Card(content=joined(lines))


def _embed(task: Task, fetched: FetchedTrack, room: _Room, around: Around, *, first: bool) -> discord.Embed:
    track = fetched.track
    embed = discord.Embed(
        title=f"{fetched.number} · {_title(task, fetched, room.title)}",
        description=_asked_for(task, room, around) if first else None,
        colour=fetched.colour,
    )
    if sound := made.sound(task.request):
        embed.add_field(name="Sound", value=sound)
    if style := shown(track.style or task.request.style, room.style):
        embed.add_field(name="Style", value=style)
    if track.seconds is not None:
        embed.add_field(name="Length", value=minutes(track.seconds))
    embed.add_field(name="Made by", value=around.maker(task))
    if fetched.audio is None:
        embed.add_field(name="File", value=trouble_of(fetched), inline=False)
    if fetched.cover is not None:
        embed.set_image(url=f"attachment://{_cover_name(task, fetched)}")
    return embed


def _asked_for(task: Task, room: _Room, around: Around) -> str | None:
    """Return what it was made from, and in whose words."""
    origin = made.made_from(task.request, around.origin_link, room.title)
    # Without words of its own it would be called by the title that stands there already.
    own = replace(task.request, source=None).about or task.request.kind in FROM_WORDS
    quote = words.prompt_quote(task, room.prompt) if own else ""
    return "\n".join(part for part in (origin, quote) if part) or None


def _uploads(task: Task, fetched: FetchedTrack) -> list[Upload]:
    uploads = audio_upload(task, fetched)
    if fetched.cover is not None:
        alt = words.cover_alt(title_of(task, fetched))
        uploads.append(Upload(fetched.cover, _cover_name(task, fetched), alt))
    return uploads


def _cover_name(task: Task, fetched: FetchedTrack) -> str:
    assert fetched.cover is not None
    return upload_name(task, fetched, fetched.cover, "cover")


def _title(task: Task, fetched: FetchedTrack, limit: int) -> str:
    return shown(title_of(task, fetched), limit, words.UNTITLED)
