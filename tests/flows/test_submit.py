"""A member's wish is accepted within limits, asked for once, and never left in limbo."""

from datetime import timedelta

import pytest

from bot.domain.errors import BadOption, NotAllowedHere, NotYours, OutOfCredits, Refusal, TooManyToday
from bot.domain.ports import Limits
from bot.domain.task import MAX_PROMPT, Origin, Request, State, Task
from bot.domain.track import Outcome
from tests.flows.bench import PUBLIC_URL, Bench
from tests.parts import ADA, BOB, CHANNEL, GUILD
from tests.providers.musicmint_samples import MINT


async def test_the_vendor_gets_the_wish_and_an_address_with_the_key(bench: Bench) -> None:
    task = await bench.accept("rain", style="lofi", title="Tin Roof", instrumental=True)
    assert await bench.submit.step()
    assert bench.vendor.requests[0].body == {
        "prompt": "rain",
        "tags": "lofi",
        "title": "Tin Roof",
        "make_instrumental": True,
        "callback_url": f"{PUBLIC_URL}/callbacks/musicmint/{task.key}",
    }
    assert await bench.state(task) is State.SUBMITTED


@pytest.mark.parametrize(
    ("option", "wish"),
    [
        ("prompt", {"prompt": ""}),
        ("prompt", {"prompt": " \n "}),
        ("prompt", {"prompt": "\u200b\u200d"}),
        ("prompt", {"prompt": "x" * (MAX_PROMPT + 1)}),
        ("style", {"style": "x" * 201}),
        ("title", {"title": "x" * 81}),
    ],
)
async def test_an_option_that_is_empty_or_too_long_is_refused(bench: Bench, option: str, wish: dict[str, str]) -> None:
    with pytest.raises(BadOption) as refused:
        await bench.accept(**wish)
    assert refused.value.option == option
    assert await kept(bench) == 0


async def test_more_than_two_at_once_wait_until_one_is_done(bench: Bench) -> None:
    tasks = [await bench.accept(f"song {number}") for number in range(3)]
    while await bench.submit.step():
        pass
    assert [await bench.state(task) for task in tasks] == [State.SUBMITTED, State.SUBMITTED, State.WAITING]
    done = (await bench.task(tasks[0].id)).provider_task_id
    assert done is not None
    await bench.finish(done)
    await bench.call_back(tasks[0].key, done)
    assert await bench.submit.step()
    assert await bench.state(tasks[2]) is State.SUBMITTED


async def test_what_waits_is_told_how_many_are_before_it(bench: Bench) -> None:
    ahead = []
    for number in range(3):
        task = await bench.submit.accept(*wish_of(f"song {number}"))
        ahead.append(task.ahead)
    assert ahead == [0, 0, 2]


async def test_one_member_does_not_hold_up_another(bench: Bench) -> None:
    for number in range(3):
        await bench.accept(f"song {number}")
    theirs = await bench.accept("mine", member=BOB)
    while await bench.submit.step():
        pass
    assert await bench.state(theirs) is State.SUBMITTED


async def test_the_day_is_used_up_and_says_when_the_next_is_free(bench: Bench) -> None:
    first = bench.clock()
    for number in range(5):
        await bench.accept(f"song {number}")
        bench.clock.advance(hours=1)
    with pytest.raises(TooManyToday) as refused:
        await bench.accept("one too many")
    assert refused.value.free_at == first + timedelta(days=1)
    bench.clock.now = refused.value.free_at
    assert await bench.accept("a new day")


async def test_failed_tasks_do_not_count_against_the_day(bench: Bench) -> None:
    bench.vendor.behaviour.status = 400
    for number in range(8):
        await bench.accept(f"song {number}")
        await bench.submit.step()
    assert await kept(bench) == 8


async def test_a_task_is_not_asked_for_before_the_member_is_answered(bench: Bench) -> None:
    accepted = await bench.submit.accept(*wish_of("rain"))
    assert not await bench.submit.step()
    await bench.submit.answered(accepted.task.id, 42)
    assert await bench.submit.step()


async def test_a_task_whose_answer_never_went_out_goes_by_itself_after_a_while(bench: Bench) -> None:
    await bench.submit.accept(*wish_of("rain"))
    bench.clock.advance(seconds=11)
    assert await bench.submit.step()


async def test_a_withdrawn_task_leaves_nothing(bench: Bench) -> None:
    accepted = await bench.submit.accept(*wish_of("rain"))
    await bench.submit.withdraw(accepted.task.id)
    assert await kept(bench) == 0


@pytest.mark.parametrize(
    ("status", "failure"), [(400, "rejected"), (401, "key"), (403, "key"), (402, "credits")], ids=str
)
async def test_a_refusal_fails_the_task_with_its_reason(bench: Bench, status: int, failure: str) -> None:
    bench.vendor.behaviour.status = status
    task = await bench.accept()
    await bench.submit.step()
    found = await bench.task(task.id)
    assert (found.state, found.failure) == (State.FAILED, failure)


async def test_without_credits_the_vendor_is_left_alone_for_some_minutes(bench: Bench) -> None:
    bench.vendor.behaviour.status = 402
    await bench.accept()
    await bench.submit.step()
    with pytest.raises(OutOfCredits):
        await bench.accept()
    assert len(bench.vendor.requests) == 1
    bench.clock.advance(minutes=6)
    assert await bench.accept()


async def test_a_busy_vendor_is_asked_again_as_late_as_it_says(bench: Bench) -> None:
    bench.vendor.behaviour.status, bench.vendor.behaviour.retry_after = 429, 30
    task = await bench.accept()
    await bench.submit.step()
    assert await bench.state(task) is State.WAITING
    bench.vendor.behaviour.status = None
    bench.clock.advance(seconds=29)
    assert not await bench.submit.step()
    bench.clock.advance(seconds=10)
    assert await bench.submit.step()
    assert await bench.state(task) is State.SUBMITTED


async def test_a_vendor_that_is_not_there_is_tried_three_times(bench: Bench) -> None:
    task = await bench.accept()
    await bench.vendor.__aexit__(None, None, None)
    states = []
    for _ in range(3):
        await bench.submit.step()
        states.append(await bench.state(task))
        bench.clock.advance(minutes=1)
    assert states == [State.WAITING, State.WAITING, State.FAILED]
    assert (await bench.task(task.id)).failure == "down"
    await bench.vendor.__aenter__()


@pytest.mark.parametrize("nonsense", [b"", b"<html>", b"[]", b'{"code": 0, "data": {}}', b'{"code": 0}'])
async def test_nonsense_is_unknown_and_never_asked_for_again(bench: Bench, nonsense: bytes) -> None:
    bench.vendor.behaviour.body = nonsense
    task = await bench.accept()
    await bench.submit.step()
    assert await bench.state(task) is State.UNKNOWN
    bench.clock.advance(days=1)
    assert not await bench.submit.step()
    assert len(bench.vendor.requests) == 1


async def test_a_server_error_without_the_vendors_words_is_unknown(bench: Bench) -> None:
    bench.vendor.behaviour.status = 500
    task = await bench.accept()
    await bench.submit.step()
    assert await bench.state(task) is State.UNKNOWN


async def test_a_503_in_the_vendors_own_words_was_surely_not_accepted(bench: Bench) -> None:
    bench.vendor.behaviour.status = 503
    task = await bench.accept()
    await bench.submit.step()
    assert await bench.state(task) is State.WAITING


async def test_an_error_nobody_foresaw_leaves_no_task_in_limbo(bench: Bench) -> None:
    class Broken:
        contract, calls_back = MINT.contract, True

        async def submit(self, task: Task) -> str:
            raise ZeroDivisionError

        async def look_up(self, provider_task_id: str) -> Outcome:
            raise NotImplementedError

        async def find_lost(self, task: Task) -> str | None:
            raise NotImplementedError

    bench.providers["musicmint"] = Broken()
    task = await bench.accept()
    await bench.submit.step()
    assert await bench.state(task) is State.UNKNOWN


async def test_cancelled_before_it_was_asked_for_it_never_is(bench: Bench) -> None:
    task = await bench.accept()
    assert await bench.submit.cancel(task.id, ADA) is State.WAITING
    assert not await bench.submit.step()
    assert bench.vendor.requests == []


async def test_nobody_cancels_for_another(bench: Bench) -> None:
    task = await bench.accept()
    with pytest.raises(NotYours):
        await bench.submit.cancel(task.id, BOB)
    assert await bench.state(task) is State.WAITING


async def test_a_task_that_has_ended_cannot_be_cancelled(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    await bench.call_back(task.key, theirs)
    assert await bench.submit.cancel(task.id, ADA) is None


class TestAllowedGuilds:
    """ALLOWED_GUILDS keeps strangers from spending."""

    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(2, 5, frozenset({GUILD}))

    async def test_another_server_is_refused(self, bench: Bench) -> None:
        with pytest.raises(NotAllowedHere):
            await bench.accept(guild=GUILD + 1)
        assert await kept(bench) == 0

    async def test_a_stranger_in_direct_messages_is_refused(self, bench: Bench) -> None:
        with pytest.raises(Refusal):
            await bench.accept(guild=None)

    async def test_a_member_of_the_server_may_use_direct_messages(self, bench: Bench) -> None:
        await bench.accept(guild=GUILD)
        assert await bench.accept(guild=None)


def wish_of(prompt: str) -> tuple[Request, Origin, str]:
    """Return what a command hands over."""
    return Request(prompt), Origin(ADA, CHANNEL, GUILD), "musicmint"


async def kept(bench: Bench) -> int:
    """Return how many tasks are in the store."""
    return await bench.database.read(lambda db: int(db.execute("SELECT count(*) FROM tasks").fetchone()[0]))
