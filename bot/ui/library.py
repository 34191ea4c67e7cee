"""The library's pages, whose buttons work after any restart: an id leads to what was looked for."""

import re
from dataclasses import replace
from typing import Any, ClassVar, Self

import discord

from bot.domain.ports_library import PER_PAGE, Page, Query, Scope, Shelf, Sort
from bot.ui.failures import answer_failure
from bot.ui.library_track import ShelfAgain, ShelfLike, show_track
from bot.ui.mentions import mentions
from bot.ui.services import Services, services_of
from bot.ui.viewing import viewer_of
from bot.ui.words import library as words

_SHELF = r"(?P<shelf>[0-9a-f]{16})"
_NEXT_SORT = {Sort.NEWEST: Sort.LONGEST, Sort.LONGEST: Sort.TITLE, Sort.TITLE: Sort.NEWEST}


async def show_shelf(interaction: discord.Interaction, query: Query) -> None:
    """Answer a command with the first page, to the member alone."""
    services = services_of(interaction)
    query = query if interaction.guild_id is not None else replace(query, scope=Scope.MINE)
    page = await services.library.page(viewer_of(interaction), query, 0)
    if not page.entries:
        text = words.empty(_named(services, query), await mentions(interaction))
        await interaction.response.send_message(text, ephemeral=True)
        return
    shelf = await services.shelves.put(interaction.user.id, query, services.clock())
    embed = _embed(_named(services, query), page)
    await interaction.response.send_message(embed=embed, view=shelf_view(shelf, page), ephemeral=True)


async def turn(interaction: discord.Interaction, shelf: Shelf, number: int) -> None:
    """Show another page in place of the one whose button was pressed."""
    services = services_of(interaction)
    page = await services.library.page(viewer_of(interaction), shelf.query, number)
    if not page.entries:
        text = words.empty(_named(services, shelf.query), await mentions(interaction))
        await interaction.response.edit_message(content=text, embed=None, view=None)
        return
    embed = _embed(_named(services, shelf.query), page)
    await interaction.response.edit_message(embed=embed, view=shelf_view(shelf, page))


def _named(services: Services, query: Query) -> Query:
    """Return the query as people read it: with the provider's name for them."""
    return replace(query, provider=services.labels.get(query.provider, query.provider))


def _embed(query: Query, page: Page) -> discord.Embed:
    """Return the page. Names in an embed notify nobody."""
    embed = discord.Embed(title=words.heading(query), description=words.page_text(query, page))
    return embed.set_footer(text=words.footer(query, page))


def shelf_view(shelf: Shelf, page: Page) -> discord.ui.View:
    """Return what is under a page."""
    view = discord.ui.View(timeout=None).add_item(OpenTrack(shelf.id, page.number, _options(page)))
    view.add_item(TurnPage(shelf.id, max(0, page.number - 1), words.PREVIOUS, disabled=page.number == 0))
    view.add_item(TurnPage(shelf.id, page.number + 1, words.NEXT, disabled=not page.more))
    return view.add_item(SortShelf(shelf.id, _NEXT_SORT[shelf.query.sort]))


def _options(page: Page) -> list[discord.SelectOption]:
    options = []
    for number, entry in enumerate(page.entries, page.number * PER_PAGE + 1):
        label, description = words.option(entry, number)
        value = f"{entry.task_id}-{entry.number}"
        options.append(discord.SelectOption(label=label, value=value, description=description or None))
    return options


class _ShelfButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template="unused"):
    """A button under a page. discord.py only logs what a dynamic item raises, so failures are answered here."""

    shelf_id: str

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what the button says, with the member's own shelf."""
        try:
            shelf = await _own_shelf(interaction, self.shelf_id)
            if shelf is not None:
                await self.pressed(interaction, shelf)
        except Exception as error:  # answered to the member, and logged with a number
            await answer_failure(interaction, error)

    async def pressed(self, interaction: discord.Interaction, shelf: Shelf) -> None:
        """Do what this button is for."""
        raise NotImplementedError


class TurnPage(_ShelfButton, template=rf"shelf:{_SHELF}:(?P<page>\d{{1,6}})"):
    """Turns to another page."""

    def __init__(self, shelf_id: str, page: int, label: str = words.NEXT, *, disabled: bool = False) -> None:
        self.shelf_id, self.page = shelf_id, page
        custom_id = f"shelf:{shelf_id}:{page}"
        super().__init__(discord.ui.Button(label=label, custom_id=custom_id, disabled=disabled))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["shelf"], int(match["page"]))

    async def pressed(self, interaction: discord.Interaction, shelf: Shelf) -> None:
        """Turn."""
        await turn(interaction, shelf, self.page)


class SortShelf(_ShelfButton, template=rf"shelf-sort:{_SHELF}:(?P<sort>newest|longest|title)"):
    """Sorts otherwise, and begins at the first page."""

    def __init__(self, shelf_id: str, sort: Sort) -> None:
        self.shelf_id, self.sort = shelf_id, sort
        super().__init__(discord.ui.Button(label=words.sort_label(sort), custom_id=f"shelf-sort:{shelf_id}:{sort}"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button of a message that is already in Discord."""
        return cls(match["shelf"], Sort(match["sort"]))

    async def pressed(self, interaction: discord.Interaction, shelf: Shelf) -> None:
        """Sort: what was looked for stays, under an id of its own."""
        services, query = services_of(interaction), replace(shelf.query, sort=self.sort)
        await turn(interaction, await services.shelves.put(interaction.user.id, query, services.clock()), 0)


class OpenTrack(discord.ui.DynamicItem[discord.ui.Select[Any]], template=rf"shelf-open:{_SHELF}:(?P<page>\d{{1,6}})"):
    """Opens one track of the page."""

    #: Discord asks for one option at least; what was chosen comes with the interaction.
    _UNKNOWN: ClassVar = [discord.SelectOption(label="-")]

    def __init__(self, shelf_id: str, page: int, options: list[discord.SelectOption]) -> None:
        custom_id = f"shelf-open:{shelf_id}:{page}"
        super().__init__(discord.ui.Select(placeholder=words.OPEN, options=options, custom_id=custom_id))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu of a message that is already in Discord."""
        return cls(match["shelf"], int(match["page"]), cls._UNKNOWN)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show the chosen track."""
        try:
            await show_track(interaction, viewer_of(interaction), self.item.values[0])
        except Exception as error:  # answered to the member, and logged with a number
            await answer_failure(interaction, error)


async def _own_shelf(interaction: discord.Interaction, shelf_id: str) -> Shelf | None:
    """Return the shelf, or tell the member that it is not known any more."""
    services = services_of(interaction)
    shelf = await services.shelves.get(shelf_id, interaction.user.id, services.clock())
    if shelf is None:
        await interaction.response.send_message(words.EXPIRED, ephemeral=True)
    return shelf


SHELF_ITEMS = (TurnPage, SortShelf, OpenTrack, ShelfLike, ShelfAgain)
