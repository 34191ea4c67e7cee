"""AudioPod's documented answers, as files, and the dialect that reads them."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from bot.domain.track import Update
from bot.providers.audiopod import AudioPod
from bot.providers.wire import Reply
from tests.parts import MORNING, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "audiopod"
POD_KEY = "ap_for-the-tests"
TASK_ID = "bcdfghjkmnpq"
JOB_ID = "731804"

POD = AudioPod(POD_KEY, [SECRET.encode()])


def sample(name: str) -> bytes:
    """Return the bytes of one sample."""
    return (SAMPLES / f"{name}.json").read_bytes()


def decoded(name: str) -> Any:
    """Return the JSON of one sample."""
    return json.loads(sample(name))


def reply(body: bytes | Any, status: int = 200, **headers: str) -> Reply:
    """Return an answer of the vendor; `retry_after` stands for `retry-after`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def job(**changes: Any) -> Any:
    """Return a completed job, with changes."""
    return decoded("job_completed") | changes


def signed(body: bytes, stamp: str, secret: str = SECRET) -> str:
    """Return what the vendor writes into X-AudioPod-Signature."""
    return "sha256=" + hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def called_back(
    body: bytes, more: Sequence[tuple[str, str]] = (), *, signature: str | None = None, at: datetime = MORNING
) -> Update | None:
    """Have a callback read at nine in the morning that was stamped `at`."""
    stamp = str(int(at.timestamp()))
    headers = [("x-audiopod-timestamp", stamp), ("x-audiopod-signature", signature or signed(body, stamp)), *more]
    return POD.read_callback(headers, body, None, MORNING)


texts = st.text(max_size=20)
leaves = st.none() | st.booleans() | st.integers(-(10**400), 10**400) | st.floats(allow_nan=False) | texts
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4))
#: Objects with the documented names, and anything in them.
jobs = st.fixed_dictionaries(
    {"id": st.integers(0, 10**9) | values, "status": st.sampled_from(["COMPLETED", "failed", "PENDING"]) | values},
    optional={
        name: values | texts.map(lambda text: f"https://files.example/{text}")
        for name in decoded("job_completed").keys() - {"id", "status"}
    },
)
names = st.sampled_from(
    [*decoded("counts"), *decoded("filter_stats"), *decoded("presets"), *decoded("balance"), "detail", "job", "message"]
)
answers = st.dictionaries(names, jobs | values, max_size=6) | jobs | st.lists(jobs | values, max_size=3) | values
bodies = st.binary(max_size=60) | answers.map(json.dumps).map(str.encode)
statuses = st.sampled_from([200, 201, 204, 302, 400, 401, 402, 403, 404, 413, 422, 429, 500, 503])
