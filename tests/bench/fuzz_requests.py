"""What the fuzz sends as whole requests: rightly signed ones, forged ones, and what is no HTTP at all."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.fuzz_bodies import SIGNED, Target, any_bytes, documented
from tests.callback_desk import OLD_SECRET, completed, request, signed

#: How many of the signed ones that were sent are kept, to be sent again.
KEPT = 200


@dataclass(frozen=True)
class Shot:
    """One request: its kind, its bytes, what may be answered ("closed": nothing, and the line is cut)."""

    kind: str
    wire: bytes
    allowed: frozenset[str]
    #: Whether the connection is of no use afterwards.
    breaks: bool = False
    #: Sent in pieces, with this many seconds between them; the rest is never sent.
    pause: float = 0.0


Make = Callable[[random.Random, Target], Shot]


def _post(key: str, body: bytes, *headers: str) -> bytes:
    return request(key, *headers, f"Content-Length: {len(body)}") + body


class Signed:
    """Makes rightly signed requests, and repeats some of those it made."""

    def __init__(self) -> None:
        self._sent: list[Shot] = []

    def shot(self, rng: random.Random, target: Target) -> Shot:
        if self._sent and rng.random() < 0.1:
            return rng.choice(self._sent)
        kind = rng.choices(list(SIGNED), [weight for _, weight in SIGNED.values()])[0]
        body = SIGNED[kind][0](rng, target)
        secret = (OLD_SECRET,) if rng.random() < 0.01 else ()
        key = "k" * 32 if rng.random() < 0.05 else target["key"]
        wire = _post(key, body, f"X-Signature: {signed(body, *secret)}")
        too_large = len(body) > 256 * 1024
        allowed = {"413"} if too_large else {"204"} if kind in ("as documented", "unknown task") else {"204", "400"}
        made = Shot(f"signed: {kind}", wire, frozenset(allowed), breaks=too_large)
        if len(wire) < 10_000 and not too_large:
            again = Shot("signed: byte for byte again", wire, made.allowed)
            self._sent = [*self._sent[-KEPT:], again]
        return made


def _forged(kind: str, key: str, body: bytes, *headers: str) -> Shot:
    return Shot(f"forged: {kind}", _post(key, body, *headers), frozenset({"401"}))


def _wrong(rng: random.Random, target: Target) -> Shot:
    return _forged(
        "another signature", target["key"], documented(rng, target), f"X-Signature: {rng.randbytes(32).hex()}"
    )


def _one_bit(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    good = bytearray.fromhex(signed(body))
    good[rng.randrange(32)] ^= 1 << rng.randrange(8)
    return _forged("one bit off", target["key"], body, f"X-Signature: {good.hex()}")


def _malformed(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    good = signed(body)
    value = rng.choice(
        [good[:-1], good + "0", "", "sha256=" + good, good[:32] + " " + good[32:], "é" * 64, "v1," + good]
    )
    return _forged("malformed", target["key"], body, f"X-Signature: {value}")


def _missing(rng: random.Random, target: Target) -> Shot:
    return _forged("no signature", target["key"], any_bytes(rng, target))


def _twice(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    header = f"X-Signature: {signed(body)}"
    return _forged("signature twice", target["key"], body, header, header)


def _other_body(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    return _forged("of another body", target["key"], body, f"X-Signature: {signed(completed('mm-of-another'))}")


def _nested(rng: random.Random, target: Target) -> Shot:
    return _forged("unsigned depth", target["key"], b"[" * 100_000, f"X-Signature: {'0' * 64}")


def _path(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    path = rng.choice(
        ["/", "//", "/callbacks", "/callbacks/other/k", "/callbacks/musicmint/", "/../../etc/passwd", "/%00"]
    )
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Signature: {signed(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
    return Shot("http: another path", head.encode() + body, frozenset({"404", "400"}), breaks=True)


def _method(rng: random.Random, target: Target) -> Shot:
    method = rng.choice(["GET", "PUT", "DELETE", "OPTIONS", "PATCH", "FROB"])
    wire = request(target["key"], "Content-Length: 0", method=method)
    return Shot("http: another method", wire, frozenset({"405", "400"}), breaks=True)


def _broken(kind: str, wire: bytes, *allowed: str, pause: float = 0.0) -> Shot:
    return Shot(f"http: {kind}", wire, frozenset(allowed or ("400", "closed")), breaks=True, pause=pause)


def _declared(rng: random.Random, target: Target) -> Shot:
    size = rng.choice([256 * 1024 + 1, 1 << 30, 10**18])
    return _broken("declared too large", request(target["key"], f"Content-Length: {size}"), "413", "400")


def _chunks(rng: random.Random, target: Target) -> Shot:
    body = rng.choice([b"zz\r\nabc\r\n", b"-1\r\n\r\n", b"2\r\nabcdef\r\n", b"f" * 40 + b"\r\nx", b"\r\n\r\n"])
    return _broken("bad chunks", request(target["key"], "Transfer-Encoding: chunked") + body)


def _lengths(rng: random.Random, target: Target) -> Shot:
    second = rng.choice(["Content-Length: 6", "Transfer-Encoding: chunked", "Content-Length: x"])
    return _broken("two lengths", request(target["key"], "Content-Length: 5", second) + b"abcde")


def _garbage(rng: random.Random, _target: Target) -> Shot:
    return _broken("no HTTP", rng.randbytes(rng.randrange(1, 200)) + b"\r\n\r\n")


def _headers(rng: random.Random, target: Target) -> Shot:
    many = rng.choice([[f"X-{n}: y" for n in range(500)], ["X: " + "y" * 20_000], ["X: a\0b"], ["X y"], [": y"]])
    wire = request(target["key"], *many, "Content-Length: 0")
    return _broken("odd headers", wire, "400", "401", "closed")


def _half(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    whole = _post(target["key"], body, f"X-Signature: {signed(body)}")
    return _broken("half a request", whole[: rng.randrange(1, len(whole) - 1)], "closed", pause=0.001)


def _leaving(rng: random.Random, target: Target) -> Shot:
    wire = request(target["key"], "Content-Length: 1", "Expect: 100-continue")
    return _broken("asks to go on, and leaves", wire, "closed", pause=0.0001)


def _slow(rng: random.Random, target: Target) -> Shot:
    body = documented(rng, target)
    whole = _post(target["key"], body, f"X-Signature: {signed(body)}")
    return _broken("slow", whole[:-2], "408", "closed", pause=5.0)


UNSIGNED: dict[Make, int] = {
    _wrong: 30,
    _one_bit: 15,
    _malformed: 15,
    _missing: 12,
    _twice: 6,
    _other_body: 10,
    _nested: 1,
    _path: 3,
    _method: 3,
    _declared: 2,
    _chunks: 2,
    _lengths: 2,
    _garbage: 3,
    _headers: 2,
    _half: 3,
    _leaving: 2,
}


def unsigned(rng: random.Random, target: Target) -> Shot:
    """Return a request that is not rightly signed, or no request."""
    return rng.choices(list(UNSIGNED), list(UNSIGNED.values()))[0](rng, target)


#: A few of these are open all the while; each takes as long as the listener bears it.
slow = _slow
