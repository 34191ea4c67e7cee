"""What a provider states about itself: option checks, commands, callbacks and asking all follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, StrEnum, auto

from bot.domain.task import Kind


class Worth(Enum):
    """What a provider's callback is worth."""

    #: There is none: the bot asks until the task is done.
    NOTHING = auto()
    #: Something happened: ask what.
    HINT = auto()
    #: It is the result.
    RESULT = auto()


class JobAction(StrEnum):
    """What can be done with the jobs that a provider keeps."""

    LIST = "list"
    DELETE = "delete"
    RENAME = "rename"
    RETRY = "retry"
    COUNTS = "counts"
    LIKED = "liked"
    FILTERS = "filters"
    PRESETS = "presets"
    MODEL = "model"
    SAMPLES = "samples"


class Answer(Enum):
    """What the answer to a create holds."""

    #: The provider's task id; the result comes later.
    TASK = auto()
    #: The result. It may be charged, so it is never asked for twice by itself.
    RESULT = auto()
    #: The result. Asking again costs nothing.
    FREE_RESULT = auto()


#: How long an answer that is the result usually takes.
AT_ONCE_USUALLY = timedelta(seconds=30)


class Times(Enum):
    """Which times inside its source a rework takes."""

    NONE = auto()
    #: A start.
    START = auto()
    #: A start and an end, either of which may be left out.
    SPAN = auto()
    #: A start and an end, both of them.
    WHOLE_SPAN = auto()


@dataclass(frozen=True, slots=True)
class Ability:
    """The fields of one kind of task: the most characters of each text, 0 where the provider takes no such field.

    A provider that documents no limit of a field states the one of `task`.
    """

    prompt: int = 0
    style: int = 0
    title: int = 0
    lyrics: int = 0
    #: The most characters of `together(style, prompt)` where there is one field for both: beside lyrics, and where
    #: nothing is sung. 0 where each of the two has room of its own, whatever is beside it.
    together: int = 0
    instrumental: bool = False
    #: Of a sound: which of "loop" and "one-shot" can be asked for, which beats per minute, how long a name of its key.
    sound_types: frozenset[str] = frozenset()
    bpm: range | None = None
    musical_key: int = 0
    #: Whether a persona can be asked for to sing.
    persona: bool = False
    #: Whether it is made from a track, and which times inside it are taken.
    source: bool = False
    #: Whether that has to be a file that was handed over, even of a track that the provider made itself.
    uploaded: bool = False
    times: Times = Times.NONE
    answer: Answer = Answer.TASK
    #: Whether the provider's pages promise a callback for it, where it calls back at all. Else one may come or not.
    callback_promised: bool = True


def together(style: str, description: str) -> str:
    """Return style words and description as one text, for where a provider has one field for both."""
    return ", ".join(dict.fromkeys(filter(None, (style.strip(), description.strip()))))


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `calls` in `per`."""

    calls: int
    per: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything the rest of the bot needs to know of a provider before it asks."""

    #: The fixed name, as in addresses, settings and the store; and the one people read.
    name: str
    label: str
    makes: Mapping[Kind, Ability]
    callbacks: Worth
    #: Whether each task has a callback address of its own, which holds its key; else there is one for the account.
    keyed: bool = True
    #: How long a task usually takes, for the live time on the queued line.
    usually: timedelta = timedelta(seconds=90)
    #: Of creates, for a provider that documents a number. Others say 429 when it is too much, and are waited for.
    rate: Rate | None = None
    #: Of free retries of failed jobs.
    retries: Rate | None = None
    #: Whether a create whose answer was lost can be looked for.
    finds_lost: bool = False
    #: What it can do with its jobs; nothing where it keeps none that can be asked for.
    jobs: frozenset[JobAction] = field(default_factory=frozenset)
    #: Whether it takes a file by its public address, so that tracks of others can be worked on.
    uploads: bool = False
    #: How long it has such a file; None where it does not say.
    keeps_uploads: timedelta | None = None
    #: Whether it makes personas from tracks.
    personas: bool = False
    #: The audio it gives, best first.
    formats: tuple[str, ...] = ("mp3",)

    def answer(self, kind: Kind) -> Answer:
        """What the answer to a create of this kind holds."""
        ability = self.makes.get(kind)
        return Answer.TASK if ability is None else ability.answer

    def usually_for(self, kind: Kind) -> timedelta:
        """How long a task of this kind usually takes."""
        return self.usually if self.answer(kind) is Answer.TASK else AT_ONCE_USUALLY
