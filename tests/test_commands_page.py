"""The page of commands says what the command tree and the dialects say."""

from bot.client import Client
from bot.domain.contract import JobAction
from bot.domain.task import Kind
from tests.commands_page import JOBS, MAKES, PAGE, makes, page, wires


async def names() -> list[str]:
    async def nothing(*_: str) -> None:
        return None

    client = Client(nothing, nothing)
    await client.load_commands()
    return [command.qualified_name for command in client.tree.walk_commands()]


async def test_the_page_is_what_its_program_makes() -> None:
    assert PAGE.read_text(encoding="utf-8") == await page(), "run: python -m tests.commands_page"


async def test_every_kind_that_a_provider_makes_has_a_command_and_every_call_stands_on_the_page() -> None:
    known = await names()
    assert {makes(name) for name in known} - {None} == set(Kind)
    assert set(MAKES) | set(JOBS) <= set(known), "what is written by hand there names commands"
    assert set(JOBS.values()) <= set(JobAction)
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"{wire.contract.label}: `" in text for wire in wires())
