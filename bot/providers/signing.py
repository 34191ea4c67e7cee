"""Checking that a callback was signed with our secret."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from bot.domain.errors import BadSignature

#: How far a callback's time may lie from ours, either way. No vendor documents one.
TOLERANCE = timedelta(minutes=5)

_HEX_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_STAMP = re.compile(r"[0-9]{1,15}", re.ASCII)
_PREFIX = "sha256="


def sign_hex(secret: bytes, body: bytes) -> str:
    """Return the signature `verify_hex` asks for."""
    return hmac.digest(secret, body, sha256).hex()


def verify_hex(secrets: Sequence[bytes], given: Sequence[str], body: bytes) -> int:
    """Return the index of the secret that signed `body` (HMAC-SHA256 over the raw bytes, in hex).

    `given` are all values of the signature header: exactly one is allowed. Raises BadSignature. Every secret is tried
    whatever the others said, and bytes are compared in constant time.
    """
    if not secrets or not all(secrets):
        raise BadSignature("no secret is configured")  # never the same as "no check needed"
    if len(given) != 1:
        raise BadSignature("missing" if not given else "more than one")
    # In full and in ASCII first: bytes.fromhex skips spaces, and compare_digest raises on other text.
    if not _HEX_SHA256.fullmatch(given[0]):
        raise BadSignature("malformed")
    signature = bytes.fromhex(given[0])
    matches = [hmac.compare_digest(hmac.digest(secret, body, sha256), signature) for secret in secrets]
    if not any(matches):
        raise BadSignature("the digest differs")
    return matches.index(True)


def sign_stamped(secret: bytes, stamp: str, body: bytes) -> str:
    """Return the signature `verify_stamped` asks for."""
    return _PREFIX + sign_hex(secret, _stamped(stamp, body))


def verify_stamped(
    secrets: Sequence[bytes], signatures: Sequence[str], stamps: Sequence[str], body: bytes, now: datetime
) -> bool:
    """Return whether a signed body is fresh: `sha256=<hex>` of HMAC-SHA256 over `timestamp.body`.

    `signatures` and `stamps` are all values of the two headers: exactly one of each is allowed. Raises BadSignature. A
    time that is too old or too new is rightly signed all the same: vendors do not say whether a retry is stamped anew.
    """
    if len(stamps) != 1 or not _STAMP.fullmatch(stamps[0]):
        raise BadSignature("not one timestamp in seconds")
    digests = [given.removeprefix(_PREFIX) if given.startswith(_PREFIX) else "" for given in signatures]
    verify_hex(secrets, digests, _stamped(stamps[0], body))
    return abs(now.timestamp() - int(stamps[0])) <= TOLERANCE.total_seconds()


def _stamped(stamp: str, body: bytes) -> bytes:
    return stamp.encode() + b"." + body
