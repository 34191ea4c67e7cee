"""A pretend MusicMint: its documented API over real HTTP, real audio files and real signed callbacks."""

import argparse
import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox import musicmint_rules as rules
from bot.sandbox.behaviour import Behaviour, Hold
from bot.sandbox.musicmint_at_once import AtOnce, Work
from bot.sandbox.musicmint_tasks import MusicMintWorkshop, PretendTask
from bot.sandbox.refusal import Refusal
from bot.sandbox.studio import HomeStudio, Studio
from bot.sandbox.vendor import PretendVendor, Recorded, is_header, parsed

__all__ = ["Behaviour", "Hold", "PretendMusicMint", "PretendTask", "Recorded"]


class PretendMusicMint(PretendVendor[PretendTask]):
    """Serve MusicMint's API while entered."""

    def __init__(
        self,
        api_key: str,
        signing_secret: str | None,
        *,
        behaviour: Behaviour | None = None,
        studio: Studio | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        behaviour = behaviour or Behaviour()
        self._workshop = MusicMintWorkshop(signing_secret, behaviour, studio or HomeStudio(), now)
        super().__init__(self._workshop, behaviour, host, port, now)
        self._api_key = api_key

    async def resend(self, task_id: str) -> int | None:
        """Send the callback of an ended task again; return the status answered, None where none was."""
        sent = await self._workshop.callbacks.send(self._workshop.callback(self.tasks[task_id]))
        return sent.status

    def _routes(self) -> Iterable[web.RouteDef]:
        at_once = AtOnce(self._workshop, self._now)
        creates = [web.post(f"/api/v1/{endpoint}", self._create(endpoint)) for endpoint in rules.CREATES]
        posts = [web.post(f"/api/v1/music/{name}", self._answer(*call)) for name, call in at_once.by_post.items()]
        gets = [web.get(f"/api/v1/music/{name}", self._answer(*call)) for name, call in at_once.by_get.items()]
        return (
            *creates,
            *posts,
            *gets,
            web.post("/api/v1/music/{id}", self._get_music),
            web.post("/api/v1/task/{id}", self._get_task),
            web.post("/api/v1/tasks", self._list_tasks),
        )

    def _canned(self) -> web.Response | None:
        told = self.behaviour
        if told.body is None and told.code is not None:
            message = rules.MESSAGES.get(told.code, "refused")
            return self._refused(Refusal(message, told.status or 403, told.code))
        return super()._canned()

    def _check_key(self, request: web.Request) -> None:
        if not is_header(request, "Authorization", f"Bearer {self._api_key}"):
            raise Refusal("invalid AppKey", 401, rules.BAD_KEY)

    def _create(self, endpoint: str) -> Handler:
        """Answer the creates of an endpoint with a task."""

        async def create(request: web.Request) -> web.Response:
            task = self._workshop.accept(rules.read_order(endpoint, parsed(await request.read())))
            await self._before_answer(request, task)
            return self._ok({"task_id": task.id, "status": "queuing"})

        return create

    def _answer(self, wanted: rules.Rules, work: Work) -> Handler:
        """Answer the calls of an endpoint with their result."""

        async def answer(request: web.Request) -> web.Response:
            asked = dict(request.query) if request.method == "GET" else parsed(await request.read())
            made, data = await work(rules.read(wanted, asked))
            await asyncio.sleep(self.behaviour.at_once_seconds)
            await self._hold_back(request, made)
            return self._ok(data)

        return answer

    async def _get_task(self, request: web.Request) -> web.Response:
        if (task := self.tasks.get(request.match_info["id"])) is None:
            raise Refusal("task not found", 404, rules.NOT_FOUND)
        return self._ok({"id": task.id, "status": task.status, "created_at": task.created_at, **task.outcome()})

    async def _list_tasks(self, request: web.Request) -> web.Response:
        page = rules.read_page(parsed(await request.read() or b"{}"))
        wanted = rules.STATUS_NUMBERS.get(page.status)
        found = [task for task in reversed(self.tasks.values()) if wanted in (None, task.status)]
        start = (page.page - 1) * page.page_size
        items = [_listed(task) for task in found[start : start + page.page_size]]
        return self._ok({"items": items, "total": len(found), "page": page.page})

    async def _get_music(self, request: web.Request) -> web.Response:
        return self._ok(self._workshop.clips.find(request.match_info["id"]).result)

    def _ok(self, data: Any) -> web.Response:
        envelope = {"code": 0, "message": "ok", "request_id": self._request_id(), "data": data}
        return web.json_response(envelope)

    def _refused(self, refusal: Refusal) -> web.Response:
        code = refusal.status if refusal.code is None else refusal.code
        envelope = {"code": code, "message": str(refusal), "request_id": self._request_id()}
        return web.json_response(envelope, status=refusal.status)

    def _request_id(self) -> str:
        return f"req-{int(self._now() * 1000)}"


def _listed(task: PretendTask) -> dict[str, Any]:
    """Describe a task as the list does: without its results."""
    item = {"id": task.id, "status": task.status, "created_at": task.created_at}
    return item if task.error is None else {**item, "error": task.error}


async def serve(vendor: PretendMusicMint, api_key: str, secret: str | None) -> None:
    """Run a vendor by itself until cancelled, and say how to reach it."""
    async with vendor:
        print(f"MusicMint, pretend: {vendor.base_url}", flush=True)
        print(f"AppKey: {api_key}", flush=True)
        print(f"Signing secret: {secret or 'none, callbacks are not signed'}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run `python -m bot.sandbox.musicmint` until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.musicmint", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--api-key", default="sk-mm-sandbox")
    parser.add_argument("--secret", help="the signing secret of the key; without it callbacks are not signed")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a task takes")
    args = parser.parse_args()
    vendor = PretendMusicMint(args.api_key, args.secret, port=args.port, behaviour=Behaviour(seconds=args.seconds))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(vendor, args.api_key, args.secret))


if __name__ == "__main__":
    main()
