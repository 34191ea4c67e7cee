"""Bringing the database's tables to the shape this version of the bot knows."""

import sqlite3
from importlib import resources
from pathlib import Path

from bot.domain.errors import StartRefused


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Run every migration the database has not seen, each with its number in one transaction.

    A copy is made first (`<name>.before-<number>`). Raises StartRefused for a database of a newer version.
    """
    scripts = _scripts()
    done = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if done > len(scripts):
        raise StartRefused(
            f"The database {path} was made by a newer Minstrel (version {done}, this one knows {len(scripts)}). "
            "Update Minstrel, or use another DATA_DIR."
        )
    if 0 < done < len(scripts):
        _copy(connection, path.with_name(f"{path.name}.before-{done + 1}"))
    for number, script in enumerate(scripts[done:], start=done + 1):
        _run(connection, number, script)


def remove_copies(path: Path) -> None:
    """Remove the copies that were made before updates: they hold the words of people who had them deleted since."""
    for copy in path.parent.glob(f"{path.name}.before-*"):
        copy.unlink(missing_ok=True)


def known_version() -> int:
    """Return the version of the tables that this bot knows."""
    return len(_scripts())


def _scripts() -> list[str]:
    folder = resources.files("bot.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [file.read_text(encoding="utf-8") for file in files]


def _copy(connection: sqlite3.Connection, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(copy),))


def _run(connection: sqlite3.Connection, number: int, script: str) -> None:
    try:
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;",
        )
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
