"""Any order of submits, answers, callbacks, polls, waits, crashes and restarts keeps to the table of states."""

import asyncio
import tempfile
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.ports import Recorded
from bot.domain.task import Kind, Task
from tests.flows.any_order_model import (
    CALLED_BACK,
    DELIVERY_MOVES,
    STATE_MOVES,
    asked_answer,
    assert_one_end,
    cause_of,
    upload_answer,
)
from tests.flows.any_order_others import Question
from tests.flows.any_order_world import World, callback_body

KINDS = st.sampled_from([Kind.SONG, Kind.SONG, Kind.COVER, Kind.STEMS, Kind.WAV])
SUBMIT_ANSWERS = st.sampled_from(["accepted", "accepted", "accepted", "lost", "busy", "refused"])
POLL_ANSWERS = st.sampled_from(["truth", "truth", "processing", "failed", "completed", "empty", "lost", "gone"])
POST_ANSWERS = st.sampled_from(["posted", "posted", "answer lost", "away", "refused"])
WORDS = st.sampled_from(["processing", "failed", "completed", "completed", "empty"])
PICK = st.integers(0, 30)


class AnyOrder(RuleBasedStateMachine):
    """One life of the world; the model beside it is what was acknowledged and what the vendor holds for true."""

    @initialize()
    def begin(self) -> None:
        self._folder, self._runner = tempfile.TemporaryDirectory(), asyncio.Runner()
        self.world = World(Path(self._folder.name) / "minstrel.sqlite3")
        self._runner.run(self.world.begin())
        self.tasks: list[Task] = []
        self.acknowledged: list[tuple[Task, bytes]] = []
        self.strays = self.moves = 0
        self.truth: dict[str, str] = {}
        #: The titles of a completed task, as they were first.
        self.first_titles: dict[str, list[str]] = {}
        self.a_member_asks(Kind.SONG)
        self.a_submit_begins("submit")

    def do(self, cause: str, work: Coroutine[Any, Any, Any]) -> Any:
        """Let something happen and all it sets off; it may make the moves of its kind and no others."""

        async def whole() -> Any:
            result = await work
            await self.world.settle()
            return result

        result = self._runner.run(whole())
        moves = self.world.rows("SELECT * FROM moves WHERE number > ? ORDER BY number", self.moves)
        self.moves += len(moves)
        for move in moves:
            allowed = STATE_MOVES[cause] if move["kind"] == "state" else DELIVERY_MOVES
            assert (move["before"], move["after"]) in allowed, (cause, tuple(move))
            if cause in ("restart", "cut off") and move["after"] == "waiting":
                assert self.world.vendor.may_be_repeated(move["task_id"])
        return result

    # The member, and the submit.

    @precondition(lambda self: len(self.tasks) < 3)
    @rule(kind=KINDS)
    def a_member_asks(self, kind: Kind) -> None:
        self.tasks.append(self.do("nothing", self.world.accept(kind)))

    @precondition(lambda self: self.tasks)
    @rule(pick=PICK)
    def the_member_cancels(self, pick: int) -> None:
        task = self.tasks[pick % len(self.tasks)]
        self.do("cancel", self.world.submit.cancel(task.id, task.origin.member_id))

    @precondition(lambda self: self.tasks)
    @rule(line=st.sampled_from(["submit", "at once", "free"]))
    def a_submit_begins(self, line: str) -> None:
        self.do("claim", self.world.start(self.world.step(line)))

    @precondition(lambda self: self.world.questions.of("upload"))
    @rule(pick=PICK, how=SUBMIT_ANSWERS)
    def an_upload_is_answered(self, pick: int, how: str) -> None:
        asked = self.world.questions.of("upload")
        self.answer_upload(asked[pick % len(asked)], how)

    def answer_upload(self, question: Question, how: str) -> None:
        cause, answer = upload_answer(how)
        self.do(cause, question.say(answer))

    @precondition(lambda self: self.world.questions.of("submit"))
    @rule(pick=PICK, how=SUBMIT_ANSWERS)
    def a_submit_is_answered(self, pick: int, how: str) -> None:
        asked = self.world.questions.of("submit")
        self.answer_submit(asked[pick % len(asked)], how)

    def answer_submit(self, question: Question, how: str) -> None:
        cause, answer = self.world.vendor.answer(question.about, how)
        self.do(cause_of(cause, question.about.request.kind), question.say(answer))

    # News of the vendor.

    @precondition(lambda self: self.world.vendor.calling)
    @rule(pick=PICK, words=st.lists(WORDS, min_size=1, max_size=3), version=st.integers(0, 1), other=st.none() | PICK)
    def the_vendor_calls_back(self, pick: int, words: list[str], version: int, other: int | None) -> None:
        for word in words:
            self.call_back(pick, word, version, other)

    def call_back(self, pick: int, word: str, version: int, other: int | None) -> None:
        asked = self.world.vendor.calling
        task = asked[pick % len(asked)]
        name = self.world.vendor.take(task)
        # Only the signed name decides, once it is bound.
        bound = self.world.row(task)["provider_task_id"] is not None
        key = self.tasks[other % len(self.tasks)].key if other is not None and bound else task.key
        if word in ("failed", "completed"):
            self.truth.setdefault(name, word)
        self.receive(task, key, word, callback_body(name, word, version))

    def receive(self, task: Task, key: str, word: str, body: bytes) -> None:
        """Take in a callback, and compare with what the model says of it."""
        before = self.world.state(task)
        recorded = self.do(f"called back {word}", self.world.call_back(key, body))
        news_in, after = CALLED_BACK[word]
        if before not in news_in or (task.id, body) in [(old.id, was) for old, was in self.acknowledged]:
            expected, after = Recorded.OLD, None
        else:
            expected = Recorded.NEWS if after else Recorded.ASK
        assert (recorded, self.world.state(task)) == (expected, after or before)
        self.acknowledged.append((task, body))

    @precondition(lambda self: self.acknowledged)
    @rule(pick=PICK)
    def a_callback_comes_again_byte_for_byte(self, pick: int) -> None:
        task, body = self.acknowledged[pick % len(self.acknowledged)]
        assert self.do("nothing", self.world.call_back(task.key, body)) is Recorded.OLD

    @rule(word=WORDS)
    def a_callback_of_nobody_comes(self, word: str) -> None:
        body = callback_body("of-another-bot", word, 0)
        assert self.do("nothing", self.world.call_back("nobodys-key", body)) is Recorded.STRAY
        self.strays += 1

    @precondition(lambda self: self.tasks)
    @rule(pick=PICK)
    def a_signed_callback_cannot_be_read(self, pick: int) -> None:
        self.do("nothing", self.world.intake.unreadable(self.tasks[pick % len(self.tasks)].key))

    @precondition(lambda self: self.tasks and not self.world.questions.of("poll"))
    @rule()
    def polls_begin(self) -> None:
        self.asking("polls", self.world.start(self.world.reconcile.step()))

    @precondition(lambda self: self.world.questions.of("poll"))
    @rule(pick=PICK, how=POLL_ANSWERS)
    def a_poll_is_answered(self, pick: int, how: str) -> None:
        asked = self.world.questions.of("poll")
        self.answer_poll(asked[pick % len(asked)], how)

    def answer_poll(self, question: Question, how: str) -> None:
        name = question.about
        if how in ("truth", "failed", "completed"):
            how = self.truth.get(name, "processing") if how == "truth" else self.truth.setdefault(name, how)
        self.asking(f"polled {how}", question.say(asked_answer(how, name)))

    def asking(self, cause: str, work: Coroutine[Any, Any, Any]) -> None:
        """Where nobody says that it failed, it is given up in time and not before."""
        before = {task.id: self.world.state(task) for task in self.tasks}
        self.do(cause, work)
        for task in self.tasks:
            silent = cause in ("polls", "polled processing", "polled lost") and self.world.state(task) == "failed"
            if silent and before[task.id] != "failed":
                patience = 0 if task.request.kind is Kind.STEMS else 30  # nobody calls back about those
                assert self.world.age(task) >= timedelta(minutes=patience if before[task.id] == "unknown" else 120)

    # Discord.

    @precondition(lambda self: len(self.world.questions.of("post")) < 3)
    @rule()
    def a_delivery_begins(self) -> None:
        self.do("nothing", self.world.start(self.world.deliver.step()))

    @precondition(lambda self: self.world.questions.of("post"))
    @rule(pick=PICK, how=POST_ANSWERS)
    def a_post_is_answered(self, pick: int, how: str) -> None:
        asked = self.world.questions.of("post")
        self.do("nothing", self.world.answer_post(asked[pick % len(asked)], how))

    @rule()
    def queued_lines_are_told(self) -> None:
        self.do("nothing", self.world.start(self.world.tell.step()))

    # Time and crashes.

    @precondition(lambda self: not self.world.questions.of("post"))
    @rule(seconds=st.integers(1, 20))
    def a_little_time_passes(self, seconds: int) -> None:
        self.world.clock.advance(seconds=seconds)

    @rule(minutes=st.sampled_from([1, 3, 31, 61, 121]), how=POST_ANSWERS)
    def much_time_passes(self, minutes: int, how: str) -> None:
        """Whatever was asked has its deadline long before."""
        self.answer_all("lost", "lost", how)
        self.world.clock.advance(minutes=minutes)

    def answer_all(self, submit: str, poll: str, post: str) -> None:
        while questions := [one for one in self.world.questions if not one.answer.done()]:
            match questions[0].kind:
                case "submit":
                    self.answer_submit(questions[0], submit)
                case "upload":
                    self.answer_upload(questions[0], submit)
                case "poll":
                    self.answer_poll(questions[0], poll)
                case _:
                    self.do("nothing", self.world.answer_post(questions[0], post))

    @rule(posted=st.booleans())
    def it_crashes_and_starts_again(self, posted: bool) -> None:
        """Whatever Discord was asked for it may have made, and the answer is lost."""
        for question in self.world.questions.of("post") if posted else ():
            self.world.channels.make(*question.about)
        self.do("restart", self.world.crash_and_restart())

    @precondition(lambda self: self.tasks)
    @rule(step=st.sampled_from(["submit", "at once", "free", "deliver", "reconcile", "tell"]), most=st.integers(0, 2))
    def it_crashes_in_the_middle_of_a_step(self, step: str, most: int) -> None:
        async def cut_off() -> None:
            await self.world.start(self.world.step(step), most)
            await self.world.crash_and_restart()

        self.do("cut off", cut_off())

    # What is true after each step, and in the end.

    @invariant()
    def what_was_acknowledged_is_on_disk(self) -> None:
        taken_in = {row["digest"] for row in self.world.rows("SELECT digest FROM callbacks")}
        assert {self.world.digest(body) for _, body in self.acknowledged} == taken_in
        assert self.world.rows("SELECT count(*) AS strays FROM strays")[0]["strays"] == self.strays

    @invariant()
    def nobody_pays_or_gets_a_card_twice(self) -> None:
        assert self.world.vendor.twice == []
        ids = [message.task_id for message in self.world.channels.messages]
        assert len(ids) == len(set(ids)), self.world.channels.messages

    @invariant()
    def the_first_tracks_stand(self) -> None:
        for row in self.world.rows("SELECT task_id, title FROM tracks ORDER BY task_id, number"):
            assert self.first_titles.setdefault(row["task_id"], [row["title"]]) == [row["title"]]

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        try:
            self.all_comes_to_its_end()
        finally:
            self._runner.run(self.world.end())
            self._runner.close()
            self._folder.cleanup()

    def all_comes_to_its_end(self) -> None:
        """After one more start everybody answers, and time does the rest."""
        self.it_crashes_and_starts_again(False)
        while self.world.alarms():
            assert self.world.clock.now - self.world.began < timedelta(days=8), self.world.alarms()
            self.a_submit_begins("submit")
            self.a_submit_begins("at once")
            self.a_submit_begins("free")
            self.polls_begin()
            self.a_delivery_begins()
            self.queued_lines_are_told()
            self.answer_all("accepted", "truth", "posted")
            self.world.clock.advance(minutes=31)
        for task in self.tasks:
            row = self.world.row(task)
            cards = [message for message in self.world.channels.messages if message.task_id == task.id]
            assert_one_end(row["state"], row["delivery"], row["set_aside_reason"], cards)
            if row["state"] != "cancelled" and (name := row["provider_task_id"]):
                assert self.truth.get(name) != "completed" or row["state"] == "completed"
        self.what_was_acknowledged_is_on_disk()
        self.nobody_pays_or_gets_a_card_twice()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
