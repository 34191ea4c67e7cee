"""What the pretend MusicMint accepts, and the codes with which it refuses the rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.refusal import Refusal
from bot.sandbox.titles import invent_title

# The vendor documents three codes; the others here are invented.
BAD_KEY = 1001
KEY_DISABLED = 1003
KEY_DELETED = 1004
BAD_REQUEST = 2001
NOT_FOUND = 4004
MUSIC_EXPIRED = 4005

MESSAGES = {KEY_DISABLED: "AppKey is disabled", KEY_DELETED: "AppKey was deleted"}

#: The integer by which the list asks for a status; answers carry the word.
STATUS_NUMBERS = {0: "queuing", 1: "processing", 2: "completed", 3: "failed"}
ALL_STATUSES = -1

GENERATE_FIELDS = {
    "prompt": str,
    "title": str,
    "tags": str,
    "gpt_description_prompt": str,
    "make_instrumental": bool,
    "persona_id": str,
    "continue_clip_id": str,
    "continue_at": int,
    "callback_url": str,
    "retention_days": int,
}
LIST_FIELDS = {"page": int, "page_size": int, "status": int}


@dataclass(frozen=True, slots=True)
class Order:
    """Hold what a create asked for, with the vendor's defaults."""

    prompt: str = ""
    title: str = ""
    tags: str = ""
    gpt_description_prompt: str = ""
    make_instrumental: bool = False
    persona_id: str = ""
    continue_clip_id: str = ""
    continue_at: int | None = None
    callback_url: str = ""
    retention_days: int = 7

    @property
    def text(self) -> str:
        """Give the lyrics or the description, whichever was sent."""
        return self.prompt or self.gpt_description_prompt

    @property
    def words(self) -> str:
        """Put everything the composer should listen to into one string."""
        return " ".join(filter(None, (self.tags, self.text, "instrumental" if self.make_instrumental else "")))

    @property
    def song_title(self) -> str:
        """Give the title asked for, or a short one made from the words."""
        return self.title.strip() or invent_title(self.text.strip() or self.tags)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold which part of the list of tasks is asked for."""

    page: int = 1
    page_size: int = 20
    status: int = ALL_STATUSES


def read_order(body: object) -> Order:
    """Check the JSON of a generate against every documented rule; raise Refusal."""
    order = Order(**_typed(body, GENERATE_FIELDS))
    described = bool(order.gpt_description_prompt.strip())
    written = bool(order.prompt.strip() or order.tags.strip())
    _require(described or written, "one of prompt, tags, gpt_description_prompt is required")
    _require(not (described and written), "gpt_description_prompt cannot be combined with prompt or tags")
    _require(1 <= order.retention_days <= 30, "retention_days must be from 1 to 30")
    if order.continue_at is not None:
        _require(bool(order.continue_clip_id), "continue_at needs continue_clip_id")
        _require(order.continue_at >= 0, "continue_at must not be negative")
    return order


def read_page(body: object) -> Page:
    """Check the JSON of a list call; raise Refusal."""
    page = Page(**_typed(body, LIST_FIELDS))
    _require(page.page >= 1, "page must be at least 1")
    _require(1 <= page.page_size <= 100, "page_size must be from 1 to 100")
    _require(page.status == ALL_STATUSES or page.status in STATUS_NUMBERS, "status must be from -1 to 3")
    return page


def _typed(body: object, fields: Mapping[str, type]) -> dict[str, Any]:
    """Pick the known fields out of a JSON object, each of exactly its type."""
    if not isinstance(body, dict):
        raise Refusal("the body must be a JSON object", 400, BAD_REQUEST)
    given = {name: body[name] for name in fields if name in body}
    for name, value in given.items():
        # Exactly: to Python a bool is an int, to the vendor it is not.
        _require(type(value) is fields[name], f"{name} must be of type {fields[name].__name__}")
    return given


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise Refusal(message, 400, BAD_REQUEST)
