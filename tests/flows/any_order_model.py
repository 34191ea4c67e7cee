"""The table of states once more, small and by cause: what each event may change, written without the product's own."""

from bot.domain.errors import AnswerLost, NotAccepted, Rejected, TaskGone
from bot.domain.task import Kind
from bot.domain.track import Completed, Failed, Running, Track, Uploaded
from tests.flows.any_order_others import Message

#: What a callback changes, by what it says: the states it is news in, and the state it leads to.
CALLED_BACK = {
    "processing": ({"submitting", "unknown"}, "submitted"),
    "failed": ({"submitting", "submitted", "unknown"}, "failed"),
    "completed": ({"submitting", "submitted", "unknown", "failed"}, "completed"),
    "empty": ({"submitting", "submitted", "unknown"}, None),
}


def _moves(before: set[str], *after: str) -> set[tuple[str, str]]:
    return {(old, new) for old in before for new in after}


_OPEN = {"submitting", "submitted", "unknown"}
_GIVEN_UP = _moves({"submitted", "unknown"}, "failed")

#: The moves of a task's state that each event may make, and no other.
STATE_MOVES: dict[str, set[tuple[str, str]]] = {
    "nothing": set(),
    "claim": {("waiting", "submitting")},
    "accepted": {("submitting", "submitted")},
    "lost": {("submitting", "unknown"), ("waiting", "failed")},
    # The answer is the result: nobody can be asked for it later, so it is there, or asked for again, or given up.
    "made": {("submitting", "completed")},
    "lost for good": {("submitting", "failed")},
    "lost for nothing": _moves({"submitting"}, "waiting", "failed"),
    "uploaded": set(),
    # What has waited too long for a provider that stays away is given up with it.
    "busy": _moves({"submitting"}, "waiting", "failed") | {("waiting", "failed")},
    "refused": {("submitting", "failed")},
    "called back processing": _moves({"submitting", "unknown"}, "submitted"),
    "called back failed": _moves(_OPEN, "failed"),
    "called back completed": _moves(_OPEN | {"failed"}, "completed"),
    "called back empty": set(),
    "polls": {("unknown", "failed")},
    "polled processing": _moves({"submitting", "unknown"}, "submitted") | _GIVEN_UP,
    "polled failed": _moves(_OPEN, "failed"),
    "polled completed": _moves(_OPEN | {"failed"}, "completed"),
    "polled empty": _moves(_OPEN, "failed"),
    "polled lost": _GIVEN_UP,
    "polled gone": _moves(_OPEN, "failed"),
    "cancel": _moves(_OPEN | {"waiting"}, "cancelled"),
    "restart": _moves({"submitting"}, "unknown", "waiting"),
    "cut off": _moves({"waiting", "submitting"}, "submitting", "unknown")
    | {("unknown", "failed"), ("submitting", "waiting")},
}

#: The moves of a delivery, whatever happens.
DELIVERY_MOVES = {
    ("none", "ready"),
    ("ready", "sending"),
    ("sending", "sent"),
    ("sending", "ready"),
    ("sending", "set_aside"),
}


def cause_of(how: str, kind: Kind) -> str:
    """Return what it means for a task of this kind that its create was accepted, or its answer was lost."""
    at_once = {Kind.STEMS: {"accepted": "made", "lost": "lost for good"}}
    at_once[Kind.WAV] = {"accepted": "made", "lost": "lost for nothing"}
    return at_once.get(kind, {}).get(how, how)


def upload_answer(how: str) -> tuple[str, object]:
    """Return what an answer to an upload means, and the answer; nothing was asked to be made: a lost one is no harm."""
    answers: dict[str, tuple[str, object]] = {
        "lost": ("busy", AnswerLost("cut off")),
        "busy": ("busy", NotAccepted("busy", busy=True)),
        "refused": ("refused", Rejected("no")),
        "accepted": ("uploaded", Uploaded("clip-up", 60.0)),
    }
    return answers[how]


def asked_answer(how: str, name: str) -> object:
    """Return what the vendor says when it is asked for a task."""
    track = Track("c", "https://files.example/c.mp3", title=f"{name} asked for")
    answers = {
        "processing": Running(),
        "failed": Failed("no"),
        "completed": Completed((track,)),
        "empty": Completed(()),
        "lost": AnswerLost("cut off"),
        "gone": TaskGone("404"),
    }
    return answers[how]


def assert_one_end(state: str, delivery: str, reason: str, cards: list[Message]) -> None:
    """In the end a completed task is one card or a reason why not, and any other is told and no card at all."""
    assert state in ("completed", "failed", "cancelled")
    if state != "completed":
        assert (delivery, cards) == ("none", [])
    elif delivery == "sent":
        assert len(cards) == 1
    else:
        assert (delivery, cards) == ("set_aside", [])
        assert reason
