"""Which provider makes what a member asks for, by what each of them states it can do."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.contract import Ability, Contract, together
from bot.domain.errors import BadOption, CannotMake, OutOfRange, Refusal, TooLongTogether
from bot.domain.source import BadSource, Source, Unfit
from bot.domain.task import FROM_WORDS, MAX_PROMPT, Request
from bot.flows.times import bad_times


def choose(offers: Sequence[Contract], request: Request, wanted: str = "") -> Contract:
    """Return who makes it: the wanted one, else the first that can. `offers`: the preferred one first.

    What is made from a track goes to whoever knows that track, if they can.

    Raises CannotMake, BadOption, OutOfRange, TooLongTogether, BadSource, BadTimes: what stands in the way at the wanted
    one, else at the first that makes such things.
    """
    if request.kind in FROM_WORDS and not any(map(_says_something, (request.prompt, request.lyrics, request.style))):
        raise BadOption("prompt", MAX_PROMPT, 0)
    candidates = [offer for offer in _in_order(offers, request.source) if wanted in ("", offer.name)]
    obstacles = [obstacle(offer, request) for offer in candidates]
    for offer, trouble in zip(candidates, obstacles, strict=True):
        if trouble is None:
            return offer
    for offer, trouble in zip(candidates, obstacles, strict=True):
        if trouble is not None and request.kind in offer.makes:
            raise _with_others(trouble, offers, request)
    raise CannotMake(wanted, request.kind, others=_names(able(offers, request)))


def able(offers: Iterable[Contract], request: Request) -> list[Contract]:
    """Return those that can make it as it is."""
    return [offer for offer in offers if obstacle(offer, request) is None]


def obstacle(offer: Contract, request: Request) -> Refusal | None:
    """Return why this provider cannot make it; None where it can."""
    ability = offer.makes.get(request.kind)
    if ability is None:
        return CannotMake(offer.label, request.kind)
    for field, text, limit in _texts(ability, request):
        length = len(text.strip())
        if length and not limit:
            return CannotMake(offer.label, field)
        if length > limit:
            return BadOption(field, limit, length)
    if request.instrumental and not ability.instrumental:
        return CannotMake(offer.label, "instrumental")
    if request.persona_id and not ability.persona:
        return CannotMake(offer.label, "persona")
    return (
        _no_room(offer, ability, request)
        or _no_such_sound(offer, ability, request)
        or _bad_source(offer, ability, request.source)
        or bad_times(offer, ability.times, request)
    )


def for_provider(offer: Contract, request: Request) -> Request:
    """Return the request as this provider gets it: by another's name of the source it would find nothing.

    Some things are made of nothing but a file that was handed over: then its own name of the source will not do either.
    """
    source, ability = request.source, offer.makes.get(request.kind)
    if source is None or (source.provider == offer.name and not (ability and ability.uploaded)):
        return request
    return replace(request, source=replace(source, provider="", clip_id="", expires_at=None))


def _bad_source(offer: Contract, ability: Ability, source: Source | None) -> Refusal | None:
    """Return why it cannot work on the source: it has to know it, or to be handed the file."""
    if source is None:
        return BadSource(Unfit.ONE_NEEDED) if ability.source else None
    if not ability.source:
        return CannotMake(offer.label, "source")
    known = source.clip_id and source.provider == offer.name and not ability.uploaded
    return None if known or (offer.uploads and source.audio_url) else CannotMake(offer.label, "source")


def _in_order(offers: Iterable[Contract], source: Source | None) -> list[Contract]:
    """Return the preferred one first, but before it whoever knows the source."""
    return sorted(offers, key=lambda offer: source is None or not source.clip_id or source.provider != offer.name)


def _no_room(offer: Contract, ability: Ability, request: Request) -> Refusal | None:
    """Return why style and description do not fit into one field, where the provider has one for both."""
    length = len(together(request.style, request.prompt))
    if ability.together and length > ability.together and (request.instrumental or request.lyrics.strip()):
        return TooLongTogether(offer.label, ability.together, length)
    return None


def _no_such_sound(offer: Contract, ability: Ability, request: Request) -> Refusal | None:
    if request.sound_type and request.sound_type not in ability.sound_types:
        return CannotMake(offer.label, "sound_type")
    if request.bpm is not None and not ability.bpm:
        return CannotMake(offer.label, "bpm")
    if request.bpm is not None and ability.bpm and request.bpm not in ability.bpm:
        return OutOfRange("bpm", ability.bpm[0], ability.bpm[-1], request.bpm)
    return None


def _texts(ability: Ability, request: Request) -> tuple[tuple[str, str, int], ...]:
    return (
        ("prompt", request.prompt, ability.prompt),
        ("style", request.style, ability.style),
        ("title", request.title, ability.title),
        ("lyrics", request.lyrics, ability.lyrics),
        ("musical_key", request.musical_key, ability.musical_key),
    )


def _with_others(trouble: Refusal, offers: Sequence[Contract], request: Request) -> Refusal:
    """Return the refusal with the names of the providers that would take it."""
    if isinstance(trouble, CannotMake):
        return CannotMake(trouble.provider, trouble.what, others=_names(able(offers, request)))
    return trouble


def _names(offers: Iterable[Contract]) -> tuple[str, ...]:
    return tuple(offer.label for offer in offers)


def _says_something(text: str) -> bool:
    """Say whether there is anything to see: neither spaces nor invisible characters alone."""
    return any(sign.isprintable() and not sign.isspace() for sign in text)
