"""A bot on discord.py that uses every way of speaking to Discord that Minstrel uses."""

from __future__ import annotations

import asyncio
import io
import sys
from typing import Any

import discord
import yarl
from discord import app_commands, ui

Interaction = discord.Interaction[discord.Client]


class Again(ui.DynamicItem[ui.Button[Any]], template=r"again:(?P<task>\w+)"):
    """A button that works for ever; its id says what it is about."""

    def __init__(self, task: str) -> None:
        super().__init__(ui.Button(label="Again", custom_id=f"again:{task}"))
        self.task = task

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: Any, /) -> Again:
        return cls(match["task"])

    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.edit_message(content=f"again {self.task}")


class Deferring(ui.DynamicItem[ui.Button[Any]], template=r"defer:(?P<task>\w+)"):
    """A button whose answer changes its message later."""

    def __init__(self, task: str) -> None:
        super().__init__(ui.Button(label="Later", custom_id=f"defer:{task}", style=discord.ButtonStyle.primary))

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: Any, /) -> Deferring:
        return cls(match["task"])

    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed later", view=None)


class Pick(ui.DynamicItem[ui.Select[Any]], template=r"pick:(?P<task>\w+)"):
    """A menu that opens a form."""

    def __init__(self, task: str) -> None:
        options = [discord.SelectOption(label=name, value=name) for name in ("extend", "cover")]
        super().__init__(ui.Select(custom_id=f"pick:{task}", options=options, placeholder="what next?"))

    @classmethod
    async def from_custom_id(cls, interaction: Interaction, item: ui.Item[Any], match: Any, /) -> Pick:
        return cls(match["task"])

    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.send_modal(Form(title=self.item.values[0]))


class Form(ui.Modal):
    """A form with a box of every kind."""

    prompt: ui.Label[Any] = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt", max_length=100))
    style: ui.Label[Any] = ui.Label(
        text="Style",
        description="one",
        component=ui.Select(
            custom_id="style", options=[discord.SelectOption(label="jazz"), discord.SelectOption(label="pop")]
        ),
    )
    audio: ui.Label[Any] = ui.Label(text="Audio", component=ui.FileUpload(custom_id="audio", required=False))
    voice: ui.Label[Any] = ui.Label(
        text="Voice",
        component=ui.RadioGroup(
            custom_id="voice", options=[discord.RadioGroupOption(label=v, value=v) for v in ("low", "high")]
        ),
    )
    private: ui.Label[Any] = ui.Label(text="Private", component=ui.Checkbox(custom_id="private"))

    async def on_submit(self, interaction: Interaction, /) -> None:
        boxes = {label: getattr(self, label).component for label in ("prompt", "voice", "private")}
        told = [f"{label}={box.value}" for label, box in boxes.items()]
        told.append(f"style={self.style.component.values}")  # type: ignore[attr-defined]
        told += [f"audio={file.filename}:{file.size}" for file in self.audio.component.values]  # type: ignore[attr-defined]
        await interaction.response.send_message(" ".join(told), ephemeral=True)


def card(task: str) -> ui.View:
    """Return the buttons and the menu of a message."""
    view = ui.View(timeout=None)
    for item in (Again(task), Deferring(task), Pick(task)):
        view.add_item(item)
    view.add_item(ui.Button(label="Link", url="https://example.com/track"))
    return view


def cover_embed(title: str) -> discord.Embed:
    """Return an embed that shows an uploaded cover and uses every part of one."""
    embed = discord.Embed(title=title, description="words", colour=0x336699, url="https://example.com")
    embed.timestamp = discord.utils.utcnow()
    embed.set_thumbnail(url="attachment://cover.jpg").set_footer(text="foot").set_author(name="who")
    return embed.add_field(name="style", value="jazz", inline=True)


def song(name: str = "song.mp3", content: bytes = b"ID3 sound") -> discord.File:
    """Return a file to send."""
    return discord.File(io.BytesIO(content), name)


def cover() -> discord.File:
    """Return a picture to send, described."""
    return discord.File(io.BytesIO(b"jpeg"), "cover.jpg", description="a cover")


class ExampleBot(discord.Client):
    """The client; `interactions` are those it has heard of."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.05,
            max_ratelimit_timeout=30.0,
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[Interaction] = []

    async def setup_hook(self) -> None:
        add_commands(self.tree)
        self.add_dynamic_items(Again, Deferring, Pick)
        await self.tree.sync()

    async def on_interaction(self, interaction: Interaction) -> None:
        self.heard.append(interaction)


def add_commands(tree: app_commands.CommandTree[Any]) -> None:
    """Give the tree its commands."""

    @tree.command(description="answer at once")
    async def echo(interaction: Interaction, text: str) -> None:
        await interaction.response.send_message(
            text, embed=cover_embed("now"), files=[song(), cover()], view=card("t1")
        )

    @tree.command(description="answer later")
    @app_commands.describe(text="what to say")
    async def later(interaction: Interaction, text: app_commands.Range[str, 1, 20], private: bool = False) -> None:
        await interaction.response.defer(ephemeral=private, thinking=True)
        await interaction.edit_original_response(content=text, attachments=[song()])
        await interaction.followup.send("one more", ephemeral=private, files=[song("more.mp3")], view=card("t2"))

    @tree.command(description="say nothing")
    async def silent(interaction: Interaction, upload: discord.Attachment | None = None) -> None:
        if upload is not None:
            await interaction.response.send_message(f"{upload.filename} {len(await upload.read())}", ephemeral=True)

    @tree.command(description="open a form")
    async def form(interaction: Interaction) -> None:
        await interaction.response.send_modal(Form(title="A form"))

    @tree.command(description="find a track")
    @app_commands.guild_only()
    async def find(interaction: Interaction, track: str, level: int = 1, member: discord.User | None = None) -> None:
        await interaction.response.send_message(f"{track} {level} {member}")

    @find.autocomplete("track")
    async def tracks(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{current} {n}", value=str(n)) for n in (1, 2)]

    library = app_commands.Group(name="library", description="your tracks")

    @library.command(description="look around")
    @app_commands.choices(sort=[app_commands.Choice(name="new", value="new")])
    async def browse(interaction: Interaction, sort: str = "new") -> None:
        await interaction.response.send_message(f"by {sort}", silent=True)

    tree.add_command(library)


async def main(api_url: str, gateway_url: str, token: str, channel_id: str, nonce: str) -> None:
    """Post one message under `nonce` as a process of its own, and stay connected."""
    discord.http.Route.BASE = api_url
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
    async with ExampleBot() as bot:
        running = asyncio.create_task(bot.start(token))
        await bot.wait_until_ready()
        await bot.get_partial_messageable(int(channel_id)).send("from a process", nonce=nonce)
        await running


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
