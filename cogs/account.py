"""`/quota`, `/my-data`, `/privacy` and `/report`: what concerns the member themselves."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.mentions import mentions
from bot.ui.my_data import confirm_view, export_file
from bot.ui.reports import report
from bot.ui.services import services_of
from bot.ui.words import account as words


class Account(commands.Cog):
    """What a member types about themselves. All answers are for their eyes only."""

    my_data = app_commands.Group(
        name="my-data",
        description="Get or delete what the bot keeps about you",
        allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
        allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    )

    @app_commands.command(description="Show how much you have used and have left today")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def quota(self, interaction: discord.Interaction) -> None:
        """Show it."""
        services = services_of(interaction)
        usage = await services.members.usage(interaction.user.id, services.clock(), services.limits.member_per_day)
        await interaction.response.send_message(words.quota(usage, services.limits), ephemeral=True)

    @app_commands.command(description="Read what the bot keeps about you, for how long, and who gets it")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def privacy(self, interaction: discord.Interaction) -> None:
        """Say it."""
        services = services_of(interaction)
        text = words.privacy(await mentions(interaction), services.prompt_retention_days)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(description="Tell whoever runs this bot that something is wrong")
    @app_commands.describe(what="What is wrong", track="Which track: its task id or a link to its message")
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
    @app_commands.allowed_installs(guilds=True, users=False)
    async def report(
        self,
        interaction: discord.Interaction,
        what: app_commands.Range[str, 1, 1000],
        track: app_commands.Range[str, 1, 200] = "",
    ) -> None:
        """Pass it on."""
        await report(interaction, what.strip(), track.strip())

    @my_data.command(description="Get everything the bot keeps about you as a file")
    async def export(self, interaction: discord.Interaction) -> None:
        """Hand it out."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        file = await export_file(interaction)
        await interaction.followup.send(words.EXPORTED, file=file, ephemeral=True)

    @my_data.command(description="Delete everything the bot keeps about you; asks once")
    @app_commands.describe(cards="Delete the posted tracks from Discord as well")
    async def delete(self, interaction: discord.Interaction, cards: bool = False) -> None:
        """Ask; the button goes on."""
        open_tasks = await services_of(interaction).my_data.open_tasks(interaction.user.id)
        await interaction.response.send_message(
            words.confirm_deletion(open_tasks, cards), view=confirm_view(cards), ephemeral=True
        )


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    await bot.add_cog(Account())
