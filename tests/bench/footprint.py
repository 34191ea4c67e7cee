"""How much memory a process has, as Linux counts it."""

from dataclasses import dataclass
from pathlib import Path

MEBIBYTE = 1024 * 1024
#: Whether this machine can tell; elsewhere the memory is not measured.
CAN_TELL = Path("/proc/self/smaps_rollup").exists()


@dataclass(frozen=True)
class Footprint:
    """Bytes: all that is resident, and its part where shared pages are split among those who share them."""

    rss: int
    pss: int


def footprint(pid: int) -> Footprint:
    """Return what a process has now."""
    facts = _kilobytes(Path(f"/proc/{pid}/smaps_rollup"))
    return Footprint(facts["Rss"] * 1024, facts["Pss"] * 1024)


def forget_peak(pid: int) -> None:
    """Have the peak counted from now on (https://docs.kernel.org/filesystems/proc.html, clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> int:
    """Return the most that was ever resident, in bytes."""
    return _kilobytes(Path(f"/proc/{pid}/status"))["VmHWM"] * 1024


def _kilobytes(path: Path) -> dict[str, int]:
    lines = [line.split() for line in path.read_text().splitlines()]
    return {words[0].rstrip(":"): int(words[1]) for words in lines if len(words) == 3 and words[2] == "kB"}
