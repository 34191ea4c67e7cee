"""What the fuzz sends in bodies: callbacks that are odd in every way anybody thought of, and in ways nobody did."""

import json
import random
from collections.abc import Callable
from typing import Any

from tests.callback_desk import failed, result

Target = dict[str, str]
Body = Callable[[random.Random, Target], bytes]

_TITLES = ["", " ", "\u202e\u0301" * 50, "x" * 5000, "\0", "@everyone", "\ud800", "<t:1>", "𝄞", "../../x"]
_NUMBERS = [0, -1, 1.5, 2**63, 10**30, -(2**70), True, False, 1e308, 1_799_604_800, 1_799_604_800_000]
_ODD: list[Any] = [None, [], {}, [[]], {"a": None}, [None] * 50, *_TITLES, *_NUMBERS]

#: B1 to B16, as far as they are single bodies.
_SHAPES = [
    b"",
    b" ",
    b"{",
    b"[]",
    b'"text"',
    b"7",
    b"null",
    b"\xef\xbb\xbf{}",
    '{"task_id":"mm-1","status":"completed"}'.encode("utf-16"),
    b'{"task_id":"\xc0\xaf","status":"failed"}',
    b'{"task_id":"mm-1","status":"failed"} and more',
    b'{"task_id":"mm-1","status":"failed","error":NaN}',
    b'{"task_id":"mm-1","status":"failed","error":Infinity}',
    b'{"task_id":"mm-1","status":"failed","error":1e999}',
    b'{"task_id":"mm-1","status":"failed","error":' + b"9" * 5000 + b"}",
    b'{"task_id":"\\ud800","status":"failed"}',
    b'{"task_id":"mm-1\\u0000","status":"failed"}',
    b'{"task_id":"mm-1","status":"COMPLETED"}',
    b'{"task_id":"mm-1","status":"failed\\u0000"}',
    b'{"task_id":"","status":"failed"}',
    b'{"task_id":true,"status":"failed"}',
    b'{"task_id":"' + b"m" * 10_000 + b'","status":"failed"}',
    b'{"status":"failed"}',
    b'{"task_id":"mm-1"}',
]


def _value(rng: random.Random, depth: int = 3) -> Any:
    """Return any JSON."""
    kind = rng.randrange(8 if depth else 6)
    if kind < 4:
        return rng.choice(_ODD)
    if kind < 6:
        return "".join(chr(rng.randrange(1, 0x250)) for _ in range(rng.randrange(12)))
    size = rng.randrange(5)
    if kind == 6:
        return [_value(rng, depth - 1) for _ in range(size)]
    return {f"k{rng.randrange(9)}": _value(rng, depth - 1) for _ in range(size)}


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def documented(rng: random.Random, target: Target) -> bytes:
    """Just what the vendor sends; another one each time."""
    status = rng.choice(["completed", "completed", "failed", "processing", "queuing"])
    results = [result(f"clip-{rng.randrange(10**6)}") for _ in range(rng.choice([1, 2, 2, 4]))]
    body = {"task_id": target["name"], "status": status, "mark": rng.random()}
    return _encoded(body | ({"results": results} if status == "completed" else {}))


def one_field(rng: random.Random, target: Target) -> bytes:
    """A field of the envelope is something else, or not there, or one too many."""
    body = {"task_id": target["name"], "status": "completed", "results": [result()], "error": ""}
    name = rng.choice([*body, "extra"])
    if rng.random() < 0.15:
        body.pop(name, None)
    else:
        body[name] = _value(rng)
    return _encoded(body)


def one_result(rng: random.Random, target: Target) -> bytes:
    """A field of a result is something else."""
    results: list[Any] = [result(), result(**{rng.choice(list(result())): _value(rng)}), _value(rng)]
    rng.shuffle(results)
    return _encoded({"task_id": target["name"], "status": "completed", "results": results * rng.choice([1, 1, 1, 40])})


def any_json(rng: random.Random, _target: Target) -> bytes:
    """JSON of any shape."""
    return _encoded(_value(rng, 5))


def any_bytes(rng: random.Random, _target: Target) -> bytes:
    """No JSON at all, most likely."""
    return rng.randbytes(rng.choice([0, 1, 7, 64, 1000, 20_000]))


def flipped(rng: random.Random, target: Target) -> bytes:
    """A callback with some of its bytes changed, before it was signed."""
    body = bytearray(documented(rng, target))
    for _ in range(rng.randrange(1, 6)):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return bytes(body)


def shape(rng: random.Random, target: Target) -> bytes:
    """One of the shapes that are known to be awkward."""
    return rng.choice(_SHAPES).replace(b"mm-1", target["name"].encode())


def huge(rng: random.Random, target: Target) -> bytes:
    """Near the limit, or at it, or just over."""
    size = rng.choice([100_000, 256 * 1024 - 60, 256 * 1024, 256 * 1024 + 1])
    body = failed(target["name"], "x" * size)
    return body[:size] if rng.random() < 0.5 else body


def deep(rng: random.Random, target: Target) -> bytes:
    """Nested deeper than any stack, whole or never closed, at the top or where nobody looks."""
    depth = rng.choice([500, 5000, 100_000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}")])
    depth = min(depth, 240_000 // len(opening + closing))
    nest = opening * depth + b"1" + closing * rng.choice([depth, 0])
    if rng.random() < 0.5:
        return nest
    return b'{"task_id":"%s","status":"failed","extra":%s}' % (target["name"].encode(), nest)


def doubled(rng: random.Random, target: Target) -> bytes:
    """Keys that stand there twice."""
    name = target["name"].encode()
    second = rng.choice([b'"task_id":"other"', b'"task_id":7', b'"status":"completed"', b'"status":null'])
    return b'{"task_id":"%s","status":"failed",%s,"mark":%f}' % (name, second, rng.random())


def unknown(rng: random.Random, _target: Target) -> bytes:
    """About a task of another bot with the same key."""
    return documented(rng, {"name": f"theirs-{rng.randrange(10**9)}"})


SIGNED: dict[str, tuple[Body, int]] = {
    "as documented": (documented, 12),
    "one field odd": (one_field, 16),
    "one result odd": (one_result, 12),
    "any JSON": (any_json, 10),
    "any bytes": (any_bytes, 8),
    "bytes flipped, then signed": (flipped, 12),
    "B1 to B16": (shape, 10),
    "huge": (huge, 1),
    "deep": (deep, 2),
    "keys twice": (doubled, 5),
    "unknown task": (unknown, 5),
}
