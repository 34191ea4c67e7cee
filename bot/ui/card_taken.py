"""The card of what was taken out of a track: what it is in a few words, and its files."""

from collections.abc import Sequence

import discord

from bot.domain.task import WITHOUT_AUDIO, Kind, Task
from bot.domain.track import FetchedTrack
from bot.ui import words
from bot.ui.card_parts import (
    Around,
    Card,
    Look,
    Upload,
    audio_upload,
    joined,
    title_of,
    trouble_of,
    upload_name,
)
from bot.ui.text import minutes
from bot.ui.words import made

#: What takes this look: one compact embed.
TAKEN = frozenset({Kind.STEMS, Kind.MIDI, Kind.WAV, Kind.TIMELINE, Kind.WAVEFORM})
_TITLE = 200


def taken_card(task: Task, tracks: Sequence[FetchedTrack], more: int, look: Look, around: Around) -> Card:
    """Return the card in this look; files that do not fit are left out already."""
    uploads = [upload for fetched in tracks for upload in _uploads(task, fetched, look)]
    lines = [made.ready(task, len(tracks), more)]
    if look.words and look.embeds:
        return Card(joined(lines), [_embed(task, fetched, look, around) for fetched in tracks], uploads)
    lines.append(made.made_from(task.request, around.origin_link, _TITLE) if look.words else words.NEUTRAL)
    lines += [f"-# {said}" for fetched in tracks if (said := _trouble(task, fetched, look))]
    return Card(joined(lines), uploads=uploads)


def _embed(task: Task, fetched: FetchedTrack, look: Look, around: Around) -> discord.Embed:
    embed = discord.Embed(
        title=made.called(task.request.kind),
        description=made.made_from(task.request, around.origin_link, _TITLE),
        colour=fetched.colour,
    )
    if fetched.track.seconds is not None:
        embed.add_field(name="Length", value=minutes(fetched.track.seconds))
    embed.add_field(name="Made by", value=around.maker(task))
    if said := _trouble(task, fetched, look):
        embed.add_field(name="File", value=said, inline=False)
    if fetched.cover is not None:
        embed.set_thumbnail(url=f"attachment://{_cover_name(task, fetched)}")
    for upload in _files(task, fetched, title_of(task, fetched)):
        if upload.path.suffix == ".png":
            embed.set_image(url=f"attachment://{upload.name}")
    return embed


def _trouble(task: Task, fetched: FetchedTrack, look: Look) -> str:
    """Return what is said where a file is not there; nothing where all are."""
    if task.request.kind not in WITHOUT_AUDIO:
        return "" if fetched.audio else trouble_of(fetched)
    if not look.files:
        return made.NO_FILES
    if fetched.trouble is None:
        return ""
    return made.nothing_attached(fetched.trouble, raw=any(path.suffix == ".json" for path in fetched.files))


def _uploads(task: Task, fetched: FetchedTrack, look: Look) -> list[Upload]:
    title = title_of(task, fetched) if look.words else ""
    uploads = audio_upload(task, fetched, look.words) + _files(task, fetched, title)
    if fetched.cover is not None and look == Look():
        uploads.append(Upload(fetched.cover, _cover_name(task, fetched), words.cover_alt(title)))
    return uploads


def _files(task: Task, fetched: FetchedTrack, title: str) -> list[Upload]:
    return [
        Upload(
            path,
            upload_name(task, fetched, path, title),
            made.waveform_alt(title) if path.suffix == ".png" else None,
        )
        for path in fetched.files
    ]


def _cover_name(task: Task, fetched: FetchedTrack) -> str:
    assert fetched.cover is not None
    return upload_name(task, fetched, fetched.cover, "cover")
