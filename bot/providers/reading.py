"""Reading single values of a vendor's answer, where an odd one must not hurt its neighbours."""

import re
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import msgspec

T = TypeVar("T", bound=msgspec.Struct)

#: A task id longer than this is not one.
LONGEST_ID = 200
#: No piece of music is longer than a day, in seconds.
_LONGEST = 86_400
#: One escaped character of a JSON text.
_ESCAPED = re.compile(r"\\(u0000|.)")


def text(value: object) -> str:
    """Return a text without NULs, which SQLite and file names do not bear; anything else counts as absent."""
    return value.replace("\0", "") if isinstance(value, str) else ""


def seconds(value: object) -> float | None:
    """Return a length; None for anything that cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < _LONGEST else None


def is_id(value: object) -> bool:
    """Say whether this can be a vendor's name of a task."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID and value.isprintable() and not value.isspace()


def fields_of(entry: dict[str, Any], kind: type[T]) -> T:
    """Return `entry` as `kind`, whose fields all have defaults: one that is not of its type counts as absent.

    Numbers written as text are read.
    """
    found = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in entry:
            try:
                found[field.name] = msgspec.convert(entry[field.encode_name], field.type, strict=False)
            except msgspec.ValidationError:
                continue
    return kind(**found)


def rest_of(entry: msgspec.Struct, told: Collection[str]) -> dict[str, Any]:
    """Return the fields that hold something and are not `told` elsewhere, in the vendor's own names."""
    values = msgspec.structs.asdict(entry)
    return {name: value for name, value in values.items() if name not in told and value not in (None, "", [], {})}


def as_text(values: Mapping[str, Any]) -> str:
    """Return values as the JSON text of an object, without NULs; an empty text where there are none."""
    if not values:
        return ""
    written = msgspec.json.encode(values).decode()
    return _ESCAPED.sub(lambda found: "" if found[1] == "u0000" else found[0], written)
