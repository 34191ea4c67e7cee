"""Take a REST request in: record it, check it, meet its faults, and have its route answer it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from .answers import json_answer
from .errors import ApiError
from .faults import Fault, Recorded, Trouble, reset
from .files import Body, Files, Upload
from .openapi import Operation, description
from .waiting import Changes
from .world import Json

PREFIX = "/api/v10"
#: Routes whose token is in their path; all others need the bot's.
OPEN = ("/interactions/", "/webhooks/")
#: What reading from a client that has died raises.
CLIENT_GONE = (aiohttp.ClientError, ConnectionError, web.RequestPayloadError)


@dataclass(frozen=True)
class Call:
    """A request as a route sees it: the parameters of its path, its query, its JSON and its files."""

    params: dict[str, str]
    query: dict[str, str]
    json: Any
    uploads: list[Upload]

    @property
    def fields(self) -> Json:
        """The JSON object, empty when there is none."""
        return self.json or {}


#: A route returns the JSON of its answer, None for 204, or raises ApiError.
Route = Callable[[Call], Any]


class Api:
    """The REST side; `routes` maps ("POST", "/channels/{channel_id}/messages") to what answers."""

    def __init__(self, token: str, files: Files, changes: Changes) -> None:
        self.token = token
        self.routes: dict[tuple[str, str], Route] = {}
        self.requests: list[Recorded] = []
        self.violations: list[str] = []
        self.trouble = Trouble()
        self._files = files
        self._changes = changes

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path.removeprefix(PREFIX)
        route, params = description().match(path) or (path, {})
        recorded = Recorded(request.method, route, path, time.monotonic(), dict(request.query))
        self.requests.append(recorded)
        self._changes.announce()
        try:
            answer = await self._answer(request, recorded, params)
        except CLIENT_GONE:
            # Nobody is there to read an answer.
            recorded.cut_off = True
            self._changes.announce()
            return web.Response(status=499)
        if answer is None:
            reset(request)
            return web.Response(status=499)
        recorded.status = answer.status
        self._changes.announce()
        return answer

    async def _answer(self, request: web.Request, recorded: Recorded, params: dict[str, str]) -> web.Response | None:
        try:
            body = await self._files.receive(request)
        except ApiError as refusal:
            self._blame(recorded, str(refusal))
            return json_answer(refusal.body(), refusal.status)
        recorded.json = body.json
        recorded.files = [(upload.name, upload.size) for upload in body.uploads]
        if fault := await self.trouble.meet(recorded, "before"):
            return _faulty(fault)
        answer = self._work(request, recorded, params, body)
        self._changes.announce()
        if fault := await self.trouble.meet(recorded, "after"):
            return _faulty(fault)
        return answer

    def _work(self, request: web.Request, recorded: Recorded, params: dict[str, str], body: Body) -> web.Response:
        operation = self._operation(recorded)
        if not recorded.path.startswith(OPEN) and request.headers.get("Authorization") != f"Bot {self.token}":
            return json_answer({"message": "401: Unauthorized", "code": 0}, 401)
        route = self.routes.get((recorded.method, recorded.route))
        if operation is None or route is None:
            return json_answer({"message": "404: Not Found", "code": 0}, 404)
        try:
            self._check(operation, recorded, body)
            call = Call(params, recorded.query, body.json, body.uploads)
            return json_answer(route(call))
        except ApiError as refusal:
            self._files.discard(body.uploads)
            return json_answer(refusal.body(), refusal.status)

    def _operation(self, recorded: Recorded) -> Operation | None:
        known = description().match(recorded.path)
        operation = description().operation(recorded.method, recorded.route) if known else None
        if operation is None:
            self._blame(recorded, "Discord describes no such route")
        elif (recorded.method, recorded.route) not in self.routes:
            self._blame(recorded, "a route of Discord that is not modelled here")
        return operation

    def _check(self, operation: Operation, recorded: Recorded, body: Body) -> None:
        """Note what Discord's description forbids, and refuse it with 400/50035 as Discord does."""
        fields = [upload.field for upload in body.uploads]
        errors = list(description().complaints(operation, body.json, list(recorded.query), fields))
        for error in errors:
            self._blame(recorded, error)
        if errors:
            raise ApiError(50035, errors={"_errors": [{"code": "INVALID", "message": error} for error in errors]})

    def _blame(self, recorded: Recorded, words: str) -> None:
        self.violations.append(f"{recorded.method} {recorded.route}: {words}")


def _faulty(fault: Fault) -> web.Response | None:
    """Return the fault's answer; None asks for a reset connection."""
    return None if fault.reset else fault.answer()
