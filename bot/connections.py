"""Keeping the open connections of the listener below a limit, so that there is always room for a good callback."""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

#: At most so many connections are open, and at most half of what the process may open: files need descriptors too.
MOST_CONNECTIONS = 4096
#: Below so many it is not worth looking which of them have ended.
FEW_CONNECTIONS = 64


def most_connections() -> int:
    """Raise the process's limit of open files as far as it may be, and return how many connections fit."""
    if sys.platform == "win32":  # has no such limit
        return MOST_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # some systems allow less than they say
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // 2)


class Connections:
    """Keeps the open connections below a limit, so that there is always room for a good callback."""

    def __init__(self, most: int) -> None:
        self.most = most
        #: The most silent first; with those that have ended since it was tidied last.
        self._known: dict[web.RequestHandler, None] = {}
        self._tidy_at = min(FEW_CONNECTIONS, most)
        self._opening: set[web.RequestHandler] = set()
        self._in_hand: set[web.RequestHandler] = set()

    def __len__(self) -> int:
        """Return how many are open."""
        return sum(one.connected for one in self._known)

    def opening(self, server: web.Server) -> web.RequestHandler:
        """Return the protocol for one more connection."""
        if len(self._known) >= self._tidy_at:
            self._forget_ended()
        if len(self._known) >= self.most:
            self._make_room()
        connection = server()
        self._known[connection] = None
        # asyncio connects it in the loop's next turn; until then it looks like one that has ended.
        self._opening.add(connection)
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._opening.discard, connection)
        return connection

    @contextmanager
    def in_hand(self, connection: web.RequestHandler) -> Iterator[None]:
        """Keep this one open meanwhile: its whole request has come in, and is being answered."""
        self._in_hand.add(connection)
        try:
            yield
        finally:
            self._in_hand.discard(connection)
            self._known.pop(connection, None)
            self._known[connection] = None

    def _forget_ended(self) -> None:
        """Keep only the open ones. Done again when there are twice as many, so that it costs next to nothing each."""
        self._known = {one: None for one in self._known if one.connected or one in self._opening}
        self._tidy_at = min(FEW_CONNECTIONS + 2 * len(self._known), self.most)

    def _make_room(self) -> None:
        """Close the most silent: an eighth, so that this is seldom to be done."""
        surplus = max(len(self._known) - self.most * 7 // 8, 0)
        quiet = (one for one in self._known if one.connected and one not in self._in_hand)
        for one in list(itertools.islice(quiet, surplus)):
            one.force_close()
            del self._known[one]
