"""Put the parts of the small Discord together."""

from __future__ import annotations

import tempfile
from pathlib import Path

from .api import Api
from .files import Files
from .gateway import Gateway
from .messages import Messages
from .rest import Rest
from .waiting import Changes, Clock
from .webhooks import Webhooks
from .world import World


class Parts:
    """What `Places`, `People` and the server work with; all of it lives in one event loop."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.world = World()
        #: Seconds the bot has for its first answer to an interaction.
        self.answer_window = 3.0
        self._folder = Path(tempfile.mkdtemp(prefix="wire-discord-"))
        self._changes = Changes()
        self.uploads = Files(self._folder)
        self._api = Api("wire.bot.token", self.uploads, self._changes)
        self.gateway = Gateway(self.world, lambda: self._api.token, self._changes)
        self._messages = Messages(self.world, self.uploads, self.clock, self._changes)
        self._webhooks = Webhooks(self.world, self._messages, self._changes)
        self.rest = Rest(self.world, self._messages, self.gateway)
        self.rest.register(self._api)
        self._webhooks.register(self._api)
