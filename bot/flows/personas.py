"""Personas: made from a track by its provider, found by name, and forgotten."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from bot.domain.errors import AnswerLost, BadOption, NotYours, ProviderError
from bot.domain.ports import Clock
from bot.domain.ports_outside import Provider
from bot.domain.ports_personas import MAX_NAME, BadPersona, Clip, Persona, Personas, Trouble, key_of
from bot.domain.task import Kind, Origin, new_task_id
from bot.flows.worker import insist

log = logging.getLogger(__name__)

#: What its provider knows as a clip with a voice in it.
SINGING = frozenset({Kind.SONG, Kind.EXTEND, Kind.COVER, Kind.REMASTER, Kind.VOCALS, Kind.INFILL, Kind.SAMPLE})

#: Raises NotAllowedHere where nothing is made for whoever asks.
CheckPlace = Callable[[Origin], Awaitable[None]]


class MemberPersonas:
    """What members do with personas. Whoever is in the server one was made in may use it."""

    def __init__(
        self,
        store: Personas,
        providers: Mapping[str, Provider],
        check_place: CheckPlace,
        clock: Clock,
        per_day: int,
    ) -> None:
        self._store, self._providers, self._check_place, self._clock = store, providers, check_place, clock
        self._per_day = per_day
        #: Who is having one made just now.
        self._making: set[int] = set()

    async def create(self, origin: Origin, clip: Clip, name: str) -> Persona:
        """Have one made of a track that the member may see, and return it. Raises Refusal, ProviderError.

        The name is committed before the provider is asked, so that no two ask for the same. A member has one made at a
        time, and each counts against their day.
        """
        if not 0 < len(name) <= MAX_NAME:
            raise BadOption("name", MAX_NAME, len(name))
        await self._check_place(origin)
        self.check(clip)
        now = self._clock()
        persona = Persona(new_task_id(), name, origin.member_id, origin.guild_id, clip.provider, "", now)
        if origin.member_id in self._making:
            raise BadPersona(Trouble.UNDER_WAY)
        self._making.add(origin.member_id)
        try:
            await self._store.reserve(persona, now, self._per_day)
            theirs = await self._make(persona, clip)
        finally:
            self._making.discard(origin.member_id)
        if not await insist(lambda: self._store.made(persona.id, theirs)):
            raise BadPersona(Trouble.DELETED, name)
        log.info("persona made", extra={"persona": persona.id, "provider": clip.provider})
        return persona

    def check(self, clip: Clip) -> None:
        """Raise BadPersona where its provider does not know the track any more, or makes no personas."""
        if clip.kind not in SINGING or not clip.clip_id:
            raise BadPersona(Trouble.TRACK_UNFIT)
        makers = {name: one.contract.label for name, one in self._providers.items() if one.contract.personas}
        if clip.provider not in makers:
            raise BadPersona(Trouble.NOT_OFFERED, provider=self._label(clip.provider), others=tuple(makers.values()))
        if _is_over(clip.expires_at, self._clock()):
            raise BadPersona(Trouble.TRACK_EXPIRED, provider=self._label(clip.provider))

    async def here(self, member_id: int, guild_id: int | None) -> Sequence[Persona]:
        """Return what the member may use there, and what is not finished: their own first."""
        return await self._store.here(member_id, guild_id)

    async def named(self, typed: str, member_id: int, guild_id: int | None) -> Persona:
        """Return the one that is meant by its name or our id: one's own before another's. Raises BadPersona."""
        key, known = key_of(typed), await self.here(member_id, guild_id)
        found = [one for one in known if one.id == key] or [one for one in known if one.key == key]
        own = [one for one in found if one.member_id == member_id]
        if len(own or found) == 1:
            return (own or found)[0]
        if found:
            raise BadPersona(Trouble.SEVERAL, typed)
        elsewhere = await self._store.own_elsewhere(member_id, guild_id, key)
        others = tuple(dict.fromkeys(one.name for one in known if one.persona_id))
        raise BadPersona(Trouble.ELSEWHERE if elsewhere else Trouble.UNKNOWN, typed, others=others)

    async def usable(self, typed: str, member_id: int, guild_id: int | None) -> Persona:
        """The same, of those that can sing. Raises BadPersona."""
        persona = await self.named(typed, member_id, guild_id)
        if not persona.persona_id:
            raise BadPersona(Trouble.UNFINISHED, persona.name)
        return persona

    async def singer(self, persona_id: str, member_id: int, guild_id: int | None, wanted: str) -> str:
        """Return who a wish goes to that holds a provider's name of a persona. Raises BadPersona.

        Asked of every wish, whatever it comes from: an old card may hold one that was deleted since.
        """
        known = [one for one in await self.here(member_id, guild_id) if one.persona_id == persona_id]
        if not known:
            raise BadPersona(Trouble.UNKNOWN)
        makers = [one.provider for one in known]
        if wanted and wanted not in makers:
            raise BadPersona(Trouble.OTHER_PROVIDER, known[0].name, self._label(makers[0]))
        if not any(maker in self._providers for maker in makers):
            raise BadPersona(Trouble.PROVIDER_GONE, known[0].name, makers[0])
        return wanted or makers[0]

    async def delete(self, typed: str, member_id: int, guild_id: int | None, *, moderates: bool) -> Persona:
        """Forget one of the member's own or, for a moderator, of the server. Raises BadPersona, NotYours."""
        persona = await self.named(typed, member_id, guild_id)
        if persona.member_id != member_id and not moderates:
            raise NotYours
        if not await self._store.remove(persona.id):
            raise BadPersona(Trouble.UNKNOWN, typed)
        log.info("persona deleted", extra={"persona": persona.id, "by_owner": persona.member_id == member_id})
        return persona

    async def _make(self, persona: Persona, clip: Clip) -> str:
        """Ask the provider, once; the name is free again where it made none, or nobody knows. Raises ProviderError."""
        try:
            return await self._providers[clip.provider].make_persona(persona.name, clip.clip_id)
        except Exception as error:
            log.warning("persona not made", extra={"persona": persona.id, "reason": repr(error)})
            await insist(lambda: self._store.not_made(persona.id))
            if isinstance(error, ProviderError):
                raise
            raise AnswerLost(repr(error)) from error  # whatever it was, it may have been carried out

    def _label(self, provider: str) -> str:
        known = self._providers.get(provider)
        return provider if known is None else known.contract.label


def _is_over(end: datetime | None, now: datetime) -> bool:
    return end is not None and end <= now
