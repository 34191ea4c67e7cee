"""The signature over time and body: one header each, five minutes either way, and old ones still rightly signed."""

import hashlib
import hmac
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import BadSignature
from bot.providers.signing import sign_stamped, verify_stamped
from tests.parts import MORNING

NEW, OLD = b"the secret of this year", b"the secret of last year"
BODY = b'{"job_id": 5}'
STAMP = str(int(MORNING.timestamp()))


def sign(secret: bytes, stamp: str = STAMP, body: bytes = BODY) -> str:
    return "sha256=" + hmac.new(secret, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def test_what_is_signed_here_is_what_vendors_sign() -> None:
    assert sign_stamped(NEW, STAMP, BODY) == sign(NEW)


@pytest.mark.parametrize(
    ("age", "fresh"), [(0, True), (299, True), (300, True), (301, False), (-300, True), (-301, False), (86_400, False)]
)
def test_five_minutes_either_way_are_fresh_and_anything_else_is_only_old(age: int, fresh: bool) -> None:
    assert verify_stamped([NEW], [sign(NEW)], [STAMP], BODY, MORNING + timedelta(seconds=age)) is fresh


@pytest.mark.parametrize("stamp", ["0", "000000000000000", "999999999999999", f"{STAMP}000"])
def test_a_far_off_time_that_was_rightly_signed_is_not_refused(stamp: str) -> None:
    assert verify_stamped([NEW], [sign(NEW, stamp)], [stamp], BODY, MORNING) is False


@pytest.mark.parametrize("stamp", ["", " ", f"{STAMP} ", f"-{STAMP}", f"{STAMP}.0", "now", "١٢٣", "1e9", "9" * 16])
def test_a_time_that_is_no_number_of_seconds_is_refused_even_if_signed(stamp: str) -> None:
    with pytest.raises(BadSignature, match="timestamp"):
        verify_stamped([NEW], [sign(NEW, stamp)], [stamp], BODY, MORNING)


@pytest.mark.parametrize("signatures", [0, 2])
def test_exactly_one_signature_is_allowed(signatures: int) -> None:
    with pytest.raises(BadSignature):
        verify_stamped([NEW], [sign(NEW)] * signatures, [STAMP], BODY, MORNING)


@pytest.mark.parametrize("stamps", [0, 2])
def test_exactly_one_time_is_allowed(stamps: int) -> None:
    with pytest.raises(BadSignature):
        verify_stamped([NEW], [sign(NEW)], [STAMP] * stamps, BODY, MORNING)


HEX = sign(NEW).removeprefix("sha256=")
BARE = hmac.new(NEW, BODY, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "form",
    [
        "",
        HEX,
        f"sha1={HEX}",
        f"SHA256={HEX}",
        f"sha256={HEX} ",
        f"sha256= {HEX}",
        f"sha256=sha256={HEX}",
        f"v1={HEX}",
        f"sha256={BARE}",
        BARE,
        "sha256=",
        "sha256=٠",
    ],
)
def test_any_other_form_is_refused_also_the_one_of_the_body_alone(form: str) -> None:
    with pytest.raises(BadSignature):
        verify_stamped([NEW], [form], [STAMP], BODY, MORNING)


def test_hex_digits_may_be_of_either_case() -> None:
    assert verify_stamped([NEW], [f"sha256={HEX.upper()}"], [STAMP], BODY, MORNING)


def test_either_of_two_secrets_will_do_and_none_configured_never() -> None:
    assert verify_stamped([NEW, OLD], [sign(OLD)], [STAMP], BODY, MORNING)
    for secrets in ([], [b""], [OLD]):
        with pytest.raises(BadSignature):
            verify_stamped(secrets, [sign(NEW)], [STAMP], BODY, MORNING)


@settings(deadline=None)
@given(body=st.binary(max_size=60), moved=st.integers(1, 10**9))
def test_the_time_is_signed_too_so_it_cannot_be_renewed(body: bytes, moved: int) -> None:
    assert verify_stamped([NEW], [sign(NEW, body=body)], [STAMP], body, MORNING)
    with pytest.raises(BadSignature, match="differs"):
        verify_stamped([NEW], [sign(NEW, body=body)], [str(int(STAMP) + moved)], body, MORNING)


@settings(deadline=None)
@given(st.lists(st.text(max_size=80), max_size=2), st.lists(st.text(max_size=20) | st.just(STAMP), max_size=2))
def test_any_text_in_the_headers_is_refused_and_nothing_else_is_raised(given: list[str], stamps: list[str]) -> None:
    with pytest.raises(BadSignature):
        verify_stamped([NEW], given, stamps, BODY, MORNING)
