"""Why a track could not be posted, in plain words."""

import re

from bot.domain.task import Task

#: In the bot's own record of why, the places and what Discord answered there; see `flows/deliver.py`.
_REFUSAL = re.compile(r"(channel|direct|ephemeral): ([^;]*)")
_CODE = re.compile(r"code (\d+)")
_WHY = {
    10003: "the channel is gone",
    10004: "I am not in that server any more",
    40005: "it was too large",
    50001: "I may not see the channel",
    50013: "I may not write in the channel",
    50083: "the thread is closed",
    200000: "the server's rules blocked it",
    50007: "I could not send you a direct message",
    50278: "I share no server with you to send a direct message",
}
_AWAY = re.compile(r"HTTP (429|5\d\d)|rate limited|Timeout|Client|Connection|Server|OSError")


def why(task: Task) -> str:
    """Return why a task was set aside, in plain words."""
    refusals = [text for place, text in _REFUSAL.findall(task.set_aside_reason) if place != "ephemeral"]
    if refusals:
        return ", and ".join(dict.fromkeys(map(_refusal, refusals)))
    return "Discord could not be reached for long" if _AWAY.search(task.set_aside_reason) else "something went wrong"


def _refusal(text: str) -> str:
    code = _CODE.search(text)
    return _WHY.get(int(code[1]), "Discord refused it") if code else "Discord refused it"
