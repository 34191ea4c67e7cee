"""What members see and take back while they wait, on a simulated Discord."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ports_members import Board, Mine
from bot.domain.task import State
from bot.ui.text import length
from bot.ui.words import queue as words
from tests.parts import make_task
from tests.ui.conftest import Show
from tests.ui.submits import change, handed_over, rows


def states(show: Show) -> list[str]:
    return [row[0] for row in rows(show, "SELECT state FROM tasks ORDER BY rowid")]


async def queue(show: Show, member: Any = None) -> str:
    typed = await (member or show.world.member).slash(show.world.channel, "queue")
    assert typed.ephemeral
    text: str = typed.response.content
    return text


async def cancel(show: Show, task: str, member: Any = None) -> Any:
    typed = await (member or show.world.member).slash(show.world.channel, "cancel", task=task)
    assert typed.ephemeral
    return typed


async def offered(show: Show, typed: str = "", member: Any = None) -> list[str]:
    choices = await (member or show.world.member).autocomplete(show.world.channel, "cancel", "task", typed)
    return [choice["name"] for choice in choices]


class TestQueue:
    """`/queue`."""

    async def test_an_empty_queue_shows_how_to_begin(self, show: Show) -> None:
        text = await queue(show)
        assert re.search(r"</generate:\d+> with `prompt: ", text)
        assert "Nobody else waits" in text

    async def test_the_third_of_mine_waits_at_its_place_and_the_first_has_a_live_end(self, show: Show) -> None:
        for prompt in ("first", "second", "third"):
            await show.generate(prompt)
        await handed_over(show, 2)
        text = await queue(show)
        assert text.index("“first”") < text.index("“second”") < text.index("“third”")
        assert re.search(r"“first” · `\w{12}`\nis being made, usually done <t:\d+:R>", text)
        assert re.search(r"“third” · `\w{12}`\nwaits at place 1, since <t:\d+:R>", text)

    async def test_what_takes_longer_than_usual_is_not_promised_in_the_past(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        change(show, "UPDATE tasks SET asked_at = asked_at - 600000")
        assert re.search(r"is being made since <t:\d+:R>; it takes longer than usual", await queue(show))

    async def test_how_far_it_is_stands_there_where_the_provider_says_it(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        change(show, "UPDATE tasks SET progress = 45")
        assert "is being made (45 %), usually done" in await queue(show)
        change(show, "UPDATE tasks SET asked_at = asked_at - 600000")
        assert "is being made (45 %) since" in await queue(show)

    async def test_what_nobody_answered_for_and_what_is_done_are_said_in_words(self, show: Show) -> None:
        await show.generate("lost")
        await handed_over(show)
        change(show, "UPDATE tasks SET state = 'unknown'")
        assert "no answer came from the music service" in await queue(show)
        change(show, "UPDATE tasks SET state = 'completed', delivery = 'sending', deliver_at = 9e12")
        assert "is made, and on its way to you" in await queue(show)

    async def test_a_stranger_sees_numbers_only(self, show: Show) -> None:
        for prompt in ("one", "two", "three"):
            await show.generate(f"secret {prompt}", private=True)
        await handed_over(show, 2)
        text = await queue(show, show.add_member("eve"))
        assert "Of others, 1 waits and 2 are being made." in text
        assert "secret" not in text

    async def test_direct_messages_show_what_was_asked_in_a_server(self, show: Show) -> None:
        await show.generate("rain")
        typed = await show.world.member.user.slash("queue")
        assert typed.ephemeral
        assert "“rain”" in typed.response.content

    @settings(max_examples=40)
    @given(
        prompts=st.lists(st.text(st.characters(), max_size=2000), max_size=30),
        state=st.sampled_from(State),
        private=st.booleans(),
    )
    def test_it_always_fits_one_message(self, prompts: list[str], state: State, private: bool) -> None:
        tasks = [make_task(prompt, state=state, private=private) for prompt in prompts]
        now = datetime(2026, 11, 21, 9, tzinfo=UTC) + timedelta(hours=1)
        board = Board([Mine(task, place) for place, task in enumerate(tasks, 10_000)], 10_000, 10_000)
        assert length(words.queue(board, now, lambda *_: timedelta(seconds=90), f"</generate:{'9' * 19}>")) <= 2000
        assert all(1 <= len(words.choice(task)) <= 100 for task in tasks)


class TestOffered:
    """The list that opens while `/cancel` is typed."""

    async def test_mine_are_offered_newest_first_and_by_their_words(self, show: Show) -> None:
        for prompt in ("rain on a roof", "Sun on the SEA", "rain at sea"):
            await show.generate(prompt)
        await handed_over(show, 2)
        assert await offered(show) == [
            "rain at sea (waiting)",
            "Sun on the SEA (being made)",
            "rain on a roof (being made)",
        ]
        assert await offered(show, "sea") == ["rain at sea (waiting)", "Sun on the SEA (being made)"]
        assert await offered(show, "SEA rain") == ["rain at sea (waiting)"]
        assert await offered(show, "snow") == []

    async def test_a_stranger_is_offered_nothing_of_mine(self, show: Show) -> None:
        await show.generate("secret", private=True)
        await show.generate("known to all")
        assert await offered(show, "", show.add_member("eve")) == []

    async def test_what_has_ended_is_not_offered(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        change(show, "UPDATE tasks SET state = 'completed'")
        assert await offered(show) == []

    async def test_direct_messages_offer_the_same(self, show: Show) -> None:
        await show.generate("rain")
        await handed_over(show)
        choices = await show.world.member.user.autocomplete("cancel", "task", "")
        assert [choice["name"] for choice in choices] == ["rain (being made)"]


class TestCancel:
    """`/cancel`."""

    async def test_what_waits_is_taken_back_for_nothing_and_its_line_says_so(self, show: Show) -> None:
        for prompt in ("one", "two", "three"):
            typed = await show.generate(prompt)
        choices = await show.world.member.autocomplete(show.world.channel, "cancel", "task", "three")
        answer = await cancel(show, choices[0]["value"])
        assert "nothing is charged" in answer.response.content
        line = show.world.message(typed.response.channel_id, typed.response.id)
        assert "took back: “three”" in line.content
        assert line.components == []
        assert states(show)[2] == "cancelled"

    async def test_what_the_provider_has_may_be_charged_and_that_is_said(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        answer = await cancel(show, f" {task_id.upper()} ")
        assert "cannot be stopped and may charge" in answer.response.content
        assert states(show) == ["cancelled"]

    async def test_a_private_line_says_it_as_well(self, show: Show) -> None:
        typed = await show.generate(private=True)
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        await cancel(show, task_id)
        assert "took back" in show.world.message(typed.response.channel_id, typed.response.id).content

    async def test_a_stranger_cannot_cancel_mine_by_its_id(self, show: Show) -> None:
        await show.generate()
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        answer = await cancel(show, task_id, show.add_member("eve"))
        assert "Only the person who asked" in answer.response.content
        assert "cancelled" not in states(show)

    async def test_a_private_one_of_somebody_else_is_as_unknown_as_one_that_never_was(self, show: Show) -> None:
        await show.generate(private=True)
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        eve = show.add_member("eve")
        answers = {(await cancel(show, typed, eve)).response.content for typed in (task_id, "22222222cccc")}
        assert answers == {words.NOTHING_TO_CANCEL}
        assert "cancelled" not in states(show)

    async def test_other_words_are_answered_with_what_would_work(self, show: Show) -> None:
        assert "nothing to take back" in (await cancel(show, "that one")).response.content
        await show.generate()
        assert "Choose one from the list" in (await cancel(show, "that one")).response.content
        assert "cancelled" not in states(show)

    async def test_too_late_is_said(self, show: Show) -> None:
        await show.generate()
        await handed_over(show)
        change(show, "UPDATE tasks SET state = 'completed'")
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        assert "Too late" in (await cancel(show, task_id)).response.content

    async def test_a_line_that_was_deleted_does_not_matter(self, show: Show, caplog: pytest.LogCaptureFixture) -> None:
        typed = await show.generate()
        await typed.response.message.delete()
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        assert "took back" in (await cancel(show, task_id)).response.content
        assert not [record for record in caplog.records if record.levelname == "ERROR"]

    async def test_direct_messages_work_as_well(self, show: Show) -> None:
        dora = show.world.env.create_user("dora")
        line = await dora.slash("generate", prompt="rain")
        ((task_id,),) = rows(show, "SELECT id FROM tasks")
        assert (await dora.slash("cancel", task=task_id)).ephemeral
        assert "took back" in show.world.message(line.response.channel_id, line.response.id).content
