"""All benches, one after the other, and one table of every promise: `uv run python -m tests.bench`.

Each runs in a process of its own, so that none is seen in the memory of another. Ends with 1 where a promise is not
met, or a bench did not come to its end. The long versions: `python -m tests.bench.kills`, `python -m tests.bench.fuzz`.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict

from tests.bench.figures import Figure, report

#: Every bench, and whether it is run in its small version.
BENCHES = {
    "answers": False,
    "intake": False,
    "delivery": False,
    "growth": False,
    "restart": False,
    "library": False,
    "kills": True,
    "fuzz": True,
}
#: No bench may take longer, in seconds.
PATIENCE = 300


def main() -> int:
    """Run them all; return the exit status."""
    rows: list[Figure] = []
    for name, quick in BENCHES.items():
        began = time.monotonic()
        rows += _in_a_process(name, quick)
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return report(rows)


def _in_a_process(name: str, quick: bool) -> list[Figure]:
    """Run one bench; where it crashes or does not end, its one figure says so."""
    words = [sys.executable, "-m", "tests.bench", name, *(["--quick"] if quick else [])]
    child = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", start_new_session=True
    )
    try:
        out, complaints = child.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return [Figure(name, "comes to its end", f"not after {PATIENCE} s", False)]
    finally:
        _end(child)
    if child.returncode:
        return [Figure(name, "comes to its end", f"failed: {_last_line(complaints)[:120]}", False)]
    return [Figure(**row) for row in json.loads(_last_line(out))]


def _end(child: subprocess.Popen[str]) -> None:
    """End whatever it leaves behind: the group is its own."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    child.wait()


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no word"])[-1]


def one(name: str, quick: bool) -> int:
    """Run one bench, for `main`; its figures go out as one line of JSON."""
    bench = importlib.import_module(f"tests.bench.{name}")
    print(json.dumps([asdict(row) for row in bench.figures(quick)]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(one(sys.argv[1], "--quick" in sys.argv) if len(sys.argv) > 1 else main())
