"""What something is to be made from: a track that a member chose or typed, or a file that they gave."""

import asyncio
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

import aiohttp
import discord

from bot.domain.contract import Contract
from bot.domain.errors import DownloadError
from bot.domain.ports_library import Entry
from bot.domain.source import LONGEST_FILE, BadSource, BadTimes, Source, Unfit, Wrong
from bot.domain.task import WITHOUT_AUDIO, Kind, Request
from bot.domain.track import Track
from bot.flows.choosing import for_provider
from bot.ui.services import services_of
from bot.ui.text import plain
from bot.ui.tracks import meant

log = logging.getLogger(__name__)

#: What is still to be worked on when its turn comes must last that long.
MARGIN = timedelta(minutes=10)
#: Of a file that a member gives, in bytes.
LARGEST = 25 * 1024 * 1024
#: How long looking at a file, or fetching a card, may take: Discord wants a first answer within three seconds.
PATIENCE = 2.0
#: What a provider made and does not know by any name of a track.
FROM_FILE = frozenset({Kind.STEMS, Kind.WAV})
_TIME = re.compile(r"(?:(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,3}):)?(?P<seconds>\d{1,5}(?:\.\d{1,6})?)", re.ASCII)
#: In the address of an attachment: hexadecimal seconds.
_ENDS = re.compile(r"[?&]ex=([0-9a-f]{1,9})(?:&|$)", re.ASCII | re.IGNORECASE)
_MAYBE_AUDIO = re.compile(r"(audio|video)/|application/(ogg|octet-stream)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """What a task is made from, and whether nobody else may see that."""

    source: Source
    private: bool = False


def read_time(text: str) -> float:
    """Return a time in seconds, from 1:23, 1:02:03, 83 or 83.5. Raises BadTimes."""
    time = _TIME.fullmatch(text.strip())
    if time is None:
        raise BadTimes(Wrong.UNREADABLE)
    hours, minutes, seconds = int(time["hours"] or 0), int(time["minutes"] or 0), float(time["seconds"])
    if (time["minutes"] and seconds >= 60) or (time["hours"] and minutes >= 60):
        raise BadTimes(Wrong.UNREADABLE)
    return round(hours * 3600 + minutes * 60 + seconds, 6)  # to what may be typed: adding makes 0.1 a little off


def write_time(seconds: float | None) -> str:
    """Return a time as `read_time` takes it; nothing where there is none."""
    if seconds is None:
        return ""
    whole, rest = divmod(round(seconds * 1_000_000), 1_000_000)
    behind = f".{rest:06}".rstrip("0") if rest else ""
    if whole >= 60_000:
        return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}{behind}"
    return f"{whole}{behind}" if behind else f"{whole // 60}:{whole % 60:02}"


async def find_source(interaction: discord.Interaction, typed: str, audio: discord.Attachment | None = None) -> Found:
    """Return what is meant by exactly one of a track, chosen or typed, and a file. Raises Said, BadSource."""
    if bool(typed.strip()) == (audio is not None):
        raise BadSource(Unfit.ONE_NEEDED)
    if audio is not None:
        return Found(await _of_file(interaction, audio))
    entry = await meant(interaction, typed)
    if entry.kind in WITHOUT_AUDIO:
        raise BadSource(Unfit.NO_AUDIO)
    track = (await services_of(interaction).tracks.of(entry.task_id))[entry.number]
    return Found(await _of_track(interaction, entry, track), entry.private)


def of_file_again(offers: Iterable[Contract], request: Request, source: Source, now: datetime) -> Source:
    """Return a file that something was made from, to be worked on once more. Raises BadSource.

    Its provider may have it still; else it is handed over anew, by an address that Discord ends after a day.
    """
    if not any(_still_has(offer, request, now) for offer in offers):
        source = replace(source, provider="", clip_id="", expires_at=None)
    ends = address_ends(source.audio_url)
    if ends is not None and ends <= now + MARGIN:
        source = replace(source, audio_url="")
    if not source.clip_id and not source.audio_url:
        raise BadSource(Unfit.EXPIRED)
    return source


def _still_has(offer: Contract, request: Request, now: datetime) -> bool:
    """Say whether this provider has the file, and can make this from what it has."""
    source = for_provider(offer, request).source
    if source is None or not source.clip_id:
        return False
    return source.expires_at is None or now + MARGIN < source.expires_at


def address_ends(address: str) -> datetime | None:
    """Return when the address of an attachment ends; None where it does not say.

    https://docs.discord.com/developers/reference#signed-attachment-cdn-urls
    """
    written = _ENDS.search(address)
    return None if written is None else datetime.fromtimestamp(int(written[1], 16), UTC)


async def _of_track(interaction: discord.Interaction, entry: Entry, track: Track) -> Source:
    """Return a track as a source: as its provider knows it, or, once that is over, by its file in Discord."""
    fresh = track.expires_at is None or services_of(interaction).clock() + MARGIN < track.expires_at
    source = Source(
        title=entry.title or entry.prompt,
        seconds=track.seconds,
        task_id=entry.task_id,
        number=entry.number,
        audio_url=track.audio_url if fresh else "",
        cover_url=track.cover_url if fresh else "",
    )
    if fresh and entry.kind not in FROM_FILE:
        return replace(source, provider=entry.provider, clip_id=track.clip_id, expires_at=track.expires_at)
    address = await _kept_in_discord(interaction, entry) or source.audio_url
    if not address:
        raise BadSource(Unfit.EXPIRED)
    return replace(source, audio_url=address)


async def _kept_in_discord(interaction: discord.Interaction, entry: Entry) -> str:
    """Return an address of the track's file on its card, made anew by Discord: an old one has ended. Empty for none."""
    name = re.compile(rf"{entry.number}-.*{entry.task_id}\.(mp3|wav)")
    # The card it is asked for from comes along with each press; any other is fetched.
    return _attached(interaction.message, name) or _attached(await _card(interaction, entry), name)


async def _card(interaction: discord.Interaction, entry: Entry) -> discord.Message | None:
    if entry.channel_id is None or entry.message_id is None:
        return None
    channel = interaction.client.get_partial_messageable(entry.channel_id)
    try:
        async with asyncio.timeout(PATIENCE):
            return await channel.fetch_message(entry.message_id)
    except (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError) as error:
        log.info("card not fetched", extra={"task": entry.task_id, "reason": str(error)})
        return None


def _attached(message: discord.Message | None, name: re.Pattern[str]) -> str:
    attachments = message.attachments if message else ()
    return next((one.url for one in attachments if name.fullmatch(one.filename)), "")


async def _of_file(interaction: discord.Interaction, audio: discord.Attachment) -> Source:
    """Return a file as a source, after a look at its beginning. Raises BadSource."""
    if audio.size > LARGEST:
        raise BadSource(Unfit.TOO_LARGE, LARGEST)
    if audio.content_type and not _MAYBE_AUDIO.match(audio.content_type):
        raise BadSource(Unfit.NOT_AUDIO)
    try:
        async with asyncio.timeout(PATIENCE):
            seconds = await services_of(interaction).probe.seconds(audio.url, audio.size)
    except (DownloadError, TimeoutError) as error:
        log.info("file not looked at", extra={"reason": str(error) or type(error).__name__})
        raise BadSource(Unfit.UNREAD) from error
    if seconds is None:
        raise BadSource(Unfit.NOT_AUDIO)
    if seconds > LONGEST_FILE:
        raise BadSource(Unfit.TOO_LONG, LONGEST_FILE)
    # Where the file does not say how long it lasts, whoever it is handed to does.
    title = plain(PurePath(audio.filename).stem.replace("_", " "), 80)
    return Source(title, seconds or None, audio_url=audio.url)
