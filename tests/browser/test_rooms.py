"""Another channel, another member, and a track for that member alone."""

from playwright.async_api import expect

from tests.browser.visitor import Visitor
from tests.running_demo import Demo


async def test_a_private_track_comes_by_itself_to_the_one_who_asked(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page
    async with page.expect_popup() as opening:
        await page.get_by_role("link", name="#late-night").click()
    visitor.page = page = await opening.value
    await page.get_by_label("Viewing as").select_option(label="bo")
    await expect(page.get_by_text("Preview ready")).to_be_visible()

    await visitor.command("/generate", "harbour at dawn", private="True")
    cards = page.locator("article:has(audio)")
    await expect(cards).to_have_count(1)
    await visitor.picture("private")

    await page.get_by_label("Viewing as").select_option(label="ada")
    await expect(page.get_by_text("Preview ready")).to_be_visible()
    await expect(page.get_by_text("Elsewhere:").first).to_be_visible()
    await expect(cards).to_have_count(0)
