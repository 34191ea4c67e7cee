"""From a vendor's callback over real HTTP to the store: early, late, repeated, forged, and told in parts."""

import asyncio

import pytest

from bot.domain.track import Changed, Outcome
from bot.flows.reconcile import Reconcile
from bot.providers.http import HttpProvider
from bot.store.database import Database
from bot.store.moves import recover
from tests.parts import API_KEY, Clock
from tests.providers.vendor import Vendor
from tests.providers.vendors import AUDIOPOD, CALLING, MUSICMINT, SONIC, STUDIO

from .end_to_end import asks, world

every = pytest.mark.parametrize("vendor", CALLING, ids=str)


@every
async def test_a_callback_is_all_it_takes_and_a_hint_costs_one_look_up(
    vendor: Vendor, database: Database, clock: Clock
) -> None:
    async with world(vendor, database, clock) as here:
        task = await here.submitted()
        await here.server.finish(here.newest)
        assert await here.called_back() == [204]
        await here.caught_up()
        row = here.row(task)
        assert (row["state"], row["tracks"], row["missing"]) == ("completed", vendor.tracks, 0)
        assert here.look_ups() == asks(vendor)


@every
async def test_one_that_comes_before_the_answer_to_the_create_is_not_lost(
    vendor: Vendor, database: Database, clock: Clock
) -> None:
    async with world(vendor, database, clock) as here:
        here.server.behaviour.early = True
        task = await here.submitted()
        assert await here.called_back() == [204]
        await here.caught_up()
        assert (here.row(task)["state"], here.row(task)["tracks"]) == ("completed", vendor.tracks)
        assert here.row(task)["provider_task_id"]
        assert here.look_ups() == asks(vendor)


@every
async def test_repetitions_are_taken_and_change_nothing(vendor: Vendor, database: Database, clock: Clock) -> None:
    async with world(vendor, database, clock) as here:
        here.server.behaviour.callbacks = 3
        task = await here.submitted()
        await here.server.finish(here.newest)
        assert await here.called_back() == [204, 204, 204]
        await here.caught_up()
        before = here.trace()
        assert await here.server.resend(here.newest) == 204  # type: ignore[attr-defined]
        await here.caught_up()
        assert here.trace() == before
        assert here.told.count("news") == 1
        assert (here.row(task)["tracks"], here.look_ups()) == (vendor.tracks, asks(vendor))


@every
async def test_a_failure_is_told_in_the_vendors_words(vendor: Vendor, database: Database, clock: Clock) -> None:
    async with world(vendor, database, clock) as here:
        here.server.behaviour.fail_with = words = "no machine was free"
        task = await here.submitted()
        await here.server.finish(here.newest)
        assert set(await here.called_back()) == {204}
        await here.caught_up()
        row = here.row(task)
        assert (row["state"], row["failure"]) == ("failed", "provider")
        assert row["detail"] == (words if vendor.says_why else "")


@every
async def test_one_signed_long_ago_is_a_reason_to_ask(vendor: Vendor, database: Database, clock: Clock) -> None:
    theirs = Clock()
    theirs.advance(minutes=-10)
    async with world(vendor, database, clock, vendors_clock=theirs) as here:
        task = await here.submitted()
        await here.server.finish(here.newest)
        assert await here.called_back() == [204]
        signs_the_time = len(vendor.signed(b"", clock())) > 1
        assert here.told == (["ask"] if signs_the_time else ["news"])
        await here.caught_up()
        assert here.row(task)["state"] == "completed"
        assert here.look_ups() == signs_the_time


async def test_one_signed_long_ago_is_taken_at_its_word_where_there_is_nothing_to_ask_by(
    database: Database, clock: Clock
) -> None:
    theirs = Clock()
    theirs.advance(minutes=-10)
    async with world(SONIC, database, clock, vendors_clock=theirs) as here:
        task = await here.accept()
        assert await here.store.claim_waiting(clock(), 9)
        await here.provider.submit(task)  # carried out, and its answer never noted
        await database.write(lambda db: recover(db, clock()))
        await here.server.finish(here.newest)
        assert await here.called_back() == [204]
        assert here.told == ["news"]
        assert (here.row(task)["state"], here.row(task)["tracks"]) == ("completed", SONIC.tracks)
        before = here.trace()
        assert await here.server.resend(here.newest) == 204  # type: ignore[attr-defined]
        assert here.trace() == before


@every
async def test_a_wrong_signature_is_turned_away_and_leaves_nothing(
    vendor: Vendor, database: Database, clock: Clock
) -> None:
    async with world(vendor, database, clock) as here:
        here.server.behaviour.bad_signature = True
        await here.submitted()
        before = here.trace()
        await here.server.finish(here.newest)
        assert set(await here.called_back()) == {401}
        assert here.trace() == before
        assert here.told == []


@every
async def test_the_forms_of_the_other_vendors_are_turned_away(vendor: Vendor, database: Database, clock: Clock) -> None:
    async with world(vendor, database, clock) as here:
        task = await here.submitted()
        before = here.trace()
        for other in CALLING:
            for name, meaning in other.callbacks.items():
                body = other.sample(name)
                headers = other.signed(body, clock(), key=task.key)
                if other is not vendor:
                    assert await here.post(task.key, body, headers) == 401
                elif meaning in (None, Changed):
                    assert await here.post(task.key, body, headers[:-1]) == 401
        assert here.trace() == before


@every
async def test_one_about_nobodys_task_is_a_stray(vendor: Vendor, database: Database, clock: Clock) -> None:
    async with world(vendor, database, clock) as here:
        body = vendor.sample(next(name for name, meaning in vendor.callbacks.items() if meaning is not None))
        key = "a-key-of-no-task"
        assert await here.post(key, body, vendor.signed(body, clock(), key=key)) == 204
        assert [len(rows) for rows in here.trace()] == [0, 0, 0, 1]


@pytest.mark.parametrize(("vendor", "status"), [(MUSICMINT, 204), (SONIC, 401)], ids=str)
async def test_a_callback_at_anothers_address_never_touches_the_other(
    vendor: Vendor, status: int, database: Database, clock: Clock
) -> None:
    async with world(vendor, database, clock) as here:
        mine = await here.submitted()
        first = here.newest
        other = await here.submitted()
        await here.server.finish(first)
        await here.called_back()
        sent = here.server.callbacks_sent[0]
        assert await here.post(other.key, sent.body, list(sent.headers.items())) == status
        assert (here.row(mine)["state"], here.row(other)["state"]) == ("completed", "submitted")


async def test_what_can_be_heard_already_is_not_the_end_of_it(database: Database, clock: Clock) -> None:
    async with world(SONIC, database, clock) as here:
        task = await here.submitted()
        await here.server.stream(here.newest)  # type: ignore[attr-defined]
        assert await here.called_back() == [204]
        assert (here.row(task)["state"], here.told) == ("submitted", [])
        await here.server.finish(here.newest)
        assert await here.called_back() == [204, 204]
        row = here.row(task)
        assert (row["state"], row["tracks"], here.look_ups()) == ("completed", 2, 0)


async def test_two_callbacks_about_clips_that_ended_differently_are_one_piece_of_news(
    database: Database, clock: Clock
) -> None:
    async with world(SONIC, database, clock) as here:
        here.server.behaviour.failing = {1: "too quiet"}  # type: ignore[attr-defined]
        task = await here.submitted()
        await here.server.finish(here.newest)
        assert await here.called_back() == [204, 204]
        row = here.row(task)
        assert (row["state"], row["tracks"], row["missing"]) == ("completed", 1, 1)
        assert here.told == ["news"]


async def test_streaming_before_the_answer_to_the_create_is_a_sign_of_life(database: Database, clock: Clock) -> None:
    async with world(SONIC, database, clock) as here:
        task, hold = await here.accept(), here.server.hold_creates()
        asking = asyncio.create_task(here.submit.step())
        await here.server.stream(await hold.reached())  # type: ignore[attr-defined]
        assert await here.called_back() == [204]
        assert (here.row(task)["state"], here.row(task)["provider_task_id"]) == ("submitted", None)
        hold.release()
        await asking
        assert here.row(task)["provider_task_id"] == f"sonic:{here.newest}"


async def test_events_of_other_products_and_trials_are_acknowledged_and_leave_nothing(
    database: Database, clock: Clock
) -> None:
    async with world(AUDIOPOD, database, clock) as here:
        await here.submitted()
        before = here.trace()
        here.server.announce(5, "stem_extraction")  # type: ignore[attr-defined]
        assert await here.called_back() == [204]
        body = AUDIOPOD.sample("callback_test")
        assert await here.post("", body, AUDIOPOD.signed(body, clock())) == 204
        assert (here.trace(), here.told) == (before, [])


async def test_a_hint_between_the_loss_of_an_answer_and_its_finding_is_not_forgotten(
    database: Database, clock: Clock
) -> None:
    async with world(AUDIOPOD, database, clock) as here:
        task = await here.accept()
        # The create arrives, and nobody hears of it again: the process that sent it has died.
        claimed = await here.store.claim_waiting(clock(), 100)
        assert claimed is not None
        await here.provider.submit(claimed)
        await here.server.finish(here.newest)
        assert await here.called_back() == [204]
        assert here.row(task)["provider_task_id"] is None
        await here.store.lost(task.id, clock(), clock())
        await here.caught_up()
        row = here.row(task)
        assert (row["state"], row["provider_task_id"]) == ("completed", here.newest)
        assert len(here.server.tasks) == here.look_ups() == 1


@every
async def test_music_that_comes_after_the_task_was_given_up_still_counts(
    vendor: Vendor, database: Database, clock: Clock
) -> None:
    async with world(vendor, database, clock) as here:
        task = await here.submitted()
        clock.advance(hours=2)
        await here.caught_up()
        assert here.row(task)["state"] == "failed"
        await here.server.finish(here.newest)
        assert await here.called_back() == [204]
        await here.caught_up()
        assert here.row(task)["state"] == "completed"
        assert not await here.reconcile.step()


async def test_a_hint_that_comes_while_it_is_being_asked_is_not_put_off(database: Database, clock: Clock) -> None:
    async with world(AUDIOPOD, database, clock) as here:
        task = await here.submitted()
        clock.advance(minutes=3)

        class Looking(HttpProvider):
            async def look_up(self, provider_task_id: str) -> Outcome:
                outcome = await here.provider.look_up(provider_task_id)
                clock.advance(seconds=1)
                await here.server.finish(here.newest)
                assert await here.called_back() == [204]
                return outcome

        slow = Looking(AUDIOPOD.wire(API_KEY), here.session, here.server.base_url, here.address)
        await Reconcile(here.news, {"audiopod": slow}, here.intake, clock).step()
        assert here.row(task)["state"] == "submitted"
        await here.caught_up()
        assert (here.row(task)["state"], here.look_ups()) == ("completed", 2)


async def test_a_family_without_callbacks_is_asked_until_it_is_done(database: Database, clock: Clock) -> None:
    async with world(STUDIO, database, clock) as here:
        task = await here.submitted()
        here.server.process(here.newest)
        for seconds, state in ((0, "submitted"), (5, "submitted"), (5, "submitted")):
            clock.advance(seconds=seconds)
            await here.caught_up()
            assert here.row(task)["state"] == state
        assert (here.row(task)["progress"], here.look_ups()) == (45, 2)
        await here.server.finish(here.newest)
        clock.advance(seconds=5)
        await here.caught_up()
        assert (here.row(task)["state"], here.row(task)["tracks"]) == ("completed", 2)
        assert here.server.callbacks_sent == []
        assert not here.provider.calls_back
        assert STUDIO.wire(API_KEY).contract.name == task.provider
