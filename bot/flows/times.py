"""Whether the times a member gave lie inside the track that something is made from."""

import math

from bot.domain.contract import Contract, Times
from bot.domain.errors import CannotMake, Refusal
from bot.domain.source import BadTimes, Wrong
from bot.domain.task import Request


def bad_times(offer: Contract, times: Times, request: Request) -> Refusal | None:
    """Return what is wrong with the times of a request, at a provider that takes `times`; None where nothing is."""
    if request.start is not None and times is Times.NONE:
        return CannotMake(offer.label, "start")
    if request.end is not None and times in (Times.NONE, Times.START):
        return CannotMake(offer.label, "end")
    seconds = request.source.seconds if request.source else None
    wrong = _wrong(times, request.start, request.end, seconds)
    return None if wrong is None else BadTimes(wrong, seconds)


def _wrong(times: Times, start: float | None, end: float | None, seconds: float | None) -> Wrong | None:
    if times is Times.WHOLE_SPAN and (start is None or end is None):
        return Wrong.MISSING
    given = [time for time in (start, end) if time is not None]
    if not all(map(math.isfinite, given)):
        return Wrong.UNREADABLE
    if start is not None and end is not None and end <= start:
        return Wrong.ORDER
    # It may go on from the very end, but not before the first sound; a part may begin there, but not end there.
    goes_on = times is Times.START
    inside = (
        (start is None or _inside(start, seconds, at_zero=not goes_on, at_end=goes_on))
        and (end is None or _inside(end, seconds, at_zero=False, at_end=True))
    )  # fmt: skip
    return None if inside else Wrong.OUTSIDE


def _inside(time: float, seconds: float | None, *, at_zero: bool, at_end: bool) -> bool:
    """Say whether a time lies inside a track; where nobody knows its length, only that it does not lie before it."""
    begun = time >= 0 if at_zero else time > 0
    return begun and (seconds is None or (time <= seconds if at_end else time < seconds))
