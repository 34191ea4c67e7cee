"""The one place that answers failures: of commands, buttons, menus and modals alike."""

import logging
import secrets

import discord

from bot.domain.errors import Refusal
from bot.ui import words

log = logging.getLogger(__name__)


async def answer_failure(interaction: discord.Interaction, error: BaseException) -> None:
    """Tell the member, ephemerally, what went wrong. Faults of ours get a number that stands in the log as well."""
    cause = getattr(error, "original", error)
    if isinstance(cause, Refusal):
        text = words.refusal(cause)
        log.info("refused", extra={"reason": type(cause).__name__, "detail": str(cause)})
    else:
        error_id = secrets.token_hex(4)
        text = words.sorry(error_id)
        log.error("interaction failed", exc_info=cause, extra={"error_id": error_id})
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except discord.HTTPException as unheard:
        # The interaction died meanwhile: nobody is listening any more.
        log.warning("failure could not be told", extra={"status": unheard.status, "code": unheard.code})
