"""Take the README's picture of the demo: `uv run python -m tests.browser.picture docs/demo.png`."""

import asyncio
import io
import sys
from pathlib import Path

from PIL import Image

from tests.browser.visitor import Visitor, chromium_page
from tests.running_demo import demo_running

WIDTH, HEIGHT = 900, 1540


async def take(path: Path) -> None:
    """Start the demo, ask for music as a newcomer does, and save what the page shows."""
    async with demo_running() as demo, chromium_page(WIDTH, HEIGHT) as page:
        visitor = Visitor(page)
        await visitor.visit(demo.address)
        await visitor.command("/generate", "lofi rain over Lisbon")
        await visitor.card(1)
        await page.get_by_role("button", name="Messages", exact=True).click()  # the list at the side
        await page.get_by_role("textbox", name="Message", exact=True).hover()
        save(await page.screenshot(), path)


def save(png: bytes, path: Path) -> None:
    """Save a screenshot without what it does not need."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
