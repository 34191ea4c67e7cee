"""`/track`: what a member does with one of their tracks."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.task import MAX_TITLE
from bot.ui import track_actions
from bot.ui.resending import choices, resend
from bot.ui.tracks import finder_of
from bot.ui.words import track as words

#: A link to a card, in angle brackets, is the longest thing to be pasted.
_Typed = app_commands.Range[str, 1, 100]
_WHICH = "Which one: choose from the list, or paste a link to its card or a task id"


async def offered(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the member's own tracks and the channel's recent ones, the newest first."""
    return await _offered(interaction, typed, own=False)


async def own_offered(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the member's own tracks."""
    return await _offered(interaction, typed, own=True)


async def _offered(interaction: discord.Interaction, typed: str, *, own: bool) -> list[app_commands.Choice[str]]:
    offers = await finder_of(interaction).offers(typed, own=own)
    return [app_commands.Choice(name=words.offer(one), value=f"{one.task_id}-{one.number}") for one in offers]


class Track(commands.Cog):
    """What a member types about one track."""

    track = app_commands.Group(
        name="track",
        description="Do something with one of your tracks",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @track.command(name="show", description="Show a track: what was asked for, and where its card is")
    @app_commands.describe(track=_WHICH)
    @app_commands.autocomplete(track=offered)
    async def show(self, interaction: discord.Interaction, track: _Typed) -> None:
        """Show it to the member alone."""
        await track_actions.show(interaction, track)

    @track.command(name="rename", description="Give one of your tracks another title")
    @app_commands.describe(track=_WHICH, title="What to call it")
    @app_commands.autocomplete(track=own_offered)
    async def rename(
        self, interaction: discord.Interaction, track: _Typed, title: app_commands.Range[str, 1, MAX_TITLE]
    ) -> None:
        """Rename it."""
        await track_actions.rename(interaction, track, title)

    @track.command(name="like", description="Like a track, or take the like back")
    @app_commands.describe(track=_WHICH)
    @app_commands.autocomplete(track=offered)
    async def like(self, interaction: discord.Interaction, track: _Typed) -> None:
        """Do what the card's own button does."""
        await track_actions.like(interaction, track)

    @track.command(name="delete", description="Delete the card of a track, with all its tracks")
    @app_commands.describe(track=_WHICH)
    @app_commands.autocomplete(track=offered)
    async def delete(self, interaction: discord.Interaction, track: _Typed) -> None:
        """Ask first, as the card's own button does."""
        await track_actions.delete(interaction, track)

    @track.command(name="resend", description="Have a track posted that could not be posted before")
    @app_commands.describe(track="Which one: choose from the list, or paste a task id")
    async def resend(self, interaction: discord.Interaction, track: app_commands.Range[str, 1, 100] = "") -> None:
        """Take it up again."""
        await resend(interaction, track)

    @resend.autocomplete("track")
    async def _set_aside(self, interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=words.choice(task), value=task.id) for task in await choices(interaction, typed)
        ]


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Track())
