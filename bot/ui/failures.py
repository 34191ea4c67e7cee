"""The one place that answers failures: of commands, buttons, menus and modals alike."""

import io
import logging
import secrets
from collections.abc import Sequence

import aiohttp
import discord

from bot.domain.errors import Refusal
from bot.ui import words
from bot.ui.words import song
from bot.ui.words.refusals import refusal

log = logging.getLogger(__name__)

#: What sending an answer may raise that nobody can do anything about; RuntimeError: the bot is being stopped.
UNHEARD = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError, RuntimeError)
#: Characters of one message, of Discord's 2,000; one may count twice there.
_PIECE = 950


class Said(Refusal):
    """A refusal whose sentence is known where it arises; `text` comes from `bot/ui/words`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


async def answer_failure(interaction: discord.Interaction, error: BaseException, hand_back: str = "") -> None:
    """Tell the member, ephemerally, what went wrong. Faults of ours get a number that stands in the log as well.

    `hand_back`: what the member wrote, returned as a file so that it is not lost.
    """
    cause = getattr(error, "original", error)
    if isinstance(cause, Refusal):
        text = cause.text if isinstance(cause, Said) else refusal(cause)
        log.info("refused", extra={"reason": type(cause).__name__, "detail": str(cause)})
    else:
        error_id = secrets.token_hex(4)
        text = words.sorry(error_id)
        log.error("interaction failed", exc_info=cause, extra={"error_id": error_id})
    try:
        await _tell(interaction, text, hand_back)
    except UNHEARD as unheard:
        # The interaction died meanwhile, or the connection: nobody is listening any more.
        log.warning("failure could not be told", extra={"reason": str(unheard)})


async def _tell(interaction: discord.Interaction, text: str, hand_back: str) -> None:
    if not hand_back:
        await _send(interaction, text)
        return
    file = discord.File(io.BytesIO(hand_back.encode()), song.HANDED_BACK_NAME)
    try:
        await _send(interaction, f"{text}\n{song.HANDED_BACK}", files=[file])
    except discord.HTTPException:
        # A channel may take no files; the words are handed back all the same.
        await _send(interaction, text)
        for start in range(0, len(hand_back), _PIECE):
            await _send(interaction, hand_back[start : start + _PIECE])


async def _send(interaction: discord.Interaction, text: str, files: Sequence[discord.File] = ()) -> None:
    send = interaction.followup.send if interaction.response.is_done() else interaction.response.send_message
    await send(text, files=files, ephemeral=True)
