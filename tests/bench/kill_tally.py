"""What was counted in kill worlds: added up, kept in a file, and printed."""

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Self


@dataclass
class Tally:
    """The figures of one world, or of many."""

    worlds: int = 0
    kills: int = 0
    short: int = 0
    long: int = 0
    tasks: int = 0
    lost: int = 0
    doubled: int = 0
    orphaned: int = 0
    #: Failed integrity checks, and bots that ended by themselves.
    unsound: int = 0
    #: Tasks that were not ended at the moments of the kills, together, and the kills with two or more of them.
    in_hand: int = 0
    kills_with_several: int = 0
    #: Seconds that were spent.
    seconds: float = 0.0
    #: What is no fault, or a documented one.
    apart: Counter[str] = field(default_factory=Counter)
    instants: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    def add(self, other: Self) -> None:
        """Add another's figures to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    @property
    def good(self) -> bool:
        """Whether nothing at all went wrong."""
        return self.kills > 0 and not (self.lost or self.doubled or self.orphaned or self.unsound)

    def dump(self) -> str:
        """Return it as JSON."""
        return json.dumps(vars(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what `dump` has written."""
        told = json.loads(text)
        counters = {name: Counter(told.pop(name)) for name in ("apart", "instants", "states")}
        return cls(**told, **counters)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the totals of earlier runs; none are zero."""
        return cls.load(path.read_text()) if path.exists() else cls()

    def report(self) -> str:
        """Return the histograms."""
        hand = f"in hand at a kill: {self.in_hand / max(self.kills, 1):.1f} tasks, several at {self.kills_with_several}"
        return "\n".join(
            [
                *_histogram("killed", self.instants),
                *_histogram("rows at the kills", self.states),
                hand,
                *_histogram("counted apart", self.apart),
            ]
        )

    def __str__(self) -> str:
        integrity = "ok" if not self.unsound else f"NOT OK ({self.unsound})"
        return (
            f"{self.kills} kills ({self.short} short, {self.long} long), {self.tasks} tasks: {self.lost} lost,"
            f" {self.doubled} doubled, {self.orphaned} orphaned, integrity {integrity}, {self.seconds:.0f} s"
        )


def _histogram(title: str, counted: Counter[str]) -> list[str]:
    most = max(counted.values(), default=1)
    bars = [f"  {number:6}  {name:44} {'#' * round(24 * number / most)}" for name, number in counted.most_common()]
    return [f"{title}:", *(bars or ["       0"])]
