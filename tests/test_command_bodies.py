"""Commands share what they have in common: no two of them say the same again, and no file of them is long."""

import ast
import inspect
import textwrap
from pathlib import Path
from types import CodeType
from typing import Any

from discord import app_commands

import cogs
from bot.client import Client

LONGEST_FILE = 300


class _WithoutKinds(ast.NodeTransformer):
    """Makes code that differs only in which kind it names the same."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        is_kind = isinstance(node.value, ast.Name) and node.value.id == "Kind"
        return ast.Name("Kind") if is_kind else self.generic_visit(node)


def body(code: CodeType) -> str:
    """Return what a function does, whatever it is called and whatever it says of itself."""
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(code))).body
    assert isinstance(function, ast.AsyncFunctionDef)
    if ast.get_docstring(function) is not None:
        function.body.pop(0)
    names = [one for one in ast.walk(function) if isinstance(one, ast.Name)]
    local = {one.id for one in names if isinstance(one.ctx, ast.Store)}
    for one in names:
        one.id = "local" if one.id in local else one.id
    return "\n".join(ast.dump(_WithoutKinds().visit(one)) for one in function.body)


async def codes() -> dict[CodeType, str]:
    """Return the code of every command; those that are made by one function have the same."""

    async def nothing(*_: str) -> None:
        return None

    client = Client(nothing, nothing)
    await client.load_commands()
    found: list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu] = [
        *(one for one in client.tree.walk_commands() if isinstance(one, app_commands.Command)),
        *(one for one in client.tree.get_commands() if isinstance(one, app_commands.ContextMenu)),
    ]
    return {inspect.unwrap(one.callback).__code__: one.qualified_name for one in found}


async def test_no_two_commands_have_the_same_body() -> None:
    written: dict[str, str] = {}
    for code, name in (await codes()).items():
        assert (first := written.setdefault(body(code), name)) == name, f"{first} and {name} do the same"
    assert len(written) > 20


def test_no_file_of_commands_is_long() -> None:
    files = list(Path(next(iter(cogs.__path__))).glob("*.py"))
    assert len(files) > 10
    assert [file.name for file in files if len(file.read_text(encoding="utf-8").splitlines()) > LONGEST_FILE] == []
