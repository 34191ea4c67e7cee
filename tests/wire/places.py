"""Make and change servers, channels and people while a bot watches."""

from __future__ import annotations

from . import payloads
from .parts import Parts
from .world import USUAL, Channel, ChannelKind, Guild, Member, Permission


class Places(Parts):
    """What an operator of servers does; the bot hears of it by the gateway."""

    def add_guild(self, name: str = "Guild", *, tier: int = 0) -> Guild:
        """Make a server with the bot in it; boost `tier` 0 to 3 decides the upload limit."""
        guild = self.world.add_guild(name, tier)
        self.gateway.dispatch("GUILD_CREATE", payloads.guild(guild, self.world))
        return guild

    def add_channel(self, guild: Guild, name: str = "music", *, permissions: Permission = USUAL) -> Channel:
        """Make a text channel in which the bot has exactly `permissions`."""
        channel = Channel(self.world.next_id(), name, ChannelKind.TEXT, guild, permissions=permissions)
        self.world.add_channel(channel)
        self._tell("CHANNEL_CREATE", channel)
        return channel

    def add_thread(self, parent: Channel, name: str = "thread", *, archived: bool = False) -> Channel:
        """Make a public thread, with its parent's permissions."""
        thread = Channel(self.world.next_id(), name, ChannelKind.THREAD, parent.guild, parent)
        thread.permissions, thread.archived = parent.permissions, archived
        self.world.add_channel(thread)
        self._tell("THREAD_CREATE", thread)
        return thread

    def add_member(self, guild: Guild | None, name: str = "ada") -> Member:
        """Make a person; with `guild` None they share no server with the bot."""
        return self.world.add_member(name, guild)

    def dm(self, member: Member) -> Channel:
        """Return the direct conversation between the bot and `member`."""
        return self.world.dm(member)

    def permit(self, channel: Channel, permissions: Permission) -> None:
        """Change what the bot may do in a channel."""
        channel.permissions = permissions
        self._tell("CHANNEL_UPDATE", channel)

    def archive(self, thread: Channel, *, locked: bool = False) -> None:
        """Archive a thread; a locked one is opened again only by those who manage threads."""
        thread.archived, thread.locked = True, locked
        self._tell("THREAD_UPDATE", thread)

    def forbid(self, guild: Guild, *words: str) -> None:
        """Have a server's automatic moderation block messages with any of `words`."""
        guild.forbidden = words

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel and what is in it."""
        del self.world.channels[channel.id]
        self._tell("THREAD_DELETE" if channel.kind is ChannelKind.THREAD else "CHANNEL_DELETE", channel)

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a server: its channels are out of reach."""
        for channel in self.world.channels_of(guild):
            channel.permissions = Permission(0)
        del self.world.guilds[guild.id]
        self.gateway.dispatch("GUILD_DELETE", {"id": str(guild.id)})

    def _tell(self, event: str, channel: Channel) -> None:
        self.gateway.dispatch(event, payloads.channel(channel, self.world.bot_user_id))
        self._changes.announce()
