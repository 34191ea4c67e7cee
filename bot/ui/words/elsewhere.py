"""Words around asking another provider."""

from bot.domain.contract import Contract
from bot.ui.text import plain


def try_with(label: str) -> str:
    """The button under a failure; Discord shows at most 80 characters."""
    return f"Try with {plain(label, 60)}"


def choice(offer: Contract) -> str:
    """One line of the list that opens while `provider` is typed."""
    return plain(offer.label, 90, offer.name)
