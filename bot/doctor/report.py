"""What the doctor found: a line for each thing looked at, for people or for machines."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TextIO

from bot.logs import Scrub

#: Escape sequences by which terminals colour.
_RESET = "\x1b[0m"


class Status(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    NOTE = "note"
    SKIPPED = "skipped"
    FAIL = "fail"


_COLOURS = {Status.OK: "\x1b[32m", Status.NOTE: "\x1b[33m", Status.SKIPPED: "\x1b[2m", Status.FAIL: "\x1b[31m"}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at. `remedy` is what to do, where there is something to do."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


def ok(name: str, detail: str) -> Line:
    """All is well."""
    return Line(name, Status.OK, detail)


def note(name: str, detail: str, remedy: str = "") -> Line:
    """Nothing is wrong, and there is something to know."""
    return Line(name, Status.NOTE, detail, remedy)


def skipped(name: str, detail: str) -> Line:
    """It was not looked at, and why."""
    return Line(name, Status.SKIPPED, detail)


def fail(name: str, detail: str, remedy: str) -> Line:
    """Something is wrong, and this mends it."""
    return Line(name, Status.FAIL, detail, remedy)


def all_good(lines: Iterable[Line]) -> bool:
    """Say whether nothing failed."""
    return all(line.status is not Status.FAIL for line in lines)


def cleaned(lines: Iterable[Line], secrets: Iterable[str]) -> list[Line]:
    """Return the lines without secrets and without what a terminal would obey, whatever anybody answered."""
    scrub = Scrub(secrets)
    return [
        replace(line, detail=_one_line(texts["detail"]), remedy=_one_line(texts["remedy"]))
        for line in lines
        for texts in [scrub({"detail": line.detail, "remedy": line.remedy})]
    ]


def write(lines: Sequence[Line], stream: TextIO, *, as_json: bool) -> None:
    """Write the report; in colour on a terminal, unless NO_COLOR is set (https://no-color.org/)."""
    if as_json:
        text = json.dumps({"ok": all_good(lines), "checks": [asdict(line) for line in lines]}, indent=2)
    else:
        colours = stream.isatty() and not os.environ.get("NO_COLOR")
        text = "\n".join(_row(line, colours) for line in lines)
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=stream)


def _row(line: Line, colours: bool) -> str:
    word = f"{line.status:<7}"
    if colours:
        word = f"{_COLOURS[line.status]}{word}{_RESET}"
    remedy = f" To do: {line.remedy}" if line.remedy else ""
    return f"{word}  {line.name}: {line.detail}.{remedy}"


def _one_line(text: str) -> str:
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
