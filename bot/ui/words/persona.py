"""Sentences about personas: made, listed, deleted, and why one cannot be made or used."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.domain.errors import Failure
from bot.domain.ports_personas import MADE_WITHIN, MOST_PERSONAS, BadPersona, Persona, Trouble
from bot.ui.text import length, plain, shown

#: An entry of a card's menu, and the modal it opens.
ENTRY = ("Make a persona …", "Its voice, to sing other songs")
MODAL_TITLE = "Make a persona of this track"
NAME, NAME_HINT = "Its name", "what you will call this voice: Ada"
#: Discord shows at most 100 characters of a choice, and takes 2,000 of a message.
_CHOICE, _MESSAGE = 100, 2000
_NAME = 160

NONE_HERE = (
    "There are no personas here yet. `/persona create` makes one of a track: the voice in it, to sing other songs."
)

_NOT_MADE = {
    Failure.LOST: "No answer came from the music service. It may have made the persona, and charged for it, but I do "
    "not know it and cannot use it. The name is free again.",
    Failure.DOWN: "The music service cannot be reached. Nothing was made; please try again in a few minutes.",
    Failure.CREDITS: "This bot's credits at the music service are used up. Whoever runs the bot has to top them up.",
    Failure.KEY: "This bot is not set up rightly at the music service. Whoever runs the bot has to mend that.",
    Failure.SUBSCRIPTION: "This bot has no subscription at the music service. Whoever runs the bot has to renew it.",
    Failure.GONE: "The music service does not know that track any more, so no persona can be made of it.",
}
_REFUSED = "The music service made no persona of that track. Another track may do better."


def made(persona: Persona) -> str:
    """The answer where a persona was made."""
    place = "Everybody in this server can use it" if persona.guild_id else "You can use it in direct messages"
    return f"🎤 “{_name(persona)}” is there. {place}: choose it as `persona` in `/generate` or `/song`."


def not_made(failure: Failure, said: str) -> str:
    """The answer where the provider made none. `said`: its own words."""
    text = _NOT_MADE.get(failure, _REFUSED)
    theirs = shown(said, 300) if failure in (Failure.REJECTED, Failure.PROVIDER) else ""
    return f"{text}\n-# It said: “{theirs}”" if theirs else text


def deleted(persona: Persona, provider: str) -> str:
    """The answer where a persona was deleted: honest about what is left."""
    return (
        f"“{_name(persona)}” is deleted: nobody can choose it here any more. Only I have forgotten it: "
        f"{shown(provider, 50)} has no way to delete a persona."
    )


def listed(personas: Sequence[Persona], labels: Mapping[str, str], now: datetime) -> str:
    """The personas of a place, as many as one message holds."""
    lines = [_line(one, labels, now) for one in personas]
    text = "\n".join(lines)
    shown_lines = len(lines)
    while length(text) > _MESSAGE:
        shown_lines -= 1
        more = f"-# {len(lines) - shown_lines} more: type `/generate` and a part of the name in `persona`."
        text = "\n".join([*lines[:shown_lines], more])
    return text


def choice(persona: Persona, member_id: int) -> str:
    """One line of the list that opens while `persona` is typed."""
    return plain(persona.name, _CHOICE - 12, persona.id) + (" (yours)" if persona.member_id == member_id else "")


def trouble(error: BadPersona) -> str:
    """The ephemeral answer to a wish for a persona that is refused: what would work."""
    name = f"“{shown(error.name, _NAME)}”" if error.name else "That persona"
    return _TROUBLES[error.trouble].format(name=name, provider=shown(error.provider, 50)) + _others(error)


_TROUBLES = {
    Trouble.UNKNOWN: "{name} is not known here: it was deleted, or made in another place.",
    Trouble.SEVERAL: "Several members call a persona {name} here. Choose one from the list that opens while you type.",
    Trouble.ELSEWHERE: "{name} was made in another place, and can be used there only. "
    "`/persona create` makes one here.",
    Trouble.UNFINISHED: "{name} is not there yet. If it still says so in ten minutes, no answer came: it may have been "
    "charged. `/persona delete` takes it away, and `/persona create` tries again.",
    Trouble.OTHER_PROVIDER: "{name} is known to {provider} only. Choose that as `provider`, or leave `provider` out.",
    Trouble.PROVIDER_GONE: "{name} was made by a music service (`{provider}`) that I do not use any more.",
    Trouble.NAME_TAKEN: "You have a persona called {name} here. Choose another name, or `/persona delete` that one.",
    Trouble.TOO_MANY: f"You have {MOST_PERSONAS} personas here, which is the most. `/persona delete` makes room.",
    Trouble.UNDER_WAY: "I am still having a persona made for you. Please wait for that one, then ask for the next.",
    Trouble.NOT_OFFERED: "{provider} makes no personas of its tracks.",
    Trouble.TRACK_EXPIRED: "{provider} keeps its files for some days only and does not have that track any more. "
    "Choose a newer one, or make it **Again** and choose that.",
    Trouble.TRACK_UNFIT: "A persona is the voice of a song. Choose a song, or a rework of one.",
    Trouble.DELETED: "{name} was deleted while it was being made.",
}


def _others(error: BadPersona) -> str:
    names = ", ".join(f"“{shown(one, 60)}”" for one in error.others[:10])
    if error.trouble is Trouble.NOT_OFFERED:
        known = " or ".join(shown(one, 50) for one in error.others)
        return f" A track of {known} would do." if known else ""
    if error.trouble not in (Trouble.UNKNOWN, Trouble.ELSEWHERE):
        return ""
    return f" There is {names}." if names else " `/persona create` makes one of a track."


def _line(persona: Persona, labels: Mapping[str, str], now: datetime) -> str:
    by = f"by <@{persona.member_id}> · {labels.get(persona.provider, persona.provider)}"
    if persona.persona_id:
        return f"🎤 **{_name(persona)}** · {by} · <t:{int(persona.created_at.timestamp())}:R>"
    if now - persona.created_at < MADE_WITHIN:
        return f"⏳ **{_name(persona)}** · {by} · is being made"
    return f"❔ **{_name(persona)}** · {by} · no answer came; it may have been charged. Make it again, or delete it."


def _name(persona: Persona) -> str:
    return shown(persona.name, _NAME, persona.id)
