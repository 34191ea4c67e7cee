"""How busy others keep this machine: a promise in milliseconds cannot be judged while they take most of it."""

import time

from tests.bench.figures import Figure

#: Seconds of work to look at, and from where on others are in the way.
_LOOK, _BUSY = 0.2, 1.3


def stretch() -> float:
    """Return by how much others lengthen a piece of plain work: 1.0 on a machine of one's own."""
    began, worked = time.perf_counter(), time.process_time()
    while time.process_time() - worked < _LOOK:
        pass
    return (time.perf_counter() - began) / _LOOK


def judged(promise: str, limit: str, measured: str, *, times: float, stretched: float) -> Figure:
    """Return the figure of something that took so many times its limit while others stretched work so much.

    What is kept is kept. What is not, is not held against the bot where the others explain it: they are in the way of
    two processes, the one that is measured and the one that measures.
    """
    if times <= 1:
        return Figure(promise, limit, measured, True)
    explained = stretched > _BUSY and times <= 2 * stretched
    others = f"; others made work take {stretched:.1f} × as long" if explained else ""
    return Figure(promise, limit, measured + others, None if explained else False)
