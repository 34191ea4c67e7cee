"""Looking at the database without touching it, also while the bot runs."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.store.migrate import known_version

#: How long to wait for a lock of the running bot, in seconds.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Checkup:
    """What was found. `damage` is empty where all is well; `facts` are the bot's own, by name."""

    version: int
    known: int
    damage: str
    facts: dict[str, str]


def check_up(path: Path) -> Checkup:
    """Read the database at `path`, which must be there. Raises OSError where it cannot be read."""
    version, facts = 0, dict[str, str]()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_PATIENCE)) as db:
            version = int(db.execute("PRAGMA user_version").fetchone()[0])
            said = quick_check(db)
            # A newer version may keep its facts otherwise.
            if 0 < version <= known_version():
                facts = dict(db.execute("SELECT name, value FROM facts"))
    except sqlite3.OperationalError as error:
        raise OSError(str(error)) from error
    except sqlite3.DatabaseError as error:
        said = str(error)
    return Checkup(version, known_version(), said, facts)


def quick_check(db: sqlite3.Connection) -> str:
    """Return what SQLite finds wrong, or nothing; may raise. Reads the whole file, up to ten seconds a gigabyte."""
    with closing(db.execute("PRAGMA quick_check(1)")) as check:
        said = str(check.fetchone()[0])
    return "" if said == "ok" else said
