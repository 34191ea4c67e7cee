"""Press a message's buttons, choose in its menus and fill in modals, as Discord's client lets a member."""

from __future__ import annotations

from typing import Any

from .commands import Attached, check_length, resolved
from .limits import walk
from .world import Json, Member, Message

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
FILE_UPLOAD, RADIO, CHECKBOXES, CHECKBOX = 19, 21, 22, 23
LABEL = 18
SELECTS = (3, 5, 6, 7, 8)


def used(message: Message, member: Member, custom_id: str, values: list[str] | None) -> Json:
    """Return an interaction's data for a press (`values` None) or a choice in a menu.

    Raise LookupError for what `member` does not see, ValueError for what is disabled or not offered.
    """
    if not message.exists or message.seen_only_by not in (None, member):
        raise LookupError(f"{member.name} does not see message {message.id}")
    component = _component(message.data["components"], custom_id)
    if component.get("disabled"):
        raise ValueError(f"{custom_id!r} is disabled")
    data: Json = {"custom_id": custom_id, "component_type": component["type"], "id": component.get("id", 1)}
    if (component["type"] in SELECTS) != (values is not None):
        raise ValueError(f"{custom_id!r} is of type {component['type']}")
    if values is not None:
        _check_choice(component, values)
        data["values"] = values
    return data


def _component(components: list[Json], custom_id: str) -> Json:
    ids = []
    for component in walk(components):
        if component.get("custom_id") == custom_id:
            return component
        ids.append(component.get("custom_id"))
    raise LookupError(f"no {custom_id!r} among {[i for i in ids if i]}")


def _check_choice(component: Json, values: list[str]) -> None:
    least, most = component.get("min_values", 1), component.get("max_values", 1)
    if not least <= len(values) <= most:
        raise ValueError(f"{component['custom_id']!r} takes {least} to {most} values")
    _check_offered(component, values)


def _check_offered(component: Json, values: list[str]) -> None:
    offered = [option["value"] for option in component.get("options") or []]
    if "options" in component and not set(values) <= set(offered):
        raise ValueError(f"{component['custom_id']!r} offers only {offered}")


def filled(modal: Json, values: dict[str, Any]) -> Json:
    """Return an interaction's data for submitting `modal` with `values` by custom id.

    Text boxes and radio buttons take a str, menus and check boxes a list of str, single check boxes a bool,
    file boxes a list of Attached. Raise LookupError for an unknown id, ValueError for what the client refuses.
    """
    ids = {part["custom_id"] for part in walk(modal["components"]) if part.get("custom_id")}
    if unknown := values.keys() - ids:
        raise LookupError(f"no {sorted(unknown)} among {sorted(ids)}")
    parts = [_submitted(part, number, values) for number, part in enumerate(modal["components"], 1)]
    flat = [item for value in values.values() for item in (value if isinstance(value, list) else [value])]
    return {"custom_id": modal["custom_id"], "components": parts} | resolved(flat)


def _submitted(part: Json, number: int, values: dict[str, Any]) -> Json:
    shape: Json = {"type": part["type"], "id": part.get("id", number)}
    if part["type"] == ROW:
        return shape | {"components": [_field(child, values) for child in part["components"]]}
    if part["type"] == LABEL:
        return shape | {"component": _field(part["component"], values)}
    return shape


def _field(box: Json, values: dict[str, Any]) -> Json:
    name, kind = box["custom_id"], box["type"]
    shape: Json = {"type": kind, "custom_id": name, "id": box.get("id", 1)}
    value = values.get(name, _preset(box))
    # All boxes but the single check box are required unless they say otherwise.
    if kind != CHECKBOX and box.get("required", True) and not value:
        raise ValueError(f"{name!r} is required")
    if kind == TEXT_INPUT and value:
        check_length(name, value, box.get("min_length"), box.get("max_length", 4000))
    if kind in (*SELECTS, RADIO, CHECKBOXES) and value:
        _check_offered(box, value if isinstance(value, list) else [value])
    if kind == FILE_UPLOAD:
        value = [_file_id(file) for file in value]
    return shape | {("value" if kind in (TEXT_INPUT, RADIO, CHECKBOX) else "values"): value}


def _file_id(file: Attached) -> str:
    file_id: str = file.attachment["id"]
    return file_id


def _preset(box: Json) -> Any:
    """Return what a box holds before anyone touches it."""
    kind = box["type"]
    chosen = [option["value"] for option in box.get("options") or [] if option.get("default")]
    if kind == TEXT_INPUT:
        return box.get("value") or ""
    if kind == CHECKBOX:
        return bool(box.get("default"))
    if kind == RADIO:
        return chosen[0] if chosen else None
    return chosen
