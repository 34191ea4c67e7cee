"""Whose eyes look at the library, and which channels they reach."""

import discord

from bot.domain.ports_library import Viewer


def viewer_of(interaction: discord.Interaction) -> Viewer:
    """Return whose eyes look, and which channels of the server they reach."""
    assert interaction.channel_id is not None
    return Viewer(interaction.user.id, interaction.channel_id, interaction.guild_id, _readable(interaction))


def _readable(interaction: discord.Interaction) -> frozenset[int]:
    """Return the channels the member can read, with their public threads as far as these are known."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return frozenset()
    readable = {channel.id for channel in guild.channels if _may_read(channel.permissions_for(member))}
    threads = {one.id for one in guild.threads if one.parent_id in readable and not one.is_private()}
    # A private thread too, where the member types in it: Discord tells what they may do here.
    here = {interaction.channel_id} if interaction.channel_id and _may_read(interaction.permissions) else set()
    return frozenset(readable | threads | here)


def _may_read(may: discord.Permissions) -> bool:
    return may.view_channel and may.read_message_history
