"""`/library`: what was made, found again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.ports_library import Query, Scope, SongType, Sort, Status
from bot.domain.task import Kind
from bot.ui.elsewhere import named
from bot.ui.library import show_shelf
from bot.ui.library_stats import show_stats
from bot.ui.services import services_of
from bot.ui.viewing import viewer_of
from bot.ui.words import library as words

F = TypeVar("F", bound=Callable[..., Any])
#: How many choices Discord shows.
_CHOICES = 25

SCOPE = [app_commands.Choice(name=name, value=scope.value) for scope, name in words.SCOPES.items()]
KIND = [app_commands.Choice(name=name, value=kind.value) for kind, name in words.KINDS.items()]
STATE = [app_commands.Choice(name=name, value=state.value) for state, name in words.STATUSES.items()]
SONG_TYPE = [app_commands.Choice(name=name, value=sung.value) for sung, name in words.SONG_TYPES.items()]
SORT = [app_commands.Choice(name=name, value=sort.value) for sort, name in words.SORTS.items()]


async def offered_styles(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the styles used most in the scope that is filled in already."""
    services = services_of(interaction)
    scope = Scope(getattr(interaction.namespace, "scope", None) or Scope.MINE)
    styles = await services.library.styles(viewer_of(interaction), scope)
    found = [style for style in styles if typed.strip().lower() in style and len(style) <= 100]
    return [app_commands.Choice(name=style, value=style) for style in found[:_CHOICES]]


async def offered_providers(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    """Offer the configured providers."""
    offers = services_of(interaction).submit.offers
    found = [offer for offer in offers if typed.strip().lower() in f"{offer.label} {offer.name}".lower()]
    return [app_commands.Choice(name=offer.label, value=offer.name) for offer in found[:_CHOICES]]


def filters(command: F) -> F:
    """Describe the options that browse and search share."""
    described = app_commands.describe(
        scope="Whose tracks: yours, this channel's or this server's",
        kind="Songs or sounds only",
        state="Of your own: finished, failed or in the works",
        song_type="Sung or instrumental only",
        liked="Only what you liked",
        style="Words of a style, such as: lofi",
        provider="Only what this music service made",
        sort="What comes first",
    )(command)
    chosen = app_commands.choices(scope=SCOPE, kind=KIND, state=STATE, song_type=SONG_TYPE, sort=SORT)(described)
    return app_commands.autocomplete(style=offered_styles, provider=offered_providers)(chosen)


@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
class Library(commands.GroupCog, group_name="library", group_description="What was made, found again"):
    """What a member types to find tracks again. All answers are for their eyes only."""

    @app_commands.command(description="Page through tracks")
    @filters
    async def browse(
        self,
        interaction: discord.Interaction,
        scope: str = Scope.MINE.value,
        kind: str = "",
        state: str = "",
        song_type: str = "",
        liked: bool = False,
        style: app_commands.Range[str, 1, 200] = "",
        provider: app_commands.Range[str, 1, 100] = "",
        sort: str = Sort.NEWEST.value,
    ) -> None:
        """Show the first page."""
        await look(interaction, query(scope, kind, state, song_type, sort, liked=liked, style=style, provider=provider))

    @app_commands.command(description="Find tracks by words of their title, prompt or lyrics")
    @app_commands.describe(words="Words that must be there: tin roof")
    @filters
    async def search(
        self,
        interaction: discord.Interaction,
        words: app_commands.Range[str, 1, 200],
        scope: str = Scope.MINE.value,
        kind: str = "",
        state: str = "",
        song_type: str = "",
        liked: bool = False,
        style: app_commands.Range[str, 1, 200] = "",
        provider: app_commands.Range[str, 1, 100] = "",
        sort: str = Sort.NEWEST.value,
    ) -> None:
        """Show the first page."""
        rest = {"liked": liked, "style": style, "provider": provider, "words": words}
        await look(interaction, query(scope, kind, state, song_type, sort, **rest))

    @app_commands.command(description="Page through the tracks you liked")
    @app_commands.describe(scope="Whose tracks: yours, this channel's or this server's", sort="What comes first")
    @app_commands.choices(scope=SCOPE, sort=SORT)
    async def liked(
        self, interaction: discord.Interaction, scope: str = Scope.SERVER.value, sort: str = Sort.NEWEST.value
    ) -> None:
        """Show the first page."""
        await look(interaction, query(scope, "", "", "", sort, liked=True))

    @app_commands.command(description="Numbers and a drawn chart: by week, kind and music service")
    @app_commands.describe(scope="Whose tracks: yours, this channel's or this server's")
    @app_commands.choices(scope=SCOPE)
    async def stats(self, interaction: discord.Interaction, scope: str = Scope.MINE.value) -> None:
        """Count and draw."""
        await show_stats(interaction, Scope(scope))


def query(scope: str, kind: str, state: str, song_type: str, sort: str, **rest: Any) -> Query:
    """Return what the options say."""
    return Query(
        scope=Scope(scope),
        kind=Kind(kind) if kind else None,
        status=Status(state) if state else None,
        song_type=SongType(song_type) if song_type else None,
        sort=Sort(sort),
        **rest,
    )


async def look(interaction: discord.Interaction, wanted: Query) -> None:
    """Show a shelf, or say which filter would work."""
    wanted = replace(wanted, provider=named(interaction, wanted.provider))
    offers = services_of(interaction).submit.offers
    if wanted.provider and wanted.provider not in [offer.name for offer in offers]:
        text = words.unknown_provider(wanted.provider, offers)
    elif wanted.status not in (None, Status.FINISHED) and wanted.scope is not Scope.MINE and interaction.guild_id:
        text = words.ONLY_YOURS
    else:
        await show_shelf(interaction, wanted)
        return
    await interaction.response.send_message(text, ephemeral=True)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Library())
