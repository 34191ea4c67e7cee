"""What a member finds in the menu of a posted card."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.ui.card_buttons import DeleteButton, task_of
from bot.ui.words import cards


@app_commands.context_menu(name=cards.DELETE_COMMAND)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@app_commands.allowed_installs(guilds=True, users=False)
async def delete_this_track(interaction: discord.Interaction, message: discord.Message) -> None:
    """Do what the card's own button does."""
    await DeleteButton(task_of(message)).pressed(interaction)


async def setup(bot: commands.Bot) -> None:
    """Called by discord.py when the extension is loaded."""
    bot.tree.add_command(delete_this_track)
