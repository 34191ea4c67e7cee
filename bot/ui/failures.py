"""The one place that answers failures: of commands, buttons, menus and modals alike."""

import io
import logging
import secrets

import discord

from bot.domain.errors import Refusal
from bot.ui import words
from bot.ui.words import song

log = logging.getLogger(__name__)


async def answer_failure(interaction: discord.Interaction, error: BaseException, hand_back: str = "") -> None:
    """Tell the member, ephemerally, what went wrong. Faults of ours get a number that stands in the log as well.

    `hand_back`: what the member wrote, returned as a file so that it is not lost.
    """
    cause = getattr(error, "original", error)
    if isinstance(cause, Refusal):
        text = words.refusal(cause)
        log.info("refused", extra={"reason": type(cause).__name__, "detail": str(cause)})
    else:
        error_id = secrets.token_hex(4)
        text = words.sorry(error_id)
        log.error("interaction failed", exc_info=cause, extra={"error_id": error_id})
    files = []
    if hand_back:
        text = f"{text}\n{song.HANDED_BACK}"
        files = [discord.File(io.BytesIO(hand_back.encode()), song.HANDED_BACK_NAME)]
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, files=files, ephemeral=True)
        else:
            await interaction.response.send_message(text, files=files, ephemeral=True)
    except discord.HTTPException as unheard:
        # The interaction died meanwhile: nobody is listening any more.
        log.warning("failure could not be told", extra={"status": unheard.status, "code": unheard.code})
