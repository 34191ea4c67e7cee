"""A SIGKILL while the vendor works on what it answers with the result: told of or repeated, and never made twice."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.whole import readers
from tests.whole.made import SONG, Workplace, custom_ids, hummed, task_of, task_on, type_all, workplace
from tests.whole.process import PATIENCE, until
from tests.wire.interactions import Interaction
from tests.wire.world import Json

#: What is held at the kill: what may have been charged, what is free, and the file that something is made from.
CHARGED, FREE, FROM_FILE = "stems", ("wav", "timeline", "waveform"), "remaster"
#: All use the one bot, which lives in the one event loop.
in_place = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Killed:
    """A bot that was killed while the vendor worked on all of these, and started again."""

    place: Workplace
    asked: Mapping[str, Interaction]

    async def line(self, words: str) -> Json:
        """Wait until the queued line of what may have been charged says something, and return it."""

        def found() -> Json | None:
            message = self.asked[CHARGED].message
            return message if message and words in message["content"] else None

        return await self.place.discord.wait_for(found, PATIENCE)

    def calls(self, kind: str) -> int:
        """Return how often the vendor was asked for something."""
        return self.place.asked_vendor()[f"music/{kind}"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def killed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Killed]:
    """Ask for all, kill the bot while the vendor holds every answer, and start it again."""
    async with workplace(tmp_path_factory.mktemp("kills")) as place:
        song = await place.card_of(await place.type("generate", prompt="a folk tune"))
        await place.quiet(1)
        track, hold = f"{task_on(song)}-1", place.vendor.hold_creates()
        typed: dict[str, tuple[str, Json]] = {kind: (kind, {"track": track}) for kind in (CHARGED, *FREE)}
        typed[FROM_FILE] = FROM_FILE, {"audio": place.discord.attach("hum.wav", hummed())}
        asked = await type_all(place, typed)
        for _ in asked:
            await hold.reached()
        await place.bot.kill()
        hold.drop()
        await place.bot.start()
        yield Killed(place, asked)


@in_place
async def test_what_is_free_is_asked_for_again_and_becomes_one_card(killed: Killed) -> None:
    cards = {kind: await killed.place.card_of(killed.asked[kind]) for kind in FREE}
    await killed.place.quiet(2 + len(FREE))
    assert [killed.calls(kind) for kind in FREE] == [2, 2, 2]
    assert [len(killed.place.cards(task_of(killed.asked[kind]))) for kind in FREE] == [1, 1, 1]
    assert readers.wav_seconds(killed.place.files(cards["wav"])["wav"]) == pytest.approx(SONG, abs=0.01)
    assert readers.in_order(readers.subtitles(killed.place.files(cards["timeline"])["srt"]), SONG)


@in_place
async def test_a_file_is_handed_over_again_and_one_thing_is_made_of_it(killed: Killed) -> None:
    card = await killed.place.card_of(killed.asked[FROM_FILE])
    assert (killed.calls("upload"), killed.calls(FROM_FILE)) == (2, 1)
    assert len(killed.place.cards(task_on(card))) == 1


@in_place
async def test_what_may_have_been_charged_is_told_and_asked_for_again_by_a_button_alone(killed: Killed) -> None:
    line = await killed.line("may have been charged")
    task_id = task_of(killed.asked[CHARGED])
    assert killed.place.bot.rows(f"SELECT state, failure FROM tasks WHERE id = '{task_id}'") == [("failed", "lost")]
    assert killed.calls("stem") == 1
    assert killed.place.cards(task_id) == []
    stranger = killed.place.discord.add_member(killed.place.channel.guild, "bob")
    assert len(custom_ids(line)) == 1
    again = custom_ids(line)[0].split(":")[0]
    refused = await killed.place.press(line, again, stranger)
    assert refused.ephemeral
    card = await killed.place.card_of(await killed.place.press(line, again))
    assert killed.calls("stem") == 2
    assert readers.mp3_seconds(killed.place.files(card)["mp3"]) == pytest.approx(SONG, abs=0.15)


@in_place
async def test_nothing_is_left_in_the_air(killed: Killed) -> None:
    await until(lambda: not killed.place.bot.rows("SELECT 1 FROM tasks WHERE state NOT IN ('completed', 'failed')"))
    assert killed.place.bot.rows("PRAGMA integrity_check") == [("ok",)]
    assert await killed.place.bot.stop() == 0
