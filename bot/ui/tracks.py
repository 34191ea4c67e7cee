"""Finding the track a member means: chosen from a list, or by its id, its task's, or a link to its card."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord

from bot.domain.errors import NotATrack
from bot.domain.ports_library import Entry, Library, Query, Scope, Status, Viewer
from bot.domain.ports_members import Members, Message
from bot.domain.ports_tracks import Offer, Tracks
from bot.ui.failures import Said
from bot.ui.services import services_of
from bot.ui.text import clean
from bot.ui.viewing import viewer_of
from bot.ui.words import track as words

#: How many choices Discord shows.
MOST_CHOICES = 25
#: Of each text so much is compared with every key typed: hundreds of whole prompts would hold up everybody else.
_LOOKED_AT = 200
_SNOWFLAKES = range(2**63)
_LINK = re.compile(
    r"<?https://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/(?:@me|[0-9]{1,20})"
    r"/(?P<channel>[0-9]{1,20})/(?P<message>[0-9]{1,20})/?>?",
    re.IGNORECASE,
)
_ID = re.compile(r"(?P<task_id>[0-9a-z]{12})(?:-(?P<number>[0-9]{1,3}))?")


@dataclass(frozen=True, slots=True)
class Ref:
    """A track by its task's id and its number; without one, the first."""

    task_id: str
    number: int | None = None


class CardDeleted(NotATrack):
    """Its card was deleted, and this member may know that."""


def read(typed: str) -> Ref | Message | None:
    """Return what a member typed or pasted, if it is an id or a link."""
    if link := _LINK.fullmatch(typed.strip()):
        place = Message(int(link["channel"]), int(link["message"]))
        return place if place.channel_id in _SNOWFLAKES and place.message_id in _SNOWFLAKES else None
    if ours := _ID.fullmatch(typed.strip().lower()):
        return Ref(ours["task_id"], int(ours["number"]) if ours["number"] else None)
    return None


class Finder:
    """Finds tracks as one member may see them: of others' private ones it says what it says of unknown ones."""

    def __init__(self, library: Library, members: Members, tracks: Tracks, viewer: Viewer) -> None:
        self._library, self._members, self._tracks, self._viewer = library, members, tracks, viewer

    async def find(self, typed: str) -> Entry:
        """Return the track, or the task without any yet. Raises NotATrack, CardDeleted."""
        ref = await self._ref(typed)
        if ref is None:
            raise NotATrack
        for number in (1, 0) if ref.number is None else (ref.number,):
            if entry := await self._library.find(self._viewer, ref.task_id, number):
                return entry
        raise CardDeleted if await self._tracks.card_deleted(self._viewer, ref.task_id) else NotATrack

    async def offers(self, typed: str, *, own: bool) -> list[Offer]:
        """Return what holds all the words typed so far, the newest first; older ones of their own by whole words."""
        recent = _holding(await self._tracks.recent(self._viewer, own=own), typed)
        if len(recent) >= MOST_CHOICES or not typed.strip():
            return recent[:MOST_CHOICES]
        query = Query(Scope.MINE, words=typed, status=Status.FINISHED)
        page = await self._library.page(self._viewer, query, 0)
        known = {(one.task_id, one.number) for one in recent}
        older = [_offer(one) for one in page.entries if (one.task_id, one.number) not in known]
        return [*recent, *older][:MOST_CHOICES]

    async def _ref(self, typed: str) -> Ref | None:
        found = read(typed)
        if not isinstance(found, Message):
            return found
        task_id = await self._members.task_of(found)
        return None if task_id is None else Ref(task_id)


def finder_of(interaction: discord.Interaction) -> Finder:
    """Return what finds tracks for whoever typed."""
    services = services_of(interaction)
    return Finder(services.library, services.members, services.tracks, viewer_of(interaction))


async def found(interaction: discord.Interaction, typed: str, *, finished: bool = True) -> Entry | None:
    """Return the track that is meant; None where the member was told why there is none. `finished`: it has to be."""
    try:
        return await meant(interaction, typed, finished=finished)
    except Said as said:
        await interaction.response.send_message(said.text, ephemeral=True)
        return None


async def meant(interaction: discord.Interaction, typed: str, *, finished: bool = True) -> Entry:
    """Return the track that is meant. `finished`: it has to be. Raises Said, which says why there is none."""
    try:
        entry = await finder_of(interaction).find(typed)
    except NotATrack as error:
        raise Said(words.CARD_DELETED if isinstance(error, CardDeleted) else words.UNKNOWN) from error
    if entry.status is not Status.FINISHED and finished:
        raise Said(words.not_finished(entry))
    return entry


def _holding(offers: Iterable[Offer], typed: str) -> list[Offer]:
    wanted = clean(typed).casefold().split()
    return [one for one in offers if not wanted or _has_all(one, wanted)]


def _has_all(offer: Offer, wanted: Sequence[str]) -> bool:
    text = " ".join(part[:_LOOKED_AT] for part in (offer.title, offer.style, offer.prompt))
    words = clean(text).casefold()
    return all(word in words for word in wanted)


def _offer(entry: Entry) -> Offer:
    return Offer(entry.task_id, entry.number, entry.title, entry.style, entry.prompt)
