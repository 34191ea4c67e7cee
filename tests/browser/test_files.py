"""A file of the visitor's own, given to the bot on the page."""

from pathlib import Path

from tests.browser.visitor import Visitor
from tests.parts import short_mp3


async def test_a_file_that_is_given_on_the_page_is_worked_on(visitor: Visitor, tmp_path: Path) -> None:
    (tmp_path / "my humming.mp3").write_bytes(short_mp3(seconds=3.0))
    await visitor.command_with("/stems", audio=tmp_path / "my humming.mp3")
    card = visitor.page.locator("article:has(audio)").first
    await card.get_by_text("my humming").first.wait_for()
    await visitor.picture("stems")
