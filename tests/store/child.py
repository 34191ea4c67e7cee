"""Runs a piece of Python in a process of its own, for what would be the end of this one."""

import asyncio
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0

#: What each piece begins with: `path` is the database, `put` a write, `without_privileges` makes root obey file modes.
HEAD = """
import asyncio, ctypes, os, resource, signal, sys
from pathlib import Path
from bot.domain.errors import StartRefused, StoreLost, StoreUnavailable
from bot.store.database import Database, open_database
from tests.failing_flush import fail_flushes

path = Path(sys.argv[1])

def put(name):
    return lambda db: db.execute("INSERT INTO facts VALUES (?, '')", (name,)).rowcount

def without_privileges():
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
"""


async def run(piece: str, path: Path) -> tuple[int, str]:
    """Run it on the database at `path`; return its exit status and what it printed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HEAD + piece, str(path), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(PATIENCE):
        output, _ = await child.communicate()
    assert child.returncode is not None
    return child.returncode, output.decode()
