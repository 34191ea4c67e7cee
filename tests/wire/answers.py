"""Write answers the way Discord does."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


def json_answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Return a JSON answer; None is 204. The type has no charset: discord.py reads no other as JSON."""
    if body is None:
        return web.Response(status=204)
    kind = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=(headers or {}) | kind)
