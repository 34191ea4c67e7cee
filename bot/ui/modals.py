"""Modals: asked for here, and taken up by their `custom_id`, so that one left open during a restart is not lost."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import discord

from bot.domain.errors import NotATrack
from bot.domain.task import MAX_LYRICS, MAX_PROMPT, MAX_STYLE, MAX_TITLE, Request, Task
from bot.ui.asking import ask
from bot.ui.failures import answer_failure
from bot.ui.services import services_of
from bot.ui.voices import voice
from bot.ui.words import song

SONG, REMIX = "song", "remix"
#: discord.py keeps an open modal in memory; one that is dismissed never tells. In seconds.
FORGET_AFTER = 15 * 60.0

#: Takes up a modal of another module: gets the rest of its `custom_id`, and what was filled in, by field.
TakesUp = Callable[[discord.Interaction, str, Mapping[str, Any]], Awaitable[None]]
#: For a caller that knows no other modals.
NO_OTHERS: Mapping[str, TakesUp] = MappingProxyType({})


class Wish(discord.ui.Modal):
    """A modal that asks for music. It has no `on_submit`: `take_up` reads every submit, before and after a restart."""

    def __init__(self, title: str, custom_id: str) -> None:
        super().__init__(title=title, custom_id=custom_id, timeout=FORGET_AFTER)

    def line(self, name: str, label: str, limit: int, default: str = "", hint: str = "") -> None:
        """Add a line of text."""
        self._text(name, label, limit, default, hint, discord.TextStyle.short, required=False)

    def paragraph(self, name: str, label: str, limit: int, default: str = "", hint: str = "", about: str = "") -> None:
        """Add a box of text; `about` stands under its label."""
        self._text(name, label, limit, default, hint, discord.TextStyle.paragraph, required=False, about=about)

    def tick(self, name: str, label: str, default: bool) -> None:
        """Add a box to tick."""
        self.add_item(discord.ui.Label(text=label, component=discord.ui.Checkbox(custom_id=name, default=default)))

    def _text(
        self,
        name: str,
        label: str,
        limit: int,
        default: str,
        hint: str,
        style: discord.TextStyle,
        *,
        required: bool,
        about: str = "",
    ) -> None:
        box: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=name,
            style=style,
            max_length=limit,
            default=default or None,
            placeholder=hint or None,
            required=required,
        )
        self.add_item(discord.ui.Label(text=label, description=about or None, component=box))


def song_modal(persona: str = "") -> Wish:
    """Return the modal of `/song`, for a persona of ours to sing if one was chosen."""
    modal = Wish(song.SONG_TITLE, f"{SONG}:{persona}" if persona else SONG)
    modal.line("title", song.TITLE, MAX_TITLE)
    modal.line("style", song.STYLE, MAX_STYLE, hint=song.STYLE_HINT)
    modal.paragraph("lyrics", song.LYRICS, MAX_LYRICS, hint=song.LYRICS_HINT)
    modal.tick("instrumental", song.INSTRUMENTAL, default=False)
    return modal


def remix_modal(task: Task) -> Wish:
    """Return the modal that holds a task's request, to be changed and sent."""
    modal = Wish(song.REMIX_TITLE, f"{REMIX}:{task.id}")
    request = task.request
    modal.paragraph("prompt", song.PROMPT, MAX_PROMPT, request.prompt)
    modal.line("style", song.STYLE, MAX_STYLE, request.style, song.STYLE_HINT)
    modal.line("title", song.TITLE, MAX_TITLE, request.title)
    modal.paragraph("lyrics", song.LYRICS, MAX_LYRICS, request.lyrics, song.LYRICS_HINT)
    modal.tick("instrumental", song.INSTRUMENTAL, request.instrumental)
    return modal


async def take_up(interaction: discord.Interaction, others: Mapping[str, TakesUp] = NO_OTHERS) -> None:
    """Do what a submitted modal asks for. Whatever goes wrong, what the member wrote is handed back as a file.

    `others`: who takes up the modals of other modules, by the first part of their `custom_id`.
    """
    assert interaction.data is not None
    data: Mapping[str, Any] = interaction.data
    values = dict(_values(data.get("components", ())))
    try:
        await _ask(interaction, str(data.get("custom_id", "")), values, others)
    except Exception as error:  # answered to the member, and logged with a number
        await answer_failure(interaction, error, hand_back=_written(values))


async def _ask(
    interaction: discord.Interaction, custom_id: str, values: Mapping[str, Any], others: Mapping[str, TakesUp]
) -> None:
    kind, _, task_id = custom_id.partition(":")
    if kind == SONG:
        await ask(interaction, replace(read_wish(values), persona_id=await voice(interaction, task_id)))
    elif kind == REMIX:
        parent = await services_of(interaction).tasks.get(task_id)
        if parent is None:
            raise NotATrack
        request = read_wish(values, private=parent.request.private)
        request = replace(request, persona_id=parent.request.persona_id)
        await ask(interaction, request, parent_id=parent.id, rather=parent.provider)
    elif kind in others:
        await others[kind](interaction, task_id, values)
    else:
        await answer_failure(interaction, NotATrack(), hand_back=_written(values))


def read_wish(values: Mapping[str, Any], *, private: bool = False) -> Request:
    """Return the wish a modal was filled with. A title alone is better than nothing to go by."""
    text = {name: str(values.get(name) or "").strip() for name in ("prompt", "style", "title", "lyrics")}
    instrumental = values.get("instrumental") is True  # the words to sing are kept all the same, for a remix
    prompt = text["prompt"] or ("" if text["lyrics"] or text["style"] else text["title"])
    return Request(
        prompt, text["style"], text["title"], instrumental=instrumental, private=private, lyrics=text["lyrics"]
    )


def _values(components: Any) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each field, however Discord nests them (labels, or rows in older modals)."""
    for component in components:
        if "custom_id" in component:
            yield component["custom_id"], component.get("value", component.get("values"))
        inner = component.get("component")
        yield from _values(component.get("components", ()) if inner is None else (inner,))


def _written(values: Mapping[str, Any]) -> str:
    """Return what a member wrote, as they would like to find it again."""
    return "\n\n".join(f"{name}:\n{value}" for name, value in values.items() if isinstance(value, str) and value)
