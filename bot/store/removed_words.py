"""Words that were removed go from the files as well, in steps that hold nobody up."""

import sqlite3
from pathlib import Path

from bot.store.database import Database
from bot.store.migrate import remove_copies

#: The fact that something was removed since the files were cleared last; counts how often.
_FACT = "words_removed"
#: FTS5 only notes that a row is gone; its words stay until the parts of the index are merged into one. So many pages go
#: in one commit. https://www.sqlite.org/fts5.html#the_merge_command
_BEGIN = "INSERT INTO library_words (library_words, rank) VALUES ('merge', -200)"
_GO_ON = "INSERT INTO library_words (library_words, rank) VALUES ('merge', 200)"
#: A merge that changes fewer rows than these has found nothing to do, says the same page.
_WORKED = 2


def note_removed(db: sqlite3.Connection) -> None:
    """Have the files cleared: part of the commit that removes, so that no kill comes in between."""
    db.execute(
        "INSERT INTO facts VALUES (?, '1') ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1",
        (_FACT,),
    )


class RemovedWords:
    """Rewrites the index without what was removed, and empties the log it may still stand in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        #: What the fact said when the merge that is under way began; None: there is none.
        self._begun: str | None = None

    async def waiting(self) -> bool:
        """Say whether there is anything to clear."""
        return await self._database.read(_noted) is not None

    async def clear(self) -> bool:
        """Do a little of it; say whether that led anywhere. A start in between begins it anew."""
        if not await self.waiting():
            return False
        if self._begun is None:
            self._begun = await self._database.write(_begin)
            return True
        if await self._database.write(_go_on):
            return True
        begun, self._begun = self._begun, None
        if not await self._database.clear_log():
            return False
        await self._database.read(_remove_copies)
        # What was removed meanwhile has its own merge.
        statement = "DELETE FROM facts WHERE name = ? AND value = ?"
        await self._database.write(lambda db: db.execute(statement, (_FACT, begun)).rowcount)
        return True


def _noted(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT value FROM facts WHERE name = ?", (_FACT,)).fetchone()
    return None if row is None else str(row["value"])


def _remove_copies(db: sqlite3.Connection) -> None:
    """Remove the copies made before updates, which hold the words as well. By now the new version has shown itself."""
    remove_copies(Path(db.execute("PRAGMA database_list").fetchone()["file"]))


def _begin(db: sqlite3.Connection) -> str | None:
    db.execute(_BEGIN)
    return _noted(db)


def _go_on(db: sqlite3.Connection) -> bool:
    """Merge a little more; say whether there was anything."""
    before = db.total_changes
    db.execute(_GO_ON)
    return db.total_changes - before >= _WORKED
