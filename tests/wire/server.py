"""Run the small Discord on loopback, and let a test watch it and bring bad luck."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any, Self, TypeVar

from aiohttp import web

from .api import PREFIX
from .errors import REFUSALS
from .faults import Fault, Hold, Recorded, When
from .limits import walk
from .people import People
from .places import Places
from .world import Channel, Json

T = TypeVar("T")
#: Larger than any upload a test makes; Discord's own limits are checked file by file.
REQUEST_LIMIT = 1 << 31


class WireDiscord(Places, People):
    """A Discord of its own for one test: `async with WireDiscord() as discord`.

    Point the bot's process at `api_url` and `gateway_url` with `token`. It outlasts the bot: messages, nonces,
    commands and sessions are still there after a kill. `Places` and `People` hold what can be done in it.
    """

    api_url = ""
    gateway_url = ""
    _identifies_seen = 0

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=REQUEST_LIMIT)
        app.router.add_get("/gw", self.gateway.handle)
        app.router.add_get("/cdn/attachments/{rest:.*}", self.uploads.serve)
        app.router.add_route("*", PREFIX + "/{rest:.*}", self._api.handle)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=2.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        address = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.api_url = f"http://{address}{PREFIX}"
        self.gateway_url = self.gateway.url = f"ws://{address}/gw"
        self.uploads.base_url = f"http://{address}/cdn"
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._api.trouble.end()
        self.gateway.close()
        await self._runner.cleanup()
        shutil.rmtree(self._folder)

    @property
    def token(self) -> str:
        """The bot's token; set another to have the old one refused from now on."""
        return self._api.token

    @token.setter
    def token(self, token: str) -> None:
        self._api.token = token

    @property
    def application_id(self) -> int:
        """The bot's application id."""
        return self.world.application_id

    @property
    def bot_user_id(self) -> int:
        """The bot's user id."""
        return self.world.bot_user_id

    # What can be seen

    @property
    def requests(self) -> list[Recorded]:
        """Every REST request so far, in the order of arrival; downloads of attachments are not among them."""
        return self._api.requests

    @property
    def violations(self) -> list[str]:
        """What requests did that Discord's description of its API forbids."""
        return self._api.violations

    @property
    def syncs(self) -> int:
        """How often commands have been synced."""
        return self.rest.syncs

    def sent(self, method: str, route: str) -> list[Recorded]:
        """Return the requests to a route, by template or exact path."""
        return [r for r in self.requests if r.method == method and route in (r.route, r.path)]

    def messages(self, channel: Channel) -> list[Json]:
        """Return a channel's messages, oldest first; ephemeral ones carry flag 64, deleted ones are gone."""
        return [self._messages.render(channel.messages[number]) for number in sorted(channel.messages)]

    def messages_with(self, channel: Channel, custom_id: str) -> list[Json]:
        """Return a channel's messages that hold a button or menu, oldest first; quick enough to be looked at often."""
        held = [channel.messages[number] for number in sorted(channel.messages)]
        found = [
            one for one in held if any(part.get("custom_id") == custom_id for part in walk(one.data["components"]))
        ]
        return [self._messages.render(message) for message in found]

    def file(self, attachment: Json | str) -> bytes:
        """Return the bytes of an attachment, embed image or address, expired or not."""
        return self.uploads.read(attachment if isinstance(attachment, str) else attachment["url"])

    async def connected(self, timeout: float = 20.0) -> None:
        """Wait until a bot that was not there at the last call has identified and received READY."""
        seen = self._identifies_seen
        await self.wait_for(lambda: self.gateway.live and self.gateway.identifies > seen, timeout)
        self._identifies_seen = self.gateway.identifies

    async def wait_for(self, condition: Callable[[], T], timeout: float = 10.0) -> T:
        """Return the first true value of `condition`, looked at again whenever something changes."""
        return await self._changes.until(condition, timeout, self._recently)

    def _recently(self) -> str:
        lines = [str(request) for request in self.requests[-8:]]
        return "the last requests were:\n  " + "\n  ".join(lines or ["none"])

    # What can go wrong

    @property
    def nonce_window(self) -> float:
        """Seconds for which an enforced nonce is remembered."""
        return self._messages.nonce_window

    @nonce_window.setter
    def nonce_window(self, seconds: float) -> None:
        self._messages.nonce_window = seconds

    def advance(self, seconds: float) -> None:
        """Let time pass at once for nonces, first answers and tokens; ids and timestamps stay with the real time."""
        self.clock.advance(seconds)
        self._changes.announce()

    def hold(self, method: str, route: str, *, when: When = "after") -> Hold:
        """Keep requests without an answer: "before" anything is done, or "after", when only the answer is missing.

        `route` is a template ("/channels/{channel_id}/messages") or an exact path, for one channel.
        """
        hold = Hold(method, route, when, self._changes)
        self._api.trouble.add(hold)
        return hold

    def fault(self, method: str, route: str, *, when: When = "before", **answer: Any) -> Fault:
        """Have requests fail, "before" anything is done, or "after", when it has been done all the same.

        `answer` are fields of `Fault`: status, code, times, retry_after, is_global, body (an HTML page), headers,
        reset. A known code brings its status, `retry_after` brings 429.
        """
        if "status" not in answer and answer.get("code") in REFUSALS:
            answer["status"] = REFUSALS[answer["code"]][0]
        if "status" not in answer and "retry_after" in answer:
            answer["status"] = 429
        fault = Fault(method, route, when, **answer)
        self._api.trouble.add(fault)
        return fault

    def drop_gateway(self, *, resumable: bool = True) -> None:
        """Break the gateway connection; unless `resumable`, taking the session up again is refused (op 9)."""
        self.gateway.drop(resumable=resumable)

    def refuse_gateway(self, times: int = 1) -> None:
        """Refuse the next gateway connections with 503."""
        self.gateway.refusals = times
