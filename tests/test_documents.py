"""The papers of the repository say what the code does."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from bot.domain.task import CAN_BECOME, State

ROOT = Path(__file__).parents[1]
OURS = sorted(path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))


def test_the_drawing_of_the_states_is_made_from_the_table() -> None:
    moves = [f"    {before} --> {after}" for before in State for after in sorted(CAN_BECOME[before])]
    drawn = "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> waiting", *moves, "```"])
    assert f"<!-- states -->\n{drawn}\n<!-- /states -->" in (ROOT / "docs/architecture.md").read_text()


def test_the_readme_begins_with_its_two_commands_and_ci_runs_the_second() -> None:
    commands = re.findall(r"^    (uv run .*)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[0].startswith("uv run minstrel demo")
    assert commands[1] == "uv run pytest"
    assert commands[1] in (ROOT / ".ci/run").read_text().splitlines()


def test_dependencies_have_upper_bounds_and_aiohttp_a_safe_lower_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements = {one.name: one for one in map(Requirement, project["dependencies"])}
    assert all("<" in str(one.specifier) for one in requirements.values())
    assert not requirements["aiohttp"].specifier.contains("3.14.4")


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_sentence_and_can_be_read_in_one_sitting(path: Path) -> None:
    text = path.read_text()
    assert (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0].endswith((".", ":"))
    assert len(text.splitlines()) <= 300
