"""Only what the provider signed gets in: the signature, over a real socket."""

import asyncio
import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.store.database import Database
from tests.callback_desk import OLD_SECRET, Answer, Desk, completed, failed, open_desk, result, signed
from tests.parts import SECRET, Clock

BODY = completed()
RIGHT = signed(BODY)
RAW = hmac.digest(SECRET.encode(), BODY, hashlib.sha256)


@pytest.fixture
async def desk(database: Database, clock: Clock) -> AsyncIterator[Desk]:
    async with open_desk(database, clock) as opened:
        yield opened


@pytest.mark.parametrize("signature", [RIGHT, RIGHT.upper(), RIGHT[:32].upper() + RIGHT[32:], f"  {RIGHT}\t"])
async def test_the_right_64_hex_digits_are_accepted_in_any_case(desk: Desk, signature: str) -> None:
    task = await desk.task()
    assert (await desk.post(task.key, BODY, f"X-Signature: {signature}")).status == 204
    assert desk.row(task)["state"] == "completed"


WRONG = {
    "one bit changed": f"{RAW[0] ^ 1:02x}{RIGHT[2:]}",
    "last bit changed": f"{RIGHT[:-2]}{RAW[-1] ^ 128:02x}",
    "truncated by a byte": RIGHT[:-2],
    "truncated by a digit": RIGHT[:-1],
    "one digit too long": f"{RIGHT}0",
    "one byte too long": f"{RIGHT}00",
    "empty": "",
    "only spaces": " " * 64,
    "spaces between the bytes": " ".join(RIGHT[i : i + 2] for i in range(0, 64, 2)),
    "64 characters with a space among them": f"{RIGHT[:31]} {RIGHT[32:]}",
    "not hex": f"{RIGHT[:-1]}g",
    "0x before it": f"0x{RIGHT}",
    "quoted": f'"{RIGHT}"',
    "algorithm before it": f"sha256={RIGHT}",
    "version before it": f"v1,{RIGHT}",
    "two in one header": f"{RIGHT}, {RIGHT}",
    "base64": base64.b64encode(RAW).decode(),
    "base64url": base64.urlsafe_b64encode(RAW).decode(),
    "Latin-1": f"{RIGHT[:-1]}\xe9",
    "bytes that are no UTF-8": "\xff\xfe" * 32,
    "full-width digits": ("４２" * 32).encode().decode("latin-1"),
    "another secret's": signed(BODY, "the secret of another application"),
    "another body's": signed(completed("mm-2")),
    "an empty secret's": hmac.new(b"", BODY, hashlib.sha256).hexdigest(),
    "the plain digest": hashlib.sha256(BODY).hexdigest(),
}


async def test_any_other_signature_is_401_and_leaves_nothing(desk: Desk, subtests: pytest.Subtests) -> None:
    task = await desk.task()
    before = desk.trace()
    for kind, signature in WRONG.items():
        with subtests.test(kind):
            assert (await desk.post(task.key, BODY, f"X-Signature: {signature}")).status == 401
            assert (desk.trace(), desk.told) == (before, [])


async def test_without_a_signature_it_is_401(desk: Desk) -> None:
    task = await desk.task()
    assert (await desk.post(task.key, BODY)).status == 401
    assert desk.row(task)["state"] == "submitted"


async def test_two_signatures_are_401_whichever_is_right(desk: Desk) -> None:
    task = await desk.task()
    for first, second in ((RIGHT, RIGHT), (RIGHT, "0" * 64), ("0" * 64, RIGHT), (RIGHT, "")):
        answer = await desk.post(task.key, BODY, f"X-Signature: {first}", f"x-signature: {second}")
        assert answer.status == 401
    assert desk.row(task)["state"] == "submitted"


async def test_a_signature_under_another_name_is_401(desk: Desk) -> None:
    task = await desk.task()
    answer = await desk.post(task.key, BODY, f"X-Signature-256: {RIGHT}", f"X_Signature: {RIGHT}")
    assert answer.status == 401


async def test_one_changed_bit_of_the_body_is_401(desk: Desk) -> None:
    task = await desk.task()
    for bit in (0, 7, len(BODY) * 4, len(BODY) * 8 - 1):
        body = bytearray(BODY)
        body[bit // 8] ^= 1 << bit % 8
        assert (await desk.post(task.key, bytes(body), f"X-Signature: {RIGHT}")).status == 401


def but_for_the_date(answer: Answer) -> Answer:
    """Return an answer without what differs from second to second."""
    return replace(answer, headers={name: value for name, value in answer.headers.items() if name != "date"})


async def test_no_401_tells_why(desk: Desk) -> None:
    task = await desk.task()
    refused = [[], [f"X-Signature: {RIGHT}"] * 2, *([f"X-Signature: {signature}"] for signature in WRONG.values())]
    first, *others = [but_for_the_date(await desk.post(task.key, BODY, *headers)) for headers in refused]
    others += [but_for_the_date(await desk.post("nobodys-key", BODY, f"X-Signature: {RIGHT[::-1]}"))]
    assert (first.status, first.body) == (401, b"unauthorized\n")
    assert all(other == first for other in others)


OTHER_BYTES = {
    "other spacing": json.dumps(json.loads(BODY), separators=(",", ":")).encode(),
    "other order": json.dumps(json.loads(BODY), sort_keys=True).encode(),
    "escaped slashes": BODY.replace(b"/", rb"\/"),
    "a newline at the end": BODY + b"\n",
}


async def test_the_same_json_in_other_bytes_is_401(desk: Desk, subtests: pytest.Subtests) -> None:
    task = await desk.task()
    for kind, again in OTHER_BYTES.items():
        with subtests.test(kind):
            assert json.loads(again) == json.loads(BODY)
            assert (await desk.post(task.key, again, f"X-Signature: {RIGHT}")).status == 401


async def test_during_a_change_of_secrets_either_is_accepted_and_the_old_one_is_told_each_time(desk: Desk) -> None:
    first, second = await desk.task("mm-1"), await desk.task("mm-2")
    assert (await desk.callback(first.key, completed("mm-1"))).status == 204
    assert desk.log.about("callback signed with the old secret") == []
    assert (await desk.callback(second.key, completed("mm-2"), OLD_SECRET)).status == 204
    assert (await desk.callback(second.key, completed("mm-2"), OLD_SECRET)).status == 204
    assert [line["count"] for line in desk.log.about("callback signed with the old secret")] == [1, 2]
    assert [desk.row(task)["state"] for task in (first, second)] == ["completed", "completed"]


async def test_at_another_tasks_address_the_signed_task_id_decides(desk: Desk) -> None:
    mine, other = await desk.task("mm-1"), await desk.task("mm-2")
    before = tuple(desk.row(other))
    assert (await desk.callback(other.key, completed("mm-1"))).status == 204
    assert desk.row(mine)["state"] == "completed"
    assert tuple(desk.row(other)) == before
    assert desk.titles(other) == []


async def test_a_foreign_task_id_at_the_address_of_a_bound_task_changes_nothing(desk: Desk) -> None:
    task = await desk.task("mm-1")
    before = tuple(desk.row(task))
    assert (await desk.callback(task.key, failed("somebody-elses"))).status == 204
    assert tuple(desk.row(task)) == before
    assert desk.told == []


async def test_a_callback_before_the_submits_answer_finds_its_task_by_the_address(desk: Desk) -> None:
    early, other = await desk.task(None), await desk.task(None)
    assert (await desk.callback(early.key, completed("mm-1"))).status == 204
    assert (desk.row(early)["state"], desk.row(early)["provider_task_id"]) == ("completed", "mm-1")
    assert desk.row(other)["provider_task_id"] is None


async def test_a_compressed_body_is_checked_as_it_came_and_never_unpacked(desk: Desk) -> None:
    task = await desk.task()
    bomb = gzip.compress(json.dumps({"task_id": "mm-1", "status": "completed", "x": "0" * 2_000_000}).encode())
    encoding = "Content-Encoding: gzip"
    over_the_wire = await desk.post(task.key, bomb, encoding, f"X-Signature: {signed(bomb)}")
    small = gzip.compress(BODY)
    over_the_content = await desk.post(task.key, small, encoding, f"X-Signature: {RIGHT}")
    assert (over_the_wire.status, over_the_content.status) == (400, 401)
    assert desk.row(task)["state"] == "submitted"


async def test_forged_callbacks_leave_nothing_but_one_line_and_a_good_one_gets_through(desk: Desk) -> None:
    task = await desk.task()
    before = desk.trace()
    forged = [desk.post(task.key, BODY, f"X-Signature: {number:064x}") for number in range(200)]
    *refused, good = await asyncio.gather(*forged, desk.callback("nobodys-key", completed("mm-9", result("c"))))
    assert {answer.status for answer in refused} == {401}
    assert good.status == 204
    assert desk.trace()[:2] == before[:2]
    assert [row["provider_task_id"] for row in desk.rows("SELECT * FROM strays")] == ["mm-9"]
    assert len(desk.log.about("callback refused")) == 1
