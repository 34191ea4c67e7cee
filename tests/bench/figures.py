"""What every bench ends in: the figures of the promises it measured.

A bench is a module of this folder with one plain (not async) function

    def figures(quick: bool = False) -> list[Figure]

that runs everything by itself. `python -m tests.bench` calls each in a process of its own: kills and fuzz with
`quick=True`, the others in full, which must not take longer than a minute or two. What a bench prints there is not
shown. Run alone, `python -m tests.bench.<name>` ends with `sys.exit(report(figures()))`.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One promise. `limit` and `measured` are words for a reader: "p99 ≤ 50 ms", "31 ms"."""

    promise: str
    limit: str
    #: Where it could not be measured: why.
    measured: str
    #: Whether it was kept; None where it could not be measured.
    met: bool | None


def report(figures: Iterable[Figure]) -> int:
    """Print one row for each; return the exit status: 1 where one is not met, or where there is none at all."""
    rows = list(figures)
    cells = [("promise", "limit", "measured", "")]
    cells += [(row.promise, row.limit, row.measured, _verdict(row)) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    for row in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), flush=True)
    return 0 if rows and all(row.met is not False for row in rows) else 1


def _verdict(row: Figure) -> str:
    return "not measured" if row.met is None else "met" if row.met else "NOT MET"
