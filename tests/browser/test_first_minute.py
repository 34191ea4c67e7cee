"""The first minute of a newcomer: what the demo says, typed and pressed in a real browser."""

import re

from playwright.async_api import expect

from tests.browser.visitor import Visitor
from tests.running_demo import Demo

LYRICS = "[Verse]\nRain on the tram line\n[Chorus]\nLisbon, sing it back to me"


async def test_what_the_demo_says_to_type_brings_cards_that_show_and_play(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page
    await visitor.picture("welcome")

    command, _, words, _ = demo.hint.partition(": ")[2].split(", ")
    await visitor.command(command, words)
    await expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    await visitor.picture("queued")

    card = await visitor.card(1)
    assert await card.locator("img.embed-image").first.evaluate("image => image.naturalWidth") >= 512
    assert await card.locator("audio").first.evaluate("audio => audio.duration") > 20
    await card.get_by_role("button", name="Play").first.click()
    await expect(card.locator(".media-player-time").first).to_have_text(re.compile(r"^0:0[1-9] /"))
    await visitor.picture("card")

    await card.get_by_role("button", name="Again", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    await visitor.picture("again")

    await visitor.command("/song")
    await visitor.modal().get_by_label("Title").fill("Tram 28")
    await visitor.modal().get_by_label("Lyrics").fill(LYRICS)
    await visitor.picture("song")
    await page.locator("article:has(audio)").nth(1).wait_for()  # the one pressed for comes while the modal is open
    await expect(visitor.modal().get_by_label("Lyrics")).to_have_value(LYRICS)
    await visitor.modal().get_by_role("button", name="Submit").click()

    song = page.locator("article:has(audio)").nth(2)
    await song.get_by_text("Tram 28").first.scroll_into_view_if_needed()
    await expect(song.locator("audio")).to_have_count(2)
    await visitor.picture("second-song")

    await song.get_by_role("button", name="Again", exact=True).click()
    await expect(page.get_by_role("button", name="Cancel", exact=True)).to_be_visible()
    assert await demo.stop() == (0, ""), "ends quietly, even in the middle of the work"
