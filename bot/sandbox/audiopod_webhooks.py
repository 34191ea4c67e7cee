"""The account's webhooks at the pretend AudioPod: endpoints, signed events, and the log of their deliveries."""

import hashlib
import hmac
import ipaddress
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.callbacks import Callback, SentCallback
from bot.sandbox.refusal import Refusal

JOB_EVENTS = ("job.completed", "job.failed", "job.cancelled")
EVENTS = (*JOB_EVENTS, "webhook.test", "narration.review_required")
ATTEMPTS = 5


@dataclass
class Endpoint:
    """Hold one registered address; its secret is shown once."""

    id: str
    url: str
    events: list[str]
    description: str
    secret: str
    created_at: str
    active: bool = True

    def described(self) -> dict[str, Any]:
        """Write it as the vendor does, without the secret."""
        names = ("id", "url", "events", "active", "description", "created_at")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Delivery:
    """Hold one event on its way to one endpoint; however often it is sent, its event id stays."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    job_id: int | None
    callback: Callback


class Webhooks:
    """Keep the endpoints, and write and sign what they are told."""

    def __init__(self, behaviour: Behaviour, now: Callable[[], float]) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.deliveries: dict[str, Delivery] = {}
        self._told, self._now = behaviour, now

    def register(self, url: str, events: Sequence[str], description: str = "", secret: str = "") -> Endpoint:
        """Take an address; without a secret one is made."""
        created = datetime.fromtimestamp(self._now(), UTC).isoformat().replace("+00:00", "Z")
        secret = secret or f"whsec_{secrets.token_hex(16)}"
        endpoint = Endpoint(secrets.token_hex(8), url, list(events), description, secret, created)
        self.endpoints[endpoint.id] = endpoint
        return endpoint

    def event(self, event_type: str, fields: Mapping[str, Any]) -> list[Callback]:
        """Write an event for every endpoint that wants it."""
        wanting = [one for one in self.endpoints.values() if one.active and event_type in one.events]
        return [self.write(endpoint, event_type, fields) for endpoint in wanting]

    def write(self, endpoint: Endpoint, event_type: str, fields: Mapping[str, Any]) -> Callback:
        """Write an event for one endpoint, and keep it in the log."""
        event_id = f"ev-{secrets.token_hex(8)}"
        event = {"event_type": event_type, "event_id": event_id, **fields}
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()

        def sign(raw: bytes) -> Mapping[str, str]:
            return self._signature(endpoint.secret, event_type, event_id, raw)

        delivery_id = secrets.token_hex(8)
        callback = Callback(endpoint.url, body, sign)
        delivery = Delivery(delivery_id, endpoint.id, event_id, event_type, fields.get("job_id"), callback)
        self.deliveries[delivery_id] = delivery
        return callback

    def _signature(self, secret: str, event_type: str, event_id: str, body: bytes) -> Mapping[str, str]:
        """Sign one attempt; each has a timestamp of its own, which is not documented either way."""
        timestamp = str(int(self._now()))
        key = "not the " + secret if self._told.bad_signature else secret
        signed = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {
            "X-AudioPod-Signature": f"sha256={signed}",
            "X-AudioPod-Timestamp": timestamp,
            "X-AudioPod-Event": event_type,
            "X-AudioPod-Event-Id": event_id,
        }


def read_endpoint(body: object, *, partial: bool = False) -> dict[str, Any]:
    """Check what is to be registered, or changed; raise Refusal."""
    if not isinstance(body, dict):
        raise Refusal("the body must be a JSON object", 422)
    kinds = {"url": str, "events": list, "description": str, **({"active": bool} if partial else {})}
    given = {name: body[name] for name in kinds if body.get(name) is not None}
    for name, value in given.items():
        if type(value) is not kinds[name]:
            raise Refusal(f"{name} must be of type {kinds[name].__name__}", 422)
    if not partial and not given.keys() >= {"url", "events"}:
        raise Refusal("url and events are required", 422)
    if unknown := [event for event in given.get("events", ()) if event not in EVENTS]:
        raise Refusal(f"there is no event {unknown[0]}", 422)
    if "url" in given and not _may_be_called(given["url"]):
        raise Refusal("url must use HTTPS and resolve to a public address", 400)
    return given


def _may_be_called(url: str) -> bool:
    """Say whether an address is one for events: HTTPS and public, or on this machine, as the sandbox needs it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" and "." in host
    return address.is_loopback or (parts.scheme == "https" and address.is_global)


def logged(delivery: Delivery, sent: Sequence[SentCallback]) -> dict[str, Any]:
    """Describe how a delivery went, from all attempts that were made."""
    own = [one for one in sent if one.body == delivery.callback.body and one.url == delivery.callback.url]
    status = "dead_letter" if len(own) >= ATTEMPTS else "pending"
    return {
        "id": delivery.id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "status": "delivered" if any(one.acknowledged for one in own) else status,
        "attempts": len(own),
        "response_code": own[-1].status if own else None,
    }
