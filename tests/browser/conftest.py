"""The demo and a newcomer in a browser, for the tests that look at the page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser.visitor import CHROMIUM, Visitor, chromium_page
from tests.running_demo import Demo, demo_running


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `pytest tests/browser --screenshots FOLDER` say where the pictures go."""
    parser.addoption("--screenshots", type=Path, default=None, help="where the pictures of the page go")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip where there is nothing to look with."""
    if CHROMIUM is None:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed (package chromium)"))


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """The folder for the screenshots; none are taken where nobody asks for them."""
    folder: Path | None = request.config.getoption("--screenshots", default=None)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    """A running demo."""
    async with demo_running() as running:
        yield running


@pytest.fixture
async def visitor(demo: Demo, pictures: Path | None) -> AsyncIterator[Visitor]:
    """Somebody who has opened the address that the demo printed."""
    async with chromium_page(1280, 1000) as page:
        visitor = Visitor(page, pictures)
        await visitor.visit(demo.address)
        yield visitor
