"""What members meet once the words of a request have been removed for their age."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.store.database import open_database
from bot.store.purge import SqlitePurging
from bot.ui.words.task import RETRY_CHARGED
from tests.ui.conftest import Carded, Show
from tests.ui.submits import change, rows


@pytest.fixture
async def old(carded: Carded) -> Carded:
    """A card whose words had their time."""
    now = datetime.now(UTC) + timedelta(days=1)
    await carded.show.world.until(lambda: rows(carded.show, "SELECT 1 FROM tasks WHERE delivery = 'sent'") != [])
    async with open_database(carded.show.database) as database:
        assert await SqlitePurging(database).remove_words(now, now) == 1
    return carded


@pytest.mark.parametrize("label", ["Again", "Remix"])
async def test_again_and_remix_say_in_one_sentence_that_they_were_removed(old: Carded, label: str) -> None:
    pressed = await old.show.add_member("eve").click(old.card(), label=label)
    assert pressed.ephemeral
    assert "has been removed" in pressed.response.content
    assert pressed.response.content.count(".") == 1
    assert len(rows(old.show, "SELECT 1 FROM tasks")) == 1


async def test_what_is_made_of_an_untitled_file_needs_no_words_to_be_made_again(carded: Carded) -> None:
    show = carded.show
    file = '{"prompt": "", "kind": "remaster", "source": {"audio_url": "http://127.0.0.1:9/hum.mp3"}}'
    change(show, f"UPDATE tasks SET request = '{file}'")
    pressed = await show.add_member("eve").click(carded.card(), label="Again")
    assert "asked for a remaster of a track" in pressed.response.content
    change(show, "UPDATE tasks SET state = 'failed', delivery = 'none' WHERE parent_id IS NULL")
    asked = await show.world.member.slash(show.world.channel, "task retry")
    pressed = await show.world.member.click(asked.response.message, label=RETRY_CHARGED)
    assert "asked for a remaster of a track" in pressed.response.content


async def test_liking_details_and_deleting_go_on(old: Carded) -> None:
    member = old.show.world.member
    await member.click(old.card(), label="Like")
    assert "Like · 1" in old.labels()
    details = await member.click(old.card(), label="Details")
    assert "MusicMint" in details.response.content
    assert "Prompt" not in details.response.content
    asked = await member.click(old.card(), label="Delete")
    await member.click(asked.response.message, label="Yes, delete it")
    assert [message.id for message in old.messages()] == [old.line_id]


async def test_privacy_says_that_words_are_kept_until_they_are_deleted(show: Show) -> None:
    text = (await show.world.member.slash(show.world.channel, "privacy")).response.content
    assert "Until you delete it. 7 days after I leave a server" in text


class TestWithALimit:
    """PROMPT_RETENTION_DAYS is set."""

    @pytest.fixture
    def changes(self) -> dict[str, str]:
        return {"PROMPT_RETENTION_DAYS": "30"}

    async def test_privacy_says_for_how_long_words_are_kept(self, show: Show) -> None:
        text = (await show.world.member.slash(show.world.channel, "privacy")).response.content
        assert "prompt, style, title and lyrics of what was posted, failed or was taken back only for 30 days" in text
