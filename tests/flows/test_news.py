"""Callbacks, polls and lost answers in any order end in the same place, once."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.domain.ports import Recorded
from bot.domain.task import State, Task
from bot.domain.track import Completed, Failed, Outcome, Running, Update
from bot.store.moves import recover
from bot.store.news import MOST_STRAYS
from bot.store.rows import to_ms
from tests.flows.bench import Bench
from tests.parts import ADA, make_track


async def test_a_callback_completes_the_task_and_readies_its_delivery(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    assert await bench.call_back(task.key, theirs) is Recorded.NEWS
    assert await bench.state(task) is State.COMPLETED
    assert (await bench.task(task.id)).delivery == "ready"
    assert len(await bench.deliveries.tracks(task.id)) == 2
    assert bench.woken == ["news"]


async def test_the_same_callback_again_is_old(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    results = await asyncio.gather(*(bench.call_back(task.key, theirs) for _ in range(50)))
    assert sorted(result.name for result in results) == ["NEWS"] + ["OLD"] * 49


async def test_a_callback_that_crosses_a_poll_is_recorded_once(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    bench.clock.advance(minutes=4)
    await asyncio.gather(bench.call_back(task.key, theirs), bench.reconcile.step())
    assert await bench.state(task) is State.COMPLETED
    assert len(await bench.deliveries.tracks(task.id)) == 2
    assert bench.woken.count("news") == 1


async def test_a_callback_before_the_submits_answer_is_joined_by_its_key(bench: Bench) -> None:
    task = await bench.accept()
    claimed = await bench.store.claim_waiting(bench.clock(), 2)
    assert claimed is not None
    theirs = await bench.providers["musicmint"].submit(claimed)
    await bench.finish(theirs)
    assert await bench.call_back(task.key, theirs) is Recorded.NEWS
    assert not await bench.store.submitted(task.id, theirs, bench.clock())
    assert await bench.state(task) is State.COMPLETED


async def test_a_lost_answer_is_resolved_by_the_callback(bench: Bench) -> None:
    task = await bench.accept()
    hold = bench.vendor.hold_creates()
    submitting = asyncio.create_task(bench.submit.step())
    theirs = await hold.reached()
    hold.drop()
    await submitting
    assert await bench.state(task) is State.UNKNOWN
    await bench.finish(theirs)
    assert await bench.call_back(task.key, theirs) is Recorded.NEWS
    assert await bench.state(task) is State.COMPLETED


async def test_an_unknown_task_fails_after_half_an_hour_and_not_before(bench: Bench) -> None:
    task = await bench.accept()
    bench.vendor.behaviour.body = b"nonsense"
    await bench.submit.step()
    bench.clock.advance(minutes=29)
    await bench.reconcile.step()
    assert await bench.state(task) is State.UNKNOWN
    bench.clock.advance(minutes=1)
    await bench.reconcile.step()
    assert await bench.state(task) is State.FAILED
    assert (await bench.task(task.id)).failure == "lost"


async def test_a_restart_does_not_cut_the_half_hour_short(bench: Bench) -> None:
    task = await bench.accept()
    bench.vendor.behaviour.body = b"nonsense"
    await bench.submit.step()
    bench.clock.advance(minutes=5)
    await bench.database.write(lambda db: recover(db, bench.clock()))
    await bench.reconcile.step()
    assert await bench.state(task) is State.UNKNOWN
    bench.clock.advance(minutes=25)
    await bench.reconcile.step()
    assert await bench.state(task) is State.FAILED


async def test_a_success_after_a_failure_wins(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    failed = Update("musicmint", theirs, Failed("no capacity"), task.key, b"1" * 32)
    assert await bench.intake.apply(failed) is Recorded.NEWS
    await bench.finish(theirs)
    assert await bench.call_back(task.key, theirs) is Recorded.NEWS
    assert await bench.state(task) is State.COMPLETED


async def test_a_failure_after_a_success_is_old(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    await bench.call_back(task.key, theirs)
    failed = Update("musicmint", theirs, Failed("too late"), task.key, b"2" * 32)
    assert await bench.intake.apply(failed) is Recorded.OLD
    assert await bench.state(task) is State.COMPLETED


async def test_of_two_different_results_the_first_stands(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    for number, clip in enumerate((b"1", b"2")):
        update = Update("musicmint", theirs, Completed((make_track(f"clip-{number}"),)), task.key, clip * 32)
        await bench.intake.apply(update)
    assert [track.clip_id for track in await bench.deliveries.tracks(task.id)] == ["clip-0"]


async def test_a_callback_at_another_tasks_address_changes_nothing_there(bench: Bench) -> None:
    one, theirs = await bench.submitted("one")
    other, _ = await bench.submitted("other")
    await bench.finish(theirs)
    await bench.call_back(other.key, theirs)
    assert await bench.state(other) is State.SUBMITTED
    assert await bench.state(one) is State.COMPLETED


async def test_an_unknown_id_at_a_bound_address_changes_nothing(bench: Bench) -> None:
    task, _ = await bench.submitted()
    stray = Update("musicmint", "somebody-elses", Completed((make_track(),)), task.key, b"3" * 32)
    assert await bench.intake.apply(stray) is Recorded.STRAY
    assert await bench.state(task) is State.SUBMITTED


async def test_strays_are_kept_only_for_a_week(bench: Bench) -> None:
    for number in range(3):
        await bench.intake.apply(Update("musicmint", f"stray-{number}", Running(), "no-key", bytes([number]) * 32))
        bench.clock.advance(days=5)
    query = "SELECT provider_task_id FROM strays"
    rows = await bench.database.read(lambda db: [row[0] for row in db.execute(query)])
    assert rows == ["stray-1", "stray-2"]


async def test_a_cancelled_tasks_result_is_recorded_and_not_delivered(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.submit.cancel(task.id, ADA)
    await bench.finish(theirs)
    assert await bench.call_back(task.key, theirs) is Recorded.OLD
    found = await bench.task(task.id)
    assert (found.state, found.delivery) == (State.CANCELLED, "none")


async def test_a_success_without_tracks_is_asked_for_once_and_then_fails(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    empty = Update("musicmint", theirs, Completed(()), task.key, b"4" * 32)
    assert await bench.intake.apply(empty) is Recorded.ASK
    assert bench.woken == ["ask"]
    bench.vendor.behaviour.body = b'{"code":0,"data":{"id":"x","status":"completed","results":[]}}'
    assert await bench.reconcile.step()
    assert (await bench.task(task.id)).failure == "empty"


async def test_the_same_empty_success_again_is_not_asked_for_again(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    empty = Update("musicmint", theirs, Completed(()), task.key, b"4" * 32)
    assert [await bench.intake.apply(empty) for _ in range(3)] == [Recorded.ASK, Recorded.OLD, Recorded.OLD]


async def test_an_unreadable_callback_makes_the_provider_be_asked(bench: Bench) -> None:
    task, theirs = await bench.submitted()
    await bench.finish(theirs)
    await bench.intake.unreadable(task.key)
    assert await bench.reconcile.step()
    assert await bench.state(task) is State.COMPLETED


async def test_a_task_that_always_fails_to_be_asked_for_does_not_hold_up_the_others(bench: Bench) -> None:
    poison, _ = await bench.submitted("poison")
    fine, theirs = await bench.submitted("fine")
    await bench.finish(theirs)
    honest = bench.providers["musicmint"]

    class Poisoned:
        contract, calls_back = honest.contract, True

        async def submit(self, task: Task) -> str:
            raise NotImplementedError

        async def look_up(self, provider_task_id: str) -> Outcome:
            if provider_task_id != theirs:
                raise ZeroDivisionError
            return await honest.look_up(provider_task_id)

    bench.providers["musicmint"] = Poisoned()
    bench.clock.advance(minutes=4)
    assert await bench.reconcile.step()
    assert await bench.state(fine) is State.COMPLETED
    assert await bench.state(poison) is State.SUBMITTED


async def test_strays_never_fill_the_disk(bench: Bench) -> None:
    rows = [("musicmint", f"stray-{number}", to_ms(bench.clock())) for number in range(MOST_STRAYS)]
    insert = "INSERT INTO strays (provider, provider_task_id, received_at) VALUES (?, ?, ?)"
    await bench.database.write(lambda db: db.executemany(insert, rows).rowcount)
    assert await bench.intake.apply(Update("musicmint", "one-more", Running(), "no-key", b"5" * 32)) is Recorded.STRAY
    query = "SELECT count(*), min(provider_task_id), max(id) FROM strays"
    found = await bench.database.read(lambda db: tuple(db.execute(query).fetchone()))
    assert found == (MOST_STRAYS, "one-more", MOST_STRAYS + 1)


async def test_an_id_that_the_vendor_gives_out_twice_stays_with_the_first_and_is_logged(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    first, theirs = await bench.submitted("first")
    await bench.finish(theirs)
    await bench.call_back(first.key, theirs)
    second = await bench.accept("second")
    assert await bench.store.claim_waiting(bench.clock(), 2)
    await bench.store.submitted(second.id, theirs, bench.clock() + timedelta(minutes=3))
    again = Update("musicmint", theirs, Completed((make_track("another"),)), second.key, b"6" * 32)
    assert await bench.intake.apply(again) is Recorded.OLD
    assert "another" not in [track.clip_id for track in await bench.deliveries.tracks(first.id)]
    assert await bench.deliveries.tracks(second.id) == []
    assert getattr(caplog.records[-1], "recorded", "") == "old"
    bench.clock.advance(minutes=30)
    await bench.reconcile.step()
    assert (await bench.task(second.id)).failure == "lost"
