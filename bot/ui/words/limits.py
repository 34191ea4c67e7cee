"""Words around what is longer, smaller or larger than a provider takes."""

from bot.domain.errors import OutOfRange, TooLongTogether
from bot.ui.text import shown


def beyond(error: OutOfRange | TooLongTogether) -> str:
    """The ephemeral answer: what would work."""
    if isinstance(error, OutOfRange):
        return f"`{error.option}` is {error.given} there, and {error.least} to {error.most} is possible."
    return (
        f"With own lyrics or without singing, {shown(error.provider, 50)} takes `style` and `prompt` as one text of at "
        f"most {error.limit} characters, and these have {error.length} together. Please shorten one of them."
    )
