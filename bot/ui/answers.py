"""First answers that only the member sees, kept while their interaction lives."""

from datetime import datetime, timedelta

import discord

from bot.domain.ports import Clock

#: An interaction's token dies 15 minutes after the command; a little earlier is surely alive.
#: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-response
LIFETIME = timedelta(minutes=14)


class Answers:
    """Interactions by task id. Never stored: a restart forgets them, and a direct message takes their place."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, discord.Interaction]] = {}

    def keep(self, task_id: str, interaction: discord.Interaction) -> None:
        """Remember the interaction that asked for a private task."""
        now = self._clock()
        self._kept = {task: kept for task, kept in self._kept.items() if now - kept[0] < LIFETIME}
        self._kept[task_id] = (now, interaction)

    def of(self, task_id: str) -> discord.Interaction | None:
        """Return the interaction while its token lives."""
        kept = self._kept.get(task_id)
        if kept is None or self._clock() - kept[0] >= LIFETIME:
            return None
        return kept[1]

    def forget(self, task_id: str) -> None:
        """The task needs it no more."""
        self._kept.pop(task_id, None)
