"""What those who manage a server, and whoever runs the bot, may look at."""

import discord

from bot.flows.vendor_facts import accounts
from bot.ui.services import services_of
from bot.ui.words import admin as words


async def show_usage(interaction: discord.Interaction) -> None:
    """Answer `/admin usage`, to whoever typed it alone. Discord lets a server show the command to others as well."""
    guild_id = interaction.guild_id
    if guild_id is None or not interaction.permissions.manage_guild:
        await interaction.response.send_message(words.NOT_A_MANAGER, ephemeral=True)
        return
    services = services_of(interaction)
    text = words.usage(await services.usages.of_server(guild_id, services.clock()), services.labels)
    silent = discord.AllowedMentions.none()
    await interaction.response.send_message(text, ephemeral=True, allowed_mentions=silent)
    if runs_the_bot(interaction.client.application, interaction.user.id):
        text = await _accounts(interaction)
        await interaction.followup.send(text, ephemeral=True, allowed_mentions=silent)


def runs_the_bot(application: discord.AppInfo | None, user_id: int) -> bool:
    """Say whether somebody owns the application, alone or in a team whose invitation they took."""
    if application is None:
        return False
    if application.team is None:
        return user_id == application.owner.id
    accepted = discord.TeamMembershipState.accepted
    return any(user_id == one.id and one.membership_state is accepted for one in application.team.members)


async def _accounts(interaction: discord.Interaction) -> str:
    services = services_of(interaction)
    told = await accounts(services.jobs)
    return "\n".join([words.ACCOUNTS, *(words.account(services.labels[name], one) for name, one in told.items())])
