"""The menu under each track of a card: everything that can be made from it, and the modals of what needs words."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import discord

from bot.domain.contract import Ability, Contract, Times
from bot.domain.errors import CannotMake, NotATrack
from bot.domain.source import Source
from bot.domain.task import WITHOUT_AUDIO, Kind, Request, Task
from bot.ui import personas
from bot.ui.asking import check_permissions
from bot.ui.failures import UNHEARD, answer_failure
from bot.ui.modals import Wish
from bot.ui.reworking import check_makes, rework
from bot.ui.services import services_of
from bot.ui.sources import FROM_FILE, Found, find_source, write_time
from bot.ui.task_button import TASK_ID
from bot.ui.text import plain
from bot.ui.words import persona as persona_words
from bot.ui.words import rework as words
from bot.ui.words import song

log = logging.getLogger(__name__)

#: What the `custom_id` of a modal begins with.
REWORK = "rework"
#: What needs no words, and is asked for at once.
AT_ONCE = frozenset({Kind.REMASTER, Kind.STEMS, Kind.MIDI, Kind.WAV, Kind.TIMELINE, Kind.WAVEFORM})
_FIELDS = ("start", "end", "prompt", "style", "title", "lyrics")
#: Discord's most boxes of a modal, and most characters of one; and the most characters of a time.
_MOST_FIELDS, _LONGEST_TEXT, _LONGEST_TIME = 5, 4000, 12
_MODAL = re.compile(rf"(?P<kind>[a-z]+):{TASK_ID}:(?P<number>[0-9]{{1,2}})(?P<private>:private)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be done with a track; `able` says whether a provider can, `do` does it.

    `able` gets the provider, and whether that one knows the track already; `do` gets the track as `<task id>-<number>`.
    """

    value: str
    label: str
    description: str
    able: Callable[[Contract, bool], bool]
    do: Callable[[discord.Interaction, str], Awaitable[None]]


def _entry(kind: Kind) -> Entry:
    """Return the entry of a kind: it is offered where a provider that makes it knows the track, or takes its file."""

    def able(offer: Contract, knows: bool) -> bool:
        ability = offer.makes.get(kind)
        return ability is not None and (offer.uploads or (knows and not ability.uploaded))

    async def do(interaction: discord.Interaction, track: str) -> None:
        await begin(interaction, kind, track)

    return Entry(kind.value, *words.ENTRIES[kind], able, do)


_PERSONA = Entry("persona", *persona_words.ENTRY, lambda offer, knows: offer.personas and knows, personas.open_modal)
#: In this order.
ENTRIES: tuple[Entry, ...] = (*(_entry(kind) for kind in words.ENTRIES), _PERSONA)


class MoreMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=rf"more:{TASK_ID}:(?P<number>[0-9]{{1,2}})"):
    """What can be done with one track of a card. discord.py only logs what it raises, so failures are answered here."""

    def __init__(self, task_id: str, number: int, options: list[discord.SelectOption]) -> None:
        self.track = f"{task_id}-{number}"
        custom_id, placeholder = f"more:{task_id}:{number}", words.placeholder(number)
        super().__init__(discord.ui.Select(custom_id=custom_id, placeholder=placeholder, options=options))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu of a message that is already in Discord."""
        assert isinstance(item, discord.ui.Select)
        return cls(match["task_id"], int(match["number"]), item.options)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what was chosen, and let it be chosen again."""
        try:
            await self._do(interaction, self.item.values[0])
        except Exception as error:  # answered to the member, and logged with a number
            await answer_failure(interaction, error)
        await self._reset(interaction)

    async def _do(self, interaction: discord.Interaction, value: str) -> None:
        for entry in ENTRIES:
            if entry.value == value:
                return await entry.do(interaction, self.track)
        raise NotATrack  # of a version of this bot that knew more

    async def _reset(self, interaction: discord.Interaction) -> None:
        """Show the same card again: what was chosen would stay, and could not be chosen a second time. Best effort.

        An answer alone does not do it: https://github.com/discord/discord-api-docs/issues/3441
        """
        view, message = self.view, interaction.message
        # A card that only one member sees can be changed through its own interaction alone, which has answered.
        if view is None or message is None or message.flags.ephemeral:
            return
        view.stop()  # its meaning is in its `custom_id`s: nothing of it is to be kept in memory
        try:
            await message.edit(view=view)
        except UNHEARD as error:
            log.info("menu not reset", extra={"track": self.track, "reason": str(error)})


def menus(offers: Sequence[Contract], task: Task, numbers: Iterable[int]) -> list[MoreMenu]:
    """Return the menus of a card, one for each of its tracks; none where nothing can be made from them."""
    if task.request.kind in WITHOUT_AUDIO:
        return []
    known_to = "" if task.request.kind in FROM_FILE else task.provider
    # What came out of a track as it is (a WAV, its vocals) does not come out of that once more.
    itself = task.request.kind.value if task.request.kind in FROM_FILE else ""
    offered = [entry for entry in ENTRIES if entry.value != itself]
    able = [entry for entry in offered if any(entry.able(offer, offer.name == known_to) for offer in offers)]
    options = [discord.SelectOption(label=one.label, value=one.value, description=one.description) for one in able]
    return [MoreMenu(task.id, number, options) for number in numbers] if options else []


async def begin(interaction: discord.Interaction, kind: Kind, track: str, filled: Request | None = None) -> None:
    """Ask for it, or open the modal of what needs words. `filled`: what was wished for before. Raises Refusal."""
    if kind in AT_ONCE:
        await rework(interaction, kind, track=track)
        return
    check_makes(interaction, kind)
    found = await find_source(interaction, track)
    private = found.private or (filled is not None and filled.private)
    if not private:
        check_permissions(interaction)
    ability = _ability(services_of(interaction).submit.offers, kind, found.source)
    await interaction.response.send_modal(_modal(kind, ability, replace(found, private=private), filled))


async def take_up_rework(interaction: discord.Interaction, rest: str, values: Mapping[str, Any]) -> None:
    """Do what a submitted modal asks for, by the rest of its `custom_id`. Raises Refusal."""
    match = _MODAL.fullmatch(rest)
    if match is None or match["kind"] not in words.TITLES:
        raise NotATrack
    start, end, prompt, style, title, lyrics = (str(values.get(name) or "") for name in _FIELDS)
    await rework(
        interaction,
        Kind(match["kind"]),
        track=f"{match['task_id']}-{match['number']}",
        start=start,
        end=end,
        prompt=prompt,
        style=style,
        title=title,
        lyrics=lyrics,
        private=bool(match["private"]),
    )


def _ability(offers: Sequence[Contract], kind: Kind, source: Source) -> Ability:
    """Return what a provider takes that can make it from this source; first of all whoever knows it."""
    in_order = sorted(offers, key=lambda offer: offer.name != source.provider)
    for offer in in_order:
        ability = offer.makes.get(kind)
        if ability is None:
            continue
        if (offer.name == source.provider and not ability.uploaded) or (offer.uploads and source.audio_url):
            return ability
    raise CannotMake("", kind)


def _modal(kind: Kind, ability: Ability, found: Found, filled: Request | None) -> Wish:
    """Return the modal for what a provider takes of this kind."""
    source, given = found.source, filled or Request("")
    private = ":private" if found.private else ""
    title = plain(f"{words.TITLES[kind]}: {source.title}", 45)
    modal = Wish(title, f"{REWORK}:{kind}:{source.task_id}:{source.number}{private}")
    hint = words.time_hint(source.seconds)
    if ability.times is not Times.NONE:
        label = words.GO_ON_AT if ability.times is Times.START else words.START
        modal.line("start", label, _LONGEST_TIME, write_time(given.start), hint)
    if ability.times in (Times.SPAN, Times.WHOLE_SPAN):
        modal.line("end", words.END, _LONGEST_TIME, write_time(given.end), hint)
    if ability.style:
        modal.line("style", words.STYLE, ability.style, given.style, song.STYLE_HINT)
    if ability.title:
        modal.line("title", words.TITLE, ability.title, given.title)
    if ability.prompt:
        modal.paragraph("prompt", words.PROMPT, min(ability.prompt, _LONGEST_TEXT), given.prompt)
    if ability.lyrics and len(modal.children) < _MOST_FIELDS:
        longest = min(ability.lyrics, _LONGEST_TEXT)
        modal.paragraph("lyrics", words.LYRICS, longest, given.lyrics, song.LYRICS_HINT)
    return modal
