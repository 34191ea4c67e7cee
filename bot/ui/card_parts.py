"""What cards of all kinds are made of: uploads, how much is shown, titles, and links that deceive nobody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import discord

from bot.domain.errors import DownloadTooLarge
from bot.domain.task import Task
from bot.domain.track import FetchedTrack
from bot.ui import words
from bot.ui.text import file_name, length

#: https://docs.discord.com/developers/resources/message#embed-object-embed-limits
LONGEST_CONTENT = 2000
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


@dataclass(frozen=True, slots=True)
class Around:
    """What else a card shows: the providers' names for people, and a link to the card of what it was made from."""

    labels: Mapping[str, str] = field(default_factory=lambda: words.NO_LABELS)
    origin_link: str = ""

    def maker(self, task: Task) -> str:
        """Return who made it, for people."""
        return words.provider_name(task.provider, self.labels)


def joined(lines: list[str]) -> str:
    """Return as many of the lines as one message holds; the longest are left out."""
    while length("\n".join(lines)) > LONGEST_CONTENT:
        lines.remove(max(lines, key=length))
    return "\n".join(lines)


def fitting(fetched: FetchedTrack, limit: int) -> FetchedTrack:
    """Leave out each file that is over the limit of one: tags and cover inside an MP3 may have made it grow."""
    audio, trouble = fetched.audio, fetched.trouble
    files = tuple(path for path in fetched.files if path.stat().st_size <= limit)
    if (audio is not None and audio.stat().st_size > limit) or len(files) < len(fetched.files):
        audio, trouble = None, DownloadTooLarge("over the limit of the channel")
    return replace(fetched, audio=audio, trouble=trouble, files=files)


def without_files(fetched: FetchedTrack) -> FetchedTrack:
    """Leave out all files."""
    return replace(fetched, audio=None, cover=None, files=())


def title_of(task: Task, fetched: FetchedTrack) -> str:
    """Return the title as it came: of the track, as it was wished for, or of what it was made from."""
    request = task.request
    return fetched.track.title or request.title or (request.source.title if request.source else "")


def upload_name(task: Task, fetched: FetchedTrack, path: Path, title: str) -> str:
    """Return the name of a file that is attached."""
    return file_name(fetched.number, title, task.id, path.suffix.removeprefix("."))


def audio_upload(task: Task, fetched: FetchedTrack, titled: bool = True) -> list[Upload]:
    """Return the audio as it is attached, named after its title."""
    if fetched.audio is None:
        return []
    title = title_of(task, fetched) if titled else ""
    return [Upload(fetched.audio, upload_name(task, fetched, fetched.audio, title))]


def trouble_of(fetched: FetchedTrack) -> str:
    """Return what is said where the audio could not be attached."""
    return words.file_trouble(fetched.trouble, _link(fetched.track.audio_url), fetched.track.expires_at)


def _link(address: str) -> str:
    """Return an address as a link without a preview; nothing where it is no plain address."""
    return f"<{address}>" if len(address) <= _LONGEST_LINK and _LINK.fullmatch(address) else ""
