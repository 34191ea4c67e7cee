"""What a provider told of a track besides the usual, in few words."""

import json

from bot.ui.text import length, shown

#: A name and a value, in characters.
_LONGEST_NAME, _LONGEST_VALUE = 40, 60


def told_besides(extra: str, room: int) -> str:
    """Return the plain values of an object's JSON text in `room` characters; addresses and what is nested are left out.

    Numbers stay in the digits they were sent in.
    """
    told = json.loads(extra, parse_int=str, parse_float=str) if extra else {}
    kept: list[str] = []
    for name, value in told.items():
        part = f"{shown(name.replace('_', ' '), _LONGEST_NAME)} {_said(value)}"
        if _said(value) and length(", ".join((*kept, part))) <= room:
            kept.append(part)
    return ", ".join(kept)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shown(value, _LONGEST_VALUE) if isinstance(value, str) and "://" not in value else ""
