"""Hold every request against Discord's own description of its API."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from .habits import accustomed
from .world import Json

DESCRIPTION = Path(__file__).with_name("discord-openapi.json")
NAME = "urn:discord"


def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or re.match(r"[a-z][a-z0-9+.-]*://\S+$", value) is not None


def _is_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


def _is_snowflake(value: object) -> bool:
    return not isinstance(value, str) or (value.isdecimal() and int(value) < 2**64)


FORMATS = jsonschema.FormatChecker(formats=())
FORMATS.checks("uri")(_is_uri)
FORMATS.checks("date-time", raises=ValueError)(_is_time)
FORMATS.checks("int32")(_is_int32)
FORMATS.checks("snowflake")(_is_snowflake)


def _one_of(validator: Any, branches: list[Any], instance: Any, schema: Any) -> Iterator[Any]:
    """Say the same as JSON Schema's own, without listing all that is wrong in the others where one branch fits.

    A card's buttons would else be held against every kind of component to the last field: most of a test's time.
    """
    if sum(validator.evolve(schema=branch).is_valid(instance) for branch in branches) != 1:
        yield from jsonschema.Draft202012Validator.VALIDATORS["oneOf"](validator, branches, instance, schema)


VALIDATOR = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"oneOf": _one_of})


@dataclass(frozen=True)
class Operation:
    """One method of one path; `body` points at the schema of its JSON, where it takes any."""

    method: str
    template: str
    queries: frozenset[str]
    body: str | None
    body_required: bool


class Description:
    """The description, ready to be asked; compiling is done once for each operation."""

    def __init__(self, document: Json) -> None:
        self._paths: Json = document["paths"]
        self._registry: Registry[Any] = Registry().with_resource(
            NAME, Resource.from_contents(document, default_specification=DRAFT202012)
        )
        # Fixed names before parameters: ".../messages/@original" is also a ".../messages/{message_id}".
        self._templates = [
            (template, _pattern(template)) for template in sorted(self._paths, key=lambda t: (t.count("{"), t))
        ]

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        """Return the template of a path and its parameters."""
        for template, pattern in self._templates:
            if found := pattern.fullmatch(path):
                return template, found.groupdict()
        return None

    @functools.cache  # noqa: B019 - there is one description, for as long as the tests run
    def operation(self, method: str, template: str) -> Operation | None:
        """Return what is said about a method of a path."""
        item = self._paths[template]
        told = item.get(method.lower())
        if told is None:
            return None
        parameters = item.get("parameters", []) + told.get("parameters", [])
        queries = frozenset(p["name"] for p in parameters if p["in"] == "query")
        asked = told.get("requestBody", {})
        pointer = f"/paths/{_escaped(template)}/{method.lower()}/requestBody/content/application~1json/schema"
        has_json = "application/json" in asked.get("content", {})
        return Operation(method, template, queries, pointer if has_json else None, asked.get("required", False))

    def complaints(self, operation: Operation, body: Any, query: list[str], fields: list[str]) -> Iterator[str]:
        """Yield what is wrong with a request: its query names, the names of its file parts, its JSON."""
        for name in query:
            if name not in operation.queries:
                yield f"query parameter {name!r} is unknown"
        for name in fields:
            if not re.fullmatch(r"files\[\d\]", name):
                yield f"form field {name!r} is unknown"
        if operation.body is None:
            if body is not None:
                yield "a body is not expected"
        elif body is not None or operation.body_required:
            yield from self._faults(operation.body, json.dumps(accustomed(operation.method, operation.template, body)))

    @functools.lru_cache(maxsize=100)  # noqa: B019 - as above
    def _faults(self, pointer: str, written: str) -> list[str]:
        """Return what is wrong with the JSON of a body; each bot's commands are the same, and long to look through."""
        errors = map(_telling, self._validator(pointer).iter_errors(json.loads(written)))
        return [f"{_place(error.absolute_path)}: {error.message[:300]}" for error in errors]

    @functools.cache  # noqa: B019 - as above
    def _validator(self, pointer: str) -> Any:
        schema = {"$ref": f"{NAME}#{pointer}"}
        return VALIDATOR(schema, registry=self._registry, format_checker=FORMATS)


@functools.cache
def description() -> Description:
    """Return the one description, read on first use."""
    return Description(json.loads(DESCRIPTION.read_text(encoding="utf-8")))


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template)))


def _escaped(template: str) -> str:
    return template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _telling(error: Any) -> Any:
    """Return the error that says most: of a union, one from the branch meant by the value's own "type"."""
    while error.context:
        branches: dict[Any, list[Any]] = {}
        for inner in error.context:
            branches.setdefault(inner.schema_path[0], []).append(inner)
        error = min(branches.values(), key=_strangeness)[0]
    return error


def _strangeness(errors: list[Any]) -> tuple[bool, bool, int]:
    """Rank a branch of a union: meant for null, meant for another "type", then by how much is wrong."""
    for_null = any(error.validator == "type" and error.validator_value == "null" for error in errors)
    for_other_type = any(list(error.path) == ["type"] for error in errors)
    return for_null, for_other_type, len(errors)


def _place(path: Any) -> str:
    return ".".join(str(step) for step in path) or "body"
