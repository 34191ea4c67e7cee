"""The buttons of a card of lyrics: edited, sung and kept; they work for ever and after any restart."""

import asyncio
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import discord

from bot.domain.errors import BadOption, NotATrack, NotYours
from bot.domain.task import MAX_LYRICS, MAX_STYLE, MAX_TITLE, Task
from bot.domain.track import MOST_TRACKS, FetchedTrack, Track
from bot.ui.asking import ask, check_permissions
from bot.ui.card import Card, Look, make_card
from bot.ui.card_buttons import DeleteButton, DetailsButton
from bot.ui.failures import Said
from bot.ui.mentions import mentions
from bot.ui.modals import TakesUp, Wish, read_wish
from bot.ui.services import services_of
from bot.ui.task_button import TASK_ID, TaskButton
from bot.ui.text import length, plain
from bot.ui.words import lyrics as words
from bot.ui.words import song

EDIT, SING = "lyrics-edit", "lyrics-sing"
_NUMBER = r":(?P<number>[0-9]{1,2})"
#: What the `custom_id` of a modal says after its first part.
_WHICH = re.compile(TASK_ID + _NUMBER)


class LyricsButton(TaskButton, template="unused"):
    """A button about one result of a card of lyrics."""

    def __init__(self, task_id: str, number: int, label: str = "") -> None:
        self.number = number
        super().__init__(task_id, label, f":{number}")

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["task_id"], int(match["number"]))


class EditButton(LyricsButton, template=rf"{EDIT}:{TASK_ID}{_NUMBER}"):
    """Opens the words: whoever asked for them changes the card, anybody else a copy of their own, to be sung."""

    label, prefix = words.EDIT, EDIT

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the modal."""
        task, track = await _words(interaction, self.task_id, self.number)
        if task.origin.member_id == interaction.user.id:
            await interaction.response.send_modal(_edit_modal(task, self.number, track))
        else:
            await _open_to_sing(interaction, task, self.number, track, words.COPY_TITLE)


class SingButton(LyricsButton, template=rf"{SING}:{TASK_ID}{_NUMBER}"):
    """Opens the modal of a song, filled with the words. It counts against, and belongs to, whoever sends it."""

    label, prefix, style = words.SING, SING, discord.ButtonStyle.primary

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Open the modal."""
        task, track = await _words(interaction, self.task_id, self.number)
        await _open_to_sing(interaction, task, self.number, track, words.SING_TITLE)


class KeepButton(TaskButton, template=rf"lyrics-keep:{TASK_ID}"):
    """Likes the lyrics, or takes the like back, and says where to find them again."""

    label, prefix = words.KEEP, "lyrics-keep"

    async def pressed(self, interaction: discord.Interaction) -> None:
        """Count it, show the number on the button, and say what that means to the member alone."""
        services = services_of(interaction)
        before = await services.cards.likes(self.task_id)
        likes = await services.cards.like(self.task_id, interaction.user.id, services.clock())
        numbers = list(await services.tracks.of(self.task_id))[:MOST_TRACKS]
        await interaction.response.edit_message(view=lyrics_view(self.task_id, numbers, likes))
        library = (await mentions(interaction))("library liked")
        await interaction.followup.send(words.kept(library) if likes > before else words.LET_GO, ephemeral=True)


LYRICS_BUTTONS: tuple[type[TaskButton], ...] = (EditButton, SingButton, KeepButton)


def lyrics_view(task_id: str, numbers: Iterable[int], likes: int = 0) -> discord.ui.View:
    """Return the buttons of a card of lyrics: those of each result, and those of the card."""
    shown = list(numbers)
    view = discord.ui.View(timeout=None)
    for row, number in enumerate(shown):
        for button in _of_result(task_id, number, several=len(shown) > 1):
            button.row = row if len(shown) > 1 else None
            view.add_item(button)
    for last in (KeepButton(task_id, words.kept_label(likes)), DetailsButton(task_id), DeleteButton(task_id)):
        last.row = len(shown) if len(shown) > 1 else None
        view.add_item(last)
    return view


async def take_up_song(interaction: discord.Interaction, which: str, values: Mapping[str, Any]) -> None:
    """Have the words sung that the modal was filled with. Raises Refusal."""
    task, _ = await _words(interaction, *_result(which))
    request = read_wish(values, private=task.request.private)
    await ask(interaction, request, parent_id=task.id, rather=task.provider)


async def take_up_edit(interaction: discord.Interaction, which: str, values: Mapping[str, Any]) -> None:
    """Change the words on the card and in the store. What did not fit into the modal stays. Raises Refusal."""
    task_id, number = _result(which)
    task, track = await _words(interaction, task_id, number)
    if task.origin.member_id != interaction.user.id:
        raise NotYours
    edited = str(values.get("lyrics") or "").strip()
    if not edited:
        raise BadOption("lyrics", MAX_LYRICS, 0)
    _, rest = cut(track.lyrics)
    tracks = services_of(interaction).tracks
    if not await tracks.reword(task_id, number, edited + rest):
        raise NotATrack
    await _show(interaction, task, await tracks.of(task_id))


MODALS: Mapping[str, TakesUp] = {EDIT: take_up_edit, SING: take_up_song}


def cut(lyrics: str) -> tuple[str, str]:
    """Return as many whole lines as a modal's box holds, and the rest; of one line that is too long, a part of it."""
    text = lyrics.replace("\r\n", "\n")
    if length(text) <= MAX_LYRICS:
        return text, ""
    end, room = 0, MAX_LYRICS
    for sign in text:
        room -= length(sign)
        if room < 0:
            break
        end += 1
    end = max(text.rfind("\n", 0, end + 1), 0) or end
    return text[:end], text[end:]


def _of_result(task_id: str, number: int, *, several: bool) -> Sequence[LyricsButton]:
    return (
        EditButton(task_id, number, words.edit_label(number, several)),
        SingButton(task_id, number, words.sing_label(number, several)),
    )


def _result(which: str) -> tuple[str, int]:
    """Return the task and the number that a modal names. Raises NotATrack: whoever sends one may have written it."""
    match = _WHICH.fullmatch(which)
    if match is None:
        raise NotATrack
    return match["task_id"], int(match["number"])


async def _words(interaction: discord.Interaction, task_id: str, number: int) -> tuple[Task, Track]:
    """Return a task and the words of one of its results. Raises NotATrack, NotYours, Said."""
    services = services_of(interaction)
    task, tracks = await services.tasks.get(task_id), await services.tracks.of(task_id)
    if task is None or number not in tracks:
        raise NotATrack
    if task.request.private and task.origin.member_id != interaction.user.id:
        raise NotYours
    if not tracks[number].lyrics.strip():
        raise Said(words.NO_WORDS)
    return task, tracks[number]


def _edit_modal(task: Task, number: int, track: Track) -> Wish:
    text, rest = cut(track.lyrics)
    about = words.rest_stays(len(text), len(text + rest)) if rest else ""
    modal = Wish(words.EDIT_TITLE, f"{EDIT}:{task.id}:{number}")
    modal.paragraph("lyrics", words.WORDS, MAX_LYRICS, text, about=about)
    return modal


async def _open_to_sing(interaction: discord.Interaction, task: Task, number: int, track: Track, title: str) -> None:
    """Open the modal of a song with these words. Raises MissingPermissions, before anybody has written anything."""
    if not task.request.private:
        check_permissions(interaction)
    text, rest = cut(track.lyrics)
    about = words.rest_unsung(len(text), len(text + rest)) if rest else ""
    modal = Wish(title, f"{SING}:{task.id}:{number}")
    modal.line("title", song.TITLE, MAX_TITLE, plain(track.title or task.request.title, MAX_TITLE))
    modal.line("style", song.STYLE, MAX_STYLE, plain(task.request.style or track.style, MAX_STYLE), song.STYLE_HINT)
    modal.paragraph("lyrics", song.LYRICS, MAX_LYRICS, text, song.LYRICS_HINT, about)
    await interaction.response.send_modal(modal)


async def _show(interaction: discord.Interaction, task: Task, tracks: Mapping[int, Track]) -> None:
    """Make the card say the words as they are now; what it cannot show whole is attached, as it was before."""
    with tempfile.TemporaryDirectory() as folder:
        card = await asyncio.to_thread(_card, interaction, task, tracks, Path(folder))
        with ExitStack() as stack:
            files = card.files()
            for file in files:
                stack.callback(file.close)  # discord.py closes them for messages, not for this
            await interaction.response.edit_message(
                content=card.content,
                embeds=card.embeds,
                attachments=files,
                allowed_mentions=discord.AllowedMentions.none(),
            )


def _card(interaction: discord.Interaction, task: Task, tracks: Mapping[int, Track], folder: Path) -> Card:
    fetched = []
    for number, track in list(tracks.items())[:MOST_TRACKS]:
        path = folder / f"{number}.txt"
        path.write_bytes(track.lyrics.encode("utf-8", "replace"))
        fetched.append(FetchedTrack(track, number, files=(path,)))
    may = interaction.app_permissions
    look = Look(files=may.attach_files, embeds=may.embed_links)
    more = len(tracks) - len(fetched)
    return make_card(task, fetched, more, interaction.filesize_limit, look, services_of(interaction).labels)
