"""What every provider makes of its vendor's signed callbacks, and of those of the other vendors."""

import itertools
from datetime import timedelta
from hashlib import sha256

import pytest

from bot.domain.contract import Worth
from bot.domain.errors import BadCallback, BadSignature
from bot.domain.track import Changed, Completed, Update
from tests.parts import API_KEY, MORNING
from tests.providers.vendor import KEY, Headers, Vendor, digest, stamped
from tests.providers.vendors import CALLING, SONIC, STUDIO

every = pytest.mark.parametrize("vendor", CALLING, ids=str)
SAMPLES = [(vendor, name) for vendor in CALLING for name in vendor.callbacks]
OTHERS = list(itertools.permutations(CALLING, 2))
#: Every name of a header that some vendor signs under, and two more: only one of them is right at each door.
NAMES = {vendor.signed(b"", MORNING)[-1][0] for vendor in CALLING} | {"authorization", "signature"}


def read(vendor: Vendor, body: bytes, headers: Headers, key: str | None = KEY) -> Update | None:
    """Read a callback; a vendor with one address for all has no key."""
    wire = vendor.wire(API_KEY)
    return wire.read_callback(headers, body, key if wire.contract.keyed else None, MORNING)


def some_callback(vendor: Vendor) -> bytes:
    """Return a callback about a task."""
    return vendor.sample(next(name for name, said in vendor.callbacks.items() if said is not None))


@pytest.mark.parametrize(("vendor", "name"), SAMPLES, ids=[f"{vendor} {name}" for vendor, name in SAMPLES])
def test_each_callback_of_its_pages_has_its_meaning(vendor: Vendor, name: str) -> None:
    body, meaning = vendor.sample(name), vendor.callbacks[name]
    update = read(vendor, body, vendor.signed(body, MORNING))
    if meaning is None:
        assert update is None
        return
    assert update is not None
    assert isinstance(update.outcome, meaning)
    assert update.provider == vendor.wire(API_KEY).contract.name


@every
def test_its_worth_is_what_the_contract_says(vendor: Vendor) -> None:
    results = Completed in vendor.callbacks.values()
    assert results is (vendor.wire(API_KEY).contract.callbacks is Worth.RESULT)


@every
def test_news_can_be_told_whose_it_is(vendor: Vendor) -> None:
    body = some_callback(vendor)
    update = read(vendor, body, vendor.signed(body, MORNING))
    assert update is not None
    assert update.provider_task_id is not None or update.key == KEY
    assert (update.key == KEY) is vendor.wire(API_KEY).contract.keyed


@every
@pytest.mark.parametrize("body", ["a callback", b"not JSON", b"[]"])
def test_a_signature_that_is_not_right_is_refused_before_anything_is_read(vendor: Vendor, body: bytes | str) -> None:
    told = some_callback(vendor) if isinstance(body, str) else body
    right = vendor.signed(told, MORNING)
    wrong = {
        "none": [],
        "of other bytes": vendor.signed(told + b" ", MORNING),
        "of another secret": vendor.signed(told, MORNING, secret="another secret"),
        "of an empty secret": vendor.signed(told, MORNING, secret=""),
        "twice": right + right,
        "cut": [(name, value[:-1]) for name, value in right],
        "not hex": [(name, "z" * 64) for name, _ in right],
        "longer": [(name, value + "0") for name, value in right],
    }
    for headers in wrong.values():
        with pytest.raises(BadSignature):
            read(vendor, told, headers)


@every
def test_a_signed_body_that_is_no_callback_is_told_apart(vendor: Vendor) -> None:
    for body in (b"not JSON", b"", b"[]", b"null", b"[" * 50_000, b"\xff"):
        with pytest.raises(BadCallback):
            read(vendor, body, vendor.signed(body, MORNING))


@pytest.mark.parametrize(("vendor", "other"), OTHERS, ids=[f"{other} at {vendor}" for vendor, other in OTHERS])
def test_the_forms_of_other_vendors_are_refused(vendor: Vendor, other: Vendor) -> None:
    for body, secret in itertools.product((some_callback(vendor), some_callback(other)), (other.secret, vendor.secret)):
        headers = other.signed(body, MORNING, secret=secret)
        # Two vendors may sign in one form: then the secret alone tells them apart.
        if headers != vendor.signed(body, MORNING):
            with pytest.raises(BadSignature):
                read(vendor, body, headers)


def test_no_two_vendors_share_a_secret() -> None:
    assert len({vendor.secret for vendor in CALLING}) == len(CALLING)


@every
def test_the_right_header_with_anothers_way_of_signing_is_refused(vendor: Vendor) -> None:
    body = some_callback(vendor)
    right, secret = vendor.signed(body, MORNING), vendor.secret
    forms = {digest(secret, body), "sha256=" + digest(secret, body)}
    forms |= {stamped("x", body, MORNING, one)[1][1] for one in (secret, digest(secret, KEY.encode()))}
    forms |= {form.removeprefix("sha256=") for form in forms}
    assert right[-1][1] in forms
    for name, form in itertools.product(NAMES, forms):
        if (name, form) != right[-1]:
            with pytest.raises(BadSignature):
                read(vendor, body, [*right[:-1], (name, form)])


@every
@pytest.mark.parametrize("minutes", [-24 * 60, -6, 6, 24 * 60])
def test_one_whose_signed_time_is_far_off_only_says_ask(vendor: Vendor, minutes: int) -> None:
    body = some_callback(vendor)
    headers = vendor.signed(body, MORNING + timedelta(minutes=minutes))
    update = read(vendor, body, headers)
    assert update is not None
    signs_the_time = len(headers) > 1
    assert isinstance(update.outcome, Changed) is signs_the_time


@every
def test_a_time_that_nobody_signed_is_refused(vendor: Vendor) -> None:
    body = some_callback(vendor)
    *stamp, signature = vendor.signed(body, MORNING - timedelta(hours=1))
    for (name, _), other in itertools.product(stamp, (MORNING, MORNING - timedelta(hours=2))):
        with pytest.raises(BadSignature):
            read(vendor, body, [(name, str(int(other.timestamp()))), signature])


@every
def test_a_repetition_has_the_digest_of_the_first_and_other_news_another(vendor: Vendor) -> None:
    bodies = [vendor.sample(name) for name, said in vendor.callbacks.items() if said is not None]
    digests = []
    for body in bodies:
        near = (MORNING, MORNING + timedelta(seconds=59))
        first, again = (read(vendor, body, vendor.signed(body, at)) for at in near)
        assert first is not None
        assert again is not None
        assert first.digest == again.digest
        assert len(first.digest or b"") == sha256().digest_size
        digests.append(first.digest)
    assert len(set(digests)) == len(bodies)


@every
def test_one_for_another_task_is_refused_or_is_about_the_task_it_names(vendor: Vendor) -> None:
    body = some_callback(vendor)
    signed_for_another = vendor.signed(body, MORNING, key="the-key-of-another-task")
    try:
        update = read(vendor, body, signed_for_another)
    except BadSignature:
        return
    assert update is not None
    # The signature says nothing of the key: the signed id decides whose it is.
    assert update.provider_task_id is not None


@every
def test_our_own_trial_is_signed_as_the_vendor_would(vendor: Vendor) -> None:
    wire = vendor.wire(API_KEY)
    headers, body = wire.own_callback("minstrel-doctor", KEY, MORNING)
    given = {name.lower(): value for name, value in headers.items()}
    assert given.items() >= dict(vendor.signed(body, MORNING)).items()
    assert read(vendor, body, list(given.items())) is not None


def test_a_family_without_callbacks_takes_none() -> None:
    body = SONIC.sample("callback_succeeded")
    for vendor in CALLING:
        with pytest.raises(BadSignature):
            STUDIO.wire(API_KEY).read_callback(vendor.signed(body, MORNING), body, KEY, MORNING)
