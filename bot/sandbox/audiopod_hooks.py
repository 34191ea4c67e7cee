"""The calls by which the account's webhooks are managed at the pretend AudioPod."""

from collections.abc import Iterable

from aiohttp import web

from bot.sandbox.audiopod_jobs import AudioPodWorkshop
from bot.sandbox.audiopod_webhooks import Endpoint, Webhooks, logged, read_endpoint
from bot.sandbox.refusal import Refusal
from bot.sandbox.vendor import parsed

ENDPOINTS = "/api/v1/webhooks/endpoints"


class WebhookDesk:
    """Answer `/api/v1/webhooks`; the shapes of the delivery log are not documented."""

    def __init__(self, webhooks: Webhooks, workshop: AudioPodWorkshop) -> None:
        self._webhooks, self._workshop = webhooks, workshop

    def routes(self) -> Iterable[web.RouteDef]:
        """Give the routes."""
        one = ENDPOINTS + "/{id}"
        return (
            web.post(ENDPOINTS, self._register),
            web.get(ENDPOINTS, self._list),
            web.get(one, self._show),
            web.patch(one, self._change),
            web.delete(one, self._remove),
            web.post(f"{one}/test", self._test),
            web.get(f"{one}/deliveries", self._log),
            web.post("/api/v1/webhooks/deliveries/{id}/redeliver", self._redeliver),
        )

    def _endpoint(self, request: web.Request) -> Endpoint:
        if (endpoint := self._webhooks.endpoints.get(request.match_info["id"])) is None:
            raise Refusal("Endpoint not found", 404)
        return endpoint

    async def _register(self, request: web.Request) -> web.Response:
        endpoint = self._webhooks.register(**read_endpoint(parsed(await request.read())))
        return web.json_response({**endpoint.described(), "secret": endpoint.secret})

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response([endpoint.described() for endpoint in self._webhooks.endpoints.values()])

    async def _show(self, request: web.Request) -> web.Response:
        return web.json_response(self._endpoint(request).described())

    async def _change(self, request: web.Request) -> web.Response:
        endpoint = self._endpoint(request)
        for name, value in read_endpoint(parsed(await request.read()), partial=True).items():
            setattr(endpoint, name, value)
        return web.json_response(endpoint.described())

    async def _remove(self, request: web.Request) -> web.Response:
        del self._webhooks.endpoints[self._endpoint(request).id]
        return web.json_response({"message": "Endpoint deleted"})

    async def _test(self, request: web.Request) -> web.Response:
        """Send `webhook.test`, whether or not the endpoint has asked for it."""
        callback = self._webhooks.write(self._endpoint(request), "webhook.test", {})
        self._workshop.announce([callback])
        return web.json_response({"message": "Test event sent"})

    async def _log(self, request: web.Request) -> web.Response:
        endpoint, sent = self._endpoint(request), self._workshop.callbacks.sent
        own = [one for one in self._webhooks.deliveries.values() if one.endpoint_id == endpoint.id]
        return web.json_response([logged(delivery, sent) for delivery in reversed(own)])

    async def _redeliver(self, request: web.Request) -> web.Response:
        if (delivery := self._webhooks.deliveries.get(request.match_info["id"])) is None:
            raise Refusal("Delivery not found", 404)
        self._workshop.announce([delivery.callback])
        return web.json_response({"message": "Delivery queued"})
