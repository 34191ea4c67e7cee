"""A task of each kind, with everything that its provider needs to know, and the sample that answers it."""

from typing import Any

from bot.domain.contract import Answer
from bot.domain.source import Source
from bot.domain.task import FROM_WORDS, Kind, Task
from bot.providers.wire import Reply
from tests.parts import API_KEY, make_task
from tests.providers.vendors import VENDORS, Vendor

SOURCE = Source(
    title="Tin Roof",
    seconds=94.72,
    task_id="bcdfghjkmnpq",
    number=1,
    provider="musicmint",
    clip_id="clip-7f3a",
    audio_url="https://files.example/m/7f3a.mp3",
    cover_url="https://files.example/m/7f3a.jpg",
)

#: Every kind that every provider states.
STATED = [(vendor, kind) for vendor in VENDORS for kind in vendor.wire("").contract.makes]
STATED_NAMES = [f"{vendor} {kind}" for vendor, kind in STATED]
AT_ONCE = [(vendor, kind) for vendor, kind in STATED if vendor.wire("").contract.makes[kind].answer is not Answer.TASK]
AT_ONCE_NAMES = [f"{vendor} {kind}" for vendor, kind in AT_ONCE]


def some_task(kind: Kind, **wish: Any) -> Task:
    """Return a task; `wish` are fields of its request, and replace what is needed anyway."""
    needed: dict[str, Any] = {} if kind in FROM_WORDS else {"prompt": "", "source": SOURCE}
    if kind is Kind.INFILL:
        needed |= {"start": 10.0, "end": 20.5}
    return make_task(**{"kind": kind, **needed, **wish})


def answer_to(vendor: Vendor, kind: Kind) -> Reply:
    """Return the documented answer to a create: its result stands in the sample of that name."""
    at_once = vendor.wire(API_KEY).contract.makes[kind].answer is not Answer.TASK
    return vendor.reply(str(kind) if at_once else vendor.created)
