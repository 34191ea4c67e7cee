"""A pretend AudioPod: its documented music API over real HTTP, real audio files and real signed webhooks."""

import argparse
import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterable

from aiohttp import web

from bot.sandbox import audiopod_lists as lists
from bot.sandbox import audiopod_rules as rules
from bot.sandbox.audiopod_account import BalanceUsedUp, Quota, TooOften, Wallet
from bot.sandbox.audiopod_hooks import WebhookDesk
from bot.sandbox.audiopod_jobs import AudioPodWorkshop, PretendJob
from bot.sandbox.audiopod_webhooks import JOB_EVENTS, Webhooks
from bot.sandbox.behaviour import Behaviour, Hold
from bot.sandbox.refusal import Refusal
from bot.sandbox.studio import HomeStudio, Studio
from bot.sandbox.vendor import PretendVendor, Recorded, is_header, parsed

__all__ = ["Behaviour", "Hold", "PretendAudioPod", "PretendJob", "Recorded"]

RETRIES_PER_MINUTE = 10
MESSAGES = {
    "text2music": "Music generation started",
    "prompt2instrumental": "Instrumental generation started",
    "text2samples": "Sample generation started",
}
PRESETS = {genre: f"{genre.lower()}, polished production" for genre in rules.GENRES if genre != "Custom"}
SAMPLE = {"caption": "warm folk waltz, accordion and strings", "lyrics": "[verse]\nThe ferry bell, the gulls\n"}


class PretendAudioPod(PretendVendor[PretendJob]):
    """Serve AudioPod's API while entered; `webhook_url` is registered as if it had been done in the account."""

    def __init__(
        self,
        api_key: str,
        webhook_secret: str | None = None,
        *,
        webhook_url: str | None = None,
        behaviour: Behaviour | None = None,
        studio: Studio | None = None,
        balance_cents: int = 10_000,
        calls_per_minute: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        now: Callable[[], float] = time.time,
    ) -> None:
        behaviour = behaviour or Behaviour()
        #: The prepaid money, to be changed at any time.
        self.wallet = Wallet(balance_cents)
        self.webhooks = Webhooks(behaviour, now)
        self._workshop = AudioPodWorkshop(self.webhooks, self.wallet, behaviour, studio or HomeStudio(), now)
        super().__init__(self._workshop, behaviour, host, port, now)
        self._api_key = api_key
        #: The quota of the plan, whose numbers are not documented.
        self.quota, self._retries = Quota(calls_per_minute, now), Quota(RETRIES_PER_MINUTE, now)
        if webhook_url is not None:
            self.webhooks.register(webhook_url, JOB_EVENTS, "made in the account", webhook_secret or "")

    @property
    def jobs(self) -> dict[int, PretendJob]:
        """Give all jobs by their id, oldest first."""
        return {job.number: job for job in self.tasks.values()}

    def process(self, task_id: str | int) -> None:
        """Move a job that waits on to being worked on."""
        super().process(str(task_id))

    async def finish(self, task_id: str | int) -> None:
        """End a job now; its events go out in the background."""
        await super().finish(str(task_id))

    def cancel(self, task_id: str | int) -> None:
        """End a job as cancelled; its events go out in the background."""
        self._workshop.cancel(self.tasks[str(task_id)])

    async def resend(self, task_id: str | int) -> int | None:
        """Send the last event of an ended job again, under its id; return the status answered, None where none was."""
        told = [one for one in self.webhooks.deliveries.values() if str(one.job_id) == str(task_id)]
        return (await self._workshop.callbacks.send(told[-1].callback)).status

    def announce(self, job_id: int, job_type: str = "stem_extraction", event_type: str = "job.completed") -> None:
        """Send, in the background, the event of a job of another product, which this API does not know."""
        event = {"job_id": job_id, "job_type": job_type, "status": event_type.removeprefix("job.")}
        self._workshop.announce(self.webhooks.event(event_type, event))

    def _routes(self) -> Iterable[web.RouteDef]:
        music, job = "/api/v1/music", "/api/v1/music/jobs/{job_id}"
        return (
            *(web.post(f"{music}/{task}", self._create) for task in rules.CREATES),
            web.get(f"{music}/jobs", self._list),
            web.get(f"{music}/jobs/counts", self._counts),
            web.get(f"{job}/status", self._status),
            web.delete(job, self._delete),
            web.patch(job, self._patch),
            web.post(f"{job}/retry", self._retry),
            web.get(f"{music}/liked", self._liked),
            web.get(f"{music}/filters/stats", self._statistics),
            web.get(f"{music}/presets", self._presets),
            web.get(f"{music}/model/status", self._model),
            web.get(f"{music}/sample-data", self._sample_data),
            web.get("/api/v1/api-wallet/balance", self._balance),
            *WebhookDesk(self.webhooks, self._workshop).routes(),
        )

    def _app(self) -> web.Application:
        app = super()._app()
        app.on_response_prepare.append(_trace)
        return app

    def _canned(self) -> web.Response | None:
        if self.behaviour.body is None and self.behaviour.status == 402:
            return self._refused(BalanceUsedUp(1, 0))
        return super()._canned()

    def _check_key(self, request: web.Request) -> None:
        # Both are documented for keys, on different pages; the vendor's own client sends both.
        bearer = f"Bearer {self._api_key}"
        if not is_header(request, "X-API-Key", self._api_key) and not is_header(request, "Authorization", bearer):
            raise Refusal("Invalid or missing API key", 401)
        self.quota.use()

    def _refused(self, refusal: Refusal) -> web.Response:
        if isinstance(refusal, BalanceUsedUp):
            amounts = {"required_cents": refusal.required, "available_cents": refusal.available}
            return web.json_response({"error": refusal.code, "message": str(refusal), **amounts}, status=refusal.status)
        headers = {"Retry-After": str(refusal.retry_after)} if isinstance(refusal, TooOften) else {}
        detail = str(refusal) if refusal.code is None else {"code": refusal.code, "message": str(refusal)}
        return web.json_response({"detail": detail}, status=refusal.status, headers=headers)

    async def _create(self, request: web.Request) -> web.Response:
        task = request.path.rpartition("/")[2]
        job = self._workshop.accept(rules.read_order(task, parsed(await request.read())))
        queued = job.described()
        await self._before_answer(request, job)
        return web.json_response({"job": queued, "message": MESSAGES[task]})

    def _job(self, request: web.Request) -> PretendJob:
        raw = request.match_info["job_id"]
        if not raw.isascii() or not raw.isdigit():
            raise rules.invalid("job_id", "must be an integer")
        if (job := self.tasks.get(raw)) is None:
            raise Refusal("Job not found", 404)
        return job

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._job(request).described())

    async def _list(self, request: web.Request) -> web.Response:
        query = lists.Query(request.query)
        jobs = lists.found(self.tasks.values(), query)
        return web.json_response(query.page(jobs), headers={"X-Total-Count": str(len(jobs))})

    async def _liked(self, request: web.Request) -> web.Response:
        names = ("skip", "limit", "song_type", "status")
        given = {name: request.query[name] for name in names if name in request.query}
        query = lists.Query({**given, "liked": "true"})
        return web.json_response(query.page(lists.found(self.tasks.values(), query)))

    async def _delete(self, request: web.Request) -> web.Response:
        self._workshop.delete(self._job(request))
        return web.json_response({"message": "Job deleted successfully"})

    async def _patch(self, request: web.Request) -> web.Response:
        job = self._job(request)
        fields = rules.checked(parsed(await request.read()), rules.PATCH)
        job.display_name = fields.get("display_name", job.display_name)
        job.thumbnail_url = fields.get("thumbnail_url", job.thumbnail_url)
        return web.json_response(job.described())

    async def _retry(self, request: web.Request) -> web.Response:
        self._retries.use()
        job = self._workshop.retry(self._job(request))
        return web.json_response({"job": job.described(), "message": "Job queued for retry"})

    async def _counts(self, request: web.Request) -> web.Response:
        return web.json_response(lists.counts(self.tasks.values(), lists.Query(request.query)))

    async def _statistics(self, _: web.Request) -> web.Response:
        return web.json_response(lists.statistics(list(self.tasks.values())))

    async def _presets(self, _: web.Request) -> web.Response:
        return web.json_response({"genre_presets": PRESETS})

    async def _model(self, _: web.Request) -> web.Response:
        """Say how the model is; the body is invented, as the page shows none."""
        return web.json_response({"status": "healthy", "model": "audiomusic-v2", "loaded": True})

    async def _sample_data(self, _: web.Request) -> web.Response:
        """Give an order to try out; the body is invented, as the page shows none."""
        return web.json_response(SAMPLE)

    async def _balance(self, _: web.Request) -> web.Response:
        return web.json_response(self.wallet.balance())


async def _trace(_: web.Request, response: web.StreamResponse) -> None:
    """Name each answer, as it is to be quoted to the vendor's support."""
    response.headers["X-Request-Id"] = f"req-{secrets.token_hex(6)}"


async def serve(vendor: PretendAudioPod, api_key: str, secret: str) -> None:
    """Run a vendor by itself until cancelled, and say how to reach it."""
    async with vendor:
        print(f"AudioPod, pretend: {vendor.base_url}", flush=True)
        print(f"API key: {api_key}", flush=True)
        called = [endpoint.url for endpoint in vendor.webhooks.endpoints.values()]
        print(f"Webhook: {called[0]}, secret {secret}" if called else "Webhook: none", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run `python -m bot.sandbox.audiopod` until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.audiopod", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free one")
    parser.add_argument("--api-key", default="ap_sandbox")
    parser.add_argument("--webhook-url", help="where the account's events go; more can be registered over the API")
    parser.add_argument("--secret", default="whsec_sandbox", help="the signing secret of that webhook")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long a job takes")
    args = parser.parse_args()
    vendor = PretendAudioPod(
        args.api_key,
        args.secret,
        webhook_url=args.webhook_url,
        port=args.port,
        behaviour=Behaviour(seconds=args.seconds),
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(vendor, args.api_key, args.secret))


if __name__ == "__main__":
    main()
