"""A pretend MusicAPI.ai: sonic, studio and lyrics over real HTTP, real audio files and real signed webhooks."""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from aiohttp import web

from bot.sandbox import musicapi_rules as rules
from bot.sandbox.lyrics import write_lyrics
from bot.sandbox.musicapi_account import Account, MusicApiBehaviour
from bot.sandbox.musicapi_rules import SonicOrder, StudioOrder
from bot.sandbox.musicapi_sonic import clips
from bot.sandbox.musicapi_studio import studio_task
from bot.sandbox.musicapi_tasks import PretendTask
from bot.sandbox.musicapi_workshop import MusicApiWorkshop
from bot.sandbox.refusal import Refusal
from bot.sandbox.studio import HomeStudio, Studio
from bot.sandbox.titles import invent_title
from bot.sandbox.vendor import PretendVendor, is_header, parsed

#: What an error of each HTTP status is called; the vendor shows such names, but never the whole body.
ERROR_TYPES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found"}

Order = TypeVar("Order", SonicOrder, StudioOrder)

__all__ = ["MusicApiBehaviour", "PretendMusicApi", "PretendTask"]


class PretendMusicApi(PretendVendor[PretendTask]):
    """Serve MusicAPI while entered."""

    def __init__(
        self,
        api_key: str,
        *,
        behaviour: MusicApiBehaviour | None = None,
        studio: Studio | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], float] = time.time,
        credits: int = 1000,
        extra_credits: int = 0,
    ) -> None:
        self._knobs = behaviour or MusicApiBehaviour()
        self.account = Account(self._knobs, credits, extra_credits)
        self._workshop = MusicApiWorkshop(self._knobs, self.account, studio or HomeStudio(), now)
        super().__init__(self._workshop, self._knobs, host, port, now)
        self._api_key = api_key

    @property
    def behaviour(self) -> MusicApiBehaviour:
        """Give the knobs, to be turned at any time."""
        return self._knobs

    async def stream(self, task_id: str) -> None:
        """Let the clips of a sonic task be heard before they are final; its webhook goes out in the background."""
        await self._workshop.stream(self.tasks[task_id])

    async def resend(self, task_id: str) -> int | None:
        """Send the last webhook of a task again; return the status answered, None where none was."""
        sent = await self._workshop.callbacks.send(self.tasks[task_id].webhooks[-1])
        return sent.status

    def _routes(self) -> Iterable[web.RouteDef]:
        return (
            web.post("/api/v1/sonic/create", self._create_sonic),
            web.get("/api/v1/sonic/task/{id:.*}", self._get_sonic),
            web.post("/api/v1/sonic/lyrics", self._write_lyrics),
            web.post("/api/v1/studio/create", self._create_studio),
            web.get("/api/v1/studio/task/{id:.*}", self._get_studio),
            web.get("/api/v1/get-credits", self._get_credits),
        )

    def _check_key(self, request: web.Request) -> None:
        if not is_header(request, "Authorization", f"Bearer {self._api_key}"):
            raise Refusal(rules.UNAUTHORIZED, 401)

    def _refused(self, refusal: Refusal) -> web.Response:
        error = {"type": ERROR_TYPES.get(refusal.status, "api_error"), "message": str(refusal)}
        return web.json_response(error, status=refusal.status)

    async def _create_sonic(self, request: web.Request) -> web.Response:
        order = rules.read_sonic(parsed(await request.read()))
        own_lyrics = order.text if order.has_own_lyrics else ""
        described = "" if order.has_own_lyrics else order.text
        self.account.admit(lyrics=own_lyrics, description=f"{order.title} {order.tags} {described}")
        task = self._workshop.accept(order, self.account.charge(rules.PRICES[order.task_type]))
        await self._before_answer(request, task)
        return web.json_response({"message": "success", "task_id": task.id})

    async def _get_sonic(self, request: web.Request) -> web.Response:
        task, order = self._find(request, SonicOrder)
        if self._knobs.not_ready and task.states <= {"pending", "running"}:
            return web.json_response({"type": "not_ready", "message": "the task is not ready"}, status=202)
        return web.json_response(clips(task, order))

    async def _write_lyrics(self, request: web.Request) -> web.Response:
        description = rules.read_lyrics(parsed(await request.read()))
        self.account.admit(description=description)
        self.account.charge(rules.LYRICS_PRICE)
        title = invent_title(description)
        results = [{"title": title, "lyrics": write_lyrics(description, variation)} for variation in range(2)]
        return web.json_response({"code": 200, "results": results, "message": "success"})

    async def _create_studio(self, request: web.Request) -> web.Response:
        order = rules.read_studio(parsed(await request.read()))
        self.account.admit(lyrics=order.lyrics, description=order.prompt)
        task = self._workshop.accept(order, self.account.charge(rules.STUDIO_PRICE))
        await self._before_answer(request, task)
        return web.json_response({"code": "success", "data": task.id})

    async def _get_studio(self, request: web.Request) -> web.Response:
        return web.json_response(studio_task(*self._find(request, StudioOrder)))

    async def _get_credits(self, _: web.Request) -> web.Response:
        counts: dict[str, Any] = {"credits": self.account.credits, "extra_credits": self.account.extra_credits}
        return web.json_response(counts)

    def _find(self, request: web.Request, family: type[Order]) -> tuple[PretendTask, Order]:
        """Find a task of this family by the address; raise Refusal."""
        if not (task_id := request.match_info["id"]):
            raise Refusal(rules.TASK_ID_MISSING)
        task = self.tasks.get(task_id)
        if task is None or not isinstance(task.order, family):
            raise Refusal(rules.TASK_NOT_FOUND)
        return task, task.order


async def serve(vendor: PretendMusicApi, api_key: str) -> None:
    """Run a vendor by itself until cancelled, and say how to reach it."""
    async with vendor:
        print(f"MusicAPI, pretend: {vendor.base_url}", flush=True)
        print(f"API key: {api_key}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run `python -m bot.sandbox.musicapi` until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.musicapi", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--api-key", default="musicapi-sandbox")
    parser.add_argument("--credits", type=int, default=1000, help="how many the account starts with")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a task takes")
    args = parser.parse_args()
    behaviour = MusicApiBehaviour(seconds=args.seconds)
    vendor = PretendMusicApi(args.api_key, port=args.port, behaviour=behaviour, credits=args.credits)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(vendor, args.api_key))


if __name__ == "__main__":
    main()
