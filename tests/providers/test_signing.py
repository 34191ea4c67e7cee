"""The signature check by itself: over the bytes, by every secret, and never without one."""

import ast
import hashlib
import hmac
import inspect
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadSignature
from bot.providers import signing
from bot.providers.signing import verify_hex

NEW, OLD = b"the secret of this year", b"the secret of last year"
BODY = b'{"task_id": "t"}'

secrets = st.binary(min_size=16, max_size=40)


def sign(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def test_a_signature_known_from_elsewhere_is_right() -> None:
    # RFC 4231, test case 2
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert verify_hex([b"Jefe"], [digest], b"what do ya want for nothing?") == 0


@settings(deadline=None)
@given(secret=secrets, body=st.binary(max_size=300))
def test_what_was_signed_verifies_in_any_case_of_its_digits(secret: bytes, body: bytes) -> None:
    signature = sign(secret, body)
    assert verify_hex([secret], [signature], body) == verify_hex([secret], [signature.upper()], body) == 0


@settings(deadline=None)
@given(secret=secrets, body=st.binary(min_size=1, max_size=300), data=st.data())
def test_any_other_bit_of_body_secret_or_signature_is_refused(secret: bytes, body: bytes, data: st.DataObject) -> None:
    signature = bytes.fromhex(sign(secret, body))
    parts = [secret, signature, body]
    which = data.draw(st.integers(0, 2))
    bit = data.draw(st.integers(0, len(parts[which]) * 8 - 1))
    parts[which] = (int.from_bytes(parts[which]) ^ 1 << bit).to_bytes(len(parts[which]))
    with pytest.raises(BadSignature, match="differs"):
        verify_hex([parts[0]], [parts[1].hex()], parts[2])


@settings(deadline=None)
@given(given=st.lists(st.text(max_size=80) | st.text("0123456789abcdefABCDEF ", max_size=70), max_size=3))
def test_any_text_in_the_header_is_refused_and_nothing_else_is_raised(given: list[str]) -> None:
    with pytest.raises(BadSignature):
        verify_hex([NEW, OLD], given, BODY)


@pytest.mark.parametrize("odd", ["\n", " ", "\0", "٠", "\udcff"])
def test_64_digits_with_anything_beside_them_are_refused(odd: str) -> None:
    for signature in (sign(NEW, BODY) + odd, odd + sign(NEW, BODY), sign(NEW, BODY)[:-1] + odd):
        with pytest.raises(BadSignature, match="malformed"):
            verify_hex([NEW], [signature], BODY)


def test_either_of_two_secrets_will_do_and_which_one_is_told() -> None:
    assert verify_hex([NEW, OLD], [sign(NEW, BODY)], BODY) == 0
    assert verify_hex([NEW, OLD], [sign(OLD, BODY)], BODY) == 1
    with pytest.raises(BadSignature, match="differs"):
        verify_hex([NEW, OLD], [sign(b"the secret of a third", BODY)], BODY)


@pytest.mark.parametrize("configured", [[], [b""], [NEW, b""], [b"", NEW]])
def test_an_absent_or_empty_secret_refuses_even_what_it_signed(configured: list[bytes]) -> None:
    for secret in (b"", NEW):
        with pytest.raises(BadSignature, match="no secret"):
            verify_hex(configured, [sign(secret, BODY)], BODY)


@pytest.mark.parametrize(("count", "reason"), [(0, "missing"), (2, "more than one"), (3, "more than one")])
def test_exactly_one_signature_is_allowed(count: int, reason: str) -> None:
    with pytest.raises(BadSignature, match=reason):
        verify_hex([NEW], [sign(NEW, BODY)] * count, BODY)


def steps(keys: Sequence[bytes], signature: str) -> int:
    """Count the instructions of our own code that a check takes."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename != signing.__file__:
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        verify_hex(keys, [signature], BODY)
    except BadSignature:
        pass
    finally:
        sys.settrace(before)
    return count


@settings(deadline=None)
@given(signature=st.binary(min_size=32, max_size=32), right_bytes=st.integers(0, 31), key=st.sampled_from([NEW, OLD]))
def test_a_wrong_signature_takes_the_same_steps_wherever_it_goes_wrong(
    signature: bytes, right_bytes: int, key: bytes
) -> None:
    right = bytes.fromhex(sign(key, BODY))
    nearly = right[:right_bytes] + bytes([right[right_bytes] ^ 1]) + signature[right_bytes + 1 :]
    assert steps([NEW, OLD], nearly.hex()) == steps([NEW, OLD], "0" * 64) > 50


def test_a_right_signature_takes_the_same_steps_whichever_secret_made_it() -> None:
    assert steps([NEW, OLD], sign(NEW, BODY)) == steps([NEW, OLD], sign(OLD, BODY)) > 50


def test_only_the_comparison_in_constant_time_looks_at_the_signature() -> None:
    tree = ast.parse(inspect.getsource(signing))
    calls = [ast.unparse(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call)]
    assert calls.count("hmac.compare_digest") == 1
    compared = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Compare)}
    times = "abs(now.timestamp() - int(stamps[0])) <= TOLERANCE.total_seconds()"
    assert compared == {"len(given) != 1", "len(stamps) != 1", times}
