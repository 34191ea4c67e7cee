"""Handing a provider the file that something is made from, before it is asked to make it."""

import logging
from dataclasses import replace
from datetime import datetime

from bot.domain.contract import Contract
from bot.domain.errors import AnswerLost, NotAccepted, ProviderError
from bot.domain.ports import Submissions
from bot.domain.ports_outside import Provider
from bot.domain.source import LONGEST_FILE, BadTimes, FileTooLong, Source, TimesOutside
from bot.domain.task import Task
from bot.domain.track import Uploaded
from bot.flows.times import bad_times
from bot.flows.worker import insist

log = logging.getLogger(__name__)

#: Providers tell lengths in whole seconds: what differs by less is the same length.
ROUNDING = 1.0


def must_upload(task: Task) -> bool:
    """Say whether the provider does not know yet what the task is made from; until then it is not asked for it."""
    source = task.request.source
    return source is not None and not (source.clip_id and source.provider == task.provider)


async def upload(store: Submissions, provider: Provider, task: Task, source: Source, now: datetime) -> Task | None:
    """Hand the source over; return the task with its name there, or None where it was taken back meanwhile.

    The name is committed before anything is made of it, so that whatever is asked again is not uploaded again.
    Raises ProviderError, but never AnswerLost: nothing is known to be charged for a file alone.
    """
    taken = await _hand_over(provider, task, source)
    if not source.task_id and taken.seconds is not None and taken.seconds > LONGEST_FILE + ROUNDING:
        # Its name there is not kept: whoever asks again would get around this.
        raise FileTooLong(f"not asked: it lasts {taken.seconds} s and said {source.seconds} s")
    known = _as_known(provider.contract, source, taken, now)
    if not await insist(lambda: store.uploaded(task.id, known)):
        return None
    log.info("source uploaded", extra={"task": task.id, "provider": task.provider, "clip": taken.clip_id})
    ready = replace(task, request=replace(task.request, source=known))
    ability = provider.contract.makes.get(task.request.kind)
    if ability and isinstance(wrong := bad_times(provider.contract, ability.times, ready.request), BadTimes):
        raise TimesOutside(f"not asked: {wrong} in {known.seconds} s")
    return ready


async def _hand_over(provider: Provider, task: Task, source: Source) -> Uploaded:
    try:
        return await provider.upload(source.audio_url)
    except AnswerLost as error:
        raise NotAccepted(f"upload: {error.detail}") from error
    except ProviderError:
        raise
    except Exception as error:  # whatever it was, nothing was asked to be made
        log.exception("upload failed unexpectedly", extra={"task": task.id})
        raise NotAccepted(f"upload: {type(error).__name__}") from error


def _as_known(offer: Contract, source: Source, taken: Uploaded, now: datetime) -> Source:
    """Return the source as its provider knows it from now on."""
    ends = None if offer.keeps_uploads is None else now + offer.keeps_uploads
    seconds = _length(source, taken)
    return replace(source, provider=offer.name, clip_id=taken.clip_id, seconds=seconds, expires_at=ends)


def _length(source: Source, taken: Uploaded) -> float | None:
    """Return the length as told by whoever has the file now, or as it was known, which may be more exact."""
    if taken.seconds is None:
        return source.seconds
    same = source.seconds is not None and abs(source.seconds - taken.seconds) < ROUNDING
    return source.seconds if same else taken.seconds
