"""A newcomer at the demo's page, in a headless Chromium."""

import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright, expect

#: The system's own Chromium; playwright's browsers are never fetched.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIETLY = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
#: How long one thing may take to show itself.
_MILLISECONDS = 20_000


@asynccontextmanager
async def chromium_page(width: int, height: int) -> AsyncIterator[Page]:
    """Open an empty page."""
    expect.set_options(timeout=_MILLISECONDS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIETLY)
        page = await browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        page.set_default_timeout(_MILLISECONDS)
        try:
            yield page
        finally:
            await browser.close()


class Visitor:
    """Types and presses as a person does; `pictures` is where the screenshots go."""

    def __init__(self, page: Page, pictures: Path | None = None) -> None:
        self.page, self._pictures = page, pictures
        self._taken = 0

    async def visit(self, address: str) -> None:
        """Open the page and wait until one can type."""
        await self.page.goto(address)
        await self._message_field().wait_for()

    async def command(self, name: str, words: str = "", **choices: str) -> None:
        """Type a command, choose it from the picker, and send it with words for what it asks first, and choices."""
        await self._choose(name)
        await self.page.keyboard.type(words, delay=15)
        for option, choice in choices.items():
            await self.page.get_by_text("more", exact=False).last.click()
            await self.page.get_by_role("option", name=option).click()
            await self.page.get_by_role("option", name=choice).click()
        if choices or not words:  # where nothing has to be filled in, Enter opens the list of what may be
            await self.page.get_by_role("button", name="Send", exact=True).click()
        else:
            await self.page.keyboard.press("Enter")

    async def command_with(self, name: str, **files: Path) -> None:
        """Type a command that has to be given nothing but files, and send it."""
        await self._choose(name)
        for option, path in files.items():
            await self.page.get_by_text("more", exact=False).last.click()
            await self.page.get_by_role("option", name=option).click()
            await self.page.get_by_label(f"{option} attachment").set_input_files(path)
        await self.page.get_by_role("button", name="Send", exact=True).click()

    async def card(self, number: int) -> Locator:
        """Wait for a card, counted from 1 for the oldest, until its covers are loaded and its tracks have a length."""
        card = self.page.locator("article:has(audio)").nth(number - 1)
        await card.wait_for()
        for cover in await card.get_by_role("button", name="in image preview").all():
            await expect(cover).to_be_enabled()
        for clock in await card.locator(".media-player-time").all():
            await expect(clock).not_to_have_text(re.compile(r"/ 0:00$"))
        return card

    async def picture(self, name: str) -> None:
        """Take a screenshot."""
        if self._pictures is not None:
            self._taken += 1
            await self.page.screenshot(path=self._pictures / f"{self._taken}-{name}.png")

    def modal(self) -> Locator:
        """Return the open modal."""
        return self.page.locator("#modal-root")

    async def _choose(self, name: str) -> None:
        await self._message_field().click()
        await self.page.keyboard.type(name, delay=15)
        await self.page.get_by_role("option", name=name).first.wait_for()
        await self.page.keyboard.press("Enter")
        await self.page.get_by_label(f"Command {name}").wait_for()

    def _message_field(self) -> Locator:
        return self.page.get_by_role("textbox", name="Message", exact=True)
