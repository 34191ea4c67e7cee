"""Checking that a callback was signed with our secret."""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

from bot.domain.errors import BadSignature

_HEX_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)


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
