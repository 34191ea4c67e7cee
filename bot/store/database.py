"""The SQLite connection: one that writes, with shared commits, and one that only reads."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from bot.domain.errors import StartRefused, StoreLost, StoreUnavailable
from bot.store.checkup import quick_check
from bot.store.file import OpenFiles, empty_log, prepare, write_log_back
from bot.store.migrate import migrate

log = logging.getLogger(__name__)

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], Any]

#: How long a write waits for a lock that another program holds. A write may wait behind one that waits already, and
#: still has to be through before Discord's three seconds for a first answer are.
BUSY_SECONDS = 1.0
#: STRICT tables: https://sqlite.org/stricttables.html
OLDEST_SQLITE = (3, 37)
#: After so many changed rows the log is written back into the file. SQLite would do it by itself, within a commit, and
#: keep to itself that the flush failed.
CHECKPOINT_AFTER = 500
#: A file of at most so many bytes is read through before it is used, within half a second; a larger one meanwhile.
CHECKED_AT_START = 32 * 1024 * 1024
#: A failed flush cannot be repeated: the system may have dropped the very pages, and the next one would report success.
_NOT_FLUSHED = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)
#: Somebody overwrote the file: what is written into it now may never be read again.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Database:
    """Runs jobs on the two connections. A job is a plain function that takes the connection.

    Each connection lives in a thread of its own. All write jobs that wait at one moment run in one transaction and
    share its commit (and its disk flush); a job that raises does not hurt the others.
    """

    def __init__(self, writer: sqlite3.Connection, reader: sqlite3.Connection, files: OpenFiles) -> None:
        self._writer, self._reader, self._files = writer, reader, files
        self._writing = ThreadPoolExecutor(1, "store-writer")
        self._reading = ThreadPoolExecutor(1, "store-reader")
        self._waiting: list[tuple[Job, asyncio.Future[Any]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._trouble = ""
        self._checkpointed = writer.total_changes
        #: Done, with the reason, once nothing can be written any more and only a new start can help.
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def write(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run `job` and return its result once it is on disk.

        Raises StoreUnavailable when it could not be committed, and whatever `job` raises; nothing is kept then.
        """
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all())
        return await done

    async def read(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run `job` on the connection that cannot write. Raises StoreLost if that is why it failed."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reading, job, self._reader)
        except sqlite3.DatabaseError as error:
            self._lost_by(error)
            self.look()
            if self._trouble:
                raise StoreLost(self._trouble) from error
            raise

    def look(self) -> None:
        """See whether the files are still there; each commit does so too."""
        self._trouble = self._trouble or self._files.trouble()
        self._tell_of_trouble()

    def give_up(self, trouble: str) -> None:
        """Acknowledge nothing any more, because of something that was found elsewhere."""
        self._trouble = self._trouble or trouble
        self._tell_of_trouble()

    async def _commit_all(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                jobs = [job for job, _ in batch]
                try:
                    outcomes = await loop.run_in_executor(self._writing, self._commit, jobs)
                except Exception as error:  # whoever waits must hear of it, whatever it was
                    outcomes = [_unavailable(error)] * len(jobs)
                for (_, done), outcome in zip(batch, outcomes, strict=True):
                    _settle(done, outcome)
                if self._writer.total_changes - self._checkpointed >= CHECKPOINT_AFTER:
                    await loop.run_in_executor(self._writing, self._checkpoint)
                self._tell_of_trouble()
        finally:
            self._committing = None

    def _commit(self, jobs: Sequence[Job]) -> list[Any]:
        """Run `jobs` in one transaction; if that fails, each in one of its own. Errors are returned, not raised."""
        if self._trouble:
            return [StoreLost(self._trouble)] * len(jobs)
        try:
            self._writer.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return [self._lost_by(error) or _unavailable(error)] * len(jobs)
        try:
            results = [job(self._writer) for job in jobs]
            self._writer.execute("COMMIT")
        except Exception as error:  # returned to whoever asked for it
            return self._not_committed(jobs, error)
        # Only now: what happened to the files during the commit must be seen before anybody is told of it.
        self._trouble = self._trouble or self._files.trouble()
        return [StoreLost(self._trouble)] * len(jobs) if self._trouble else results

    def _not_committed(self, jobs: Sequence[Job], error: Exception) -> list[Any]:
        if lost := self._lost_by(error):
            return [lost] * len(jobs)
        # SQLite rolls back by itself on some errors (disk full); a second ROLLBACK would raise.
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        if len(jobs) > 1:
            return [self._commit([job])[0] for job in jobs]
        return [_unavailable(error) if _is_the_databases(error) else error]

    async def clear_log(self) -> bool:
        """Write the log back and empty it, with all that was removed since; say whether no reader was in the way."""
        cleared = await asyncio.get_running_loop().run_in_executor(self._writing, self._checkpoint, empty_log)
        self._tell_of_trouble()
        return cleared

    def _checkpoint(self, write_back: Callable[[sqlite3.Connection], bool] = write_log_back) -> bool:
        """Write the log back into the file; say whether all of it could be."""
        if self._trouble:
            return False
        self._checkpointed = self._writer.total_changes
        try:
            return write_back(self._writer)
        except sqlite3.Error as error:
            if self._lost_by(error) is None:  # a full disk: what is in the log is safe there
                log.warning("the log was not written back", extra={"reason": str(error)})
            return False

    def _lost_by(self, error: Exception) -> StoreLost | None:
        """Remember it if a flush failed or the file is damaged."""
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _NOT_FLUSHED:
            self._trouble = f"the disk did not take a flush ({error})"
        elif code & 0xFF in _DAMAGED:  # the low byte: the rest says where it was found
            self._trouble = f"the database is damaged ({error}): restore a backup, or move it away"
        else:
            return None
        return StoreLost(self._trouble)

    def _tell_of_trouble(self) -> None:
        if self._trouble and not self.lost.done():
            log.critical("database lost: nothing more is acknowledged, start again", extra={"reason": self._trouble})
            self.lost.set_result(self._trouble)

    async def close(self) -> None:
        """Finish the commits in hand and end both threads."""
        while self._committing is not None:
            await asyncio.wait([self._committing])
        loop = asyncio.get_running_loop()
        ends = [(self._reading, self._reader), (self._writing, self._writer)]
        # Whichever writer closes last writes the log back. After a failed flush that is left to the next start.
        for thread, connection in reversed(ends) if self._trouble else ends:
            await loop.run_in_executor(thread, connection.close)
        self._writing.shutdown()
        self._reading.shutdown()


def _settle(done: asyncio.Future[Any], outcome: Any) -> None:
    if done.cancelled():
        return
    if isinstance(outcome, BaseException):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)


def _is_the_databases(error: Exception) -> bool:
    """Say whether the database itself failed, rather than the job that was asked of it."""
    ours = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, ours)


def _unavailable(error: Exception) -> StoreUnavailable:
    unavailable = StoreUnavailable(str(error))
    unavailable.__cause__ = error
    return unavailable


@asynccontextmanager
async def open_database(path: Path, *, checked_at_start: int = CHECKED_AT_START) -> AsyncIterator[Database]:
    """Open, check and migrate the database at `path`. Raises StartRefused.

    A file of more than `checked_at_start` bytes is checked while it is used already: damage is found, not waited for.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StartRefused(f"SQLite 3.37 or newer is needed, this is {sqlite3.sqlite_version}.")
    small = not path.exists() or path.stat().st_size <= checked_at_start
    database = Database(*await asyncio.to_thread(_open, path, small))
    try:
        async with nullcontext() if small else _checked_beside(database, path):
            yield database
    finally:
        await database.close()


@asynccontextmanager
async def _checked_beside(database: Database, path: Path) -> AsyncIterator[None]:
    """Read the file through on a connection of its own meanwhile, and lose the database if it is damaged."""
    with closing(_connect(f"{path.absolute().as_uri()}?mode=ro")) as connection:
        checking = asyncio.create_task(_check_beside(database, connection, path))
        try:
            yield
        finally:
            while not checking.done():  # again, because it may not have begun yet
                connection.interrupt()
                await asyncio.wait([checking], timeout=0.05)


async def _check_beside(database: Database, connection: sqlite3.Connection, path: Path) -> None:
    try:
        damage = await asyncio.to_thread(quick_check, connection)
    except sqlite3.OperationalError as error:
        interrupted = error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT
        level = logging.INFO if interrupted else logging.WARNING
        log.log(level, "database not checked", extra={"reason": str(error)})
        return
    except sqlite3.DatabaseError as error:
        damage = str(error)
    if damage:
        database.give_up(f"The database {path} is damaged ({damage}): restore a backup, or move it away.")
    else:
        log.info("database checked")


def _open(path: Path, check: bool) -> tuple[sqlite3.Connection, sqlite3.Connection, OpenFiles]:
    try:
        prepare(path)
        writer = _connect(f"{path.absolute().as_uri()}?mode=rw")
    except (sqlite3.Error, OSError) as error:
        raise StartRefused(f"The database {path} cannot be opened for writing ({error}).") from error
    try:
        if check and (damage := quick_check(writer)):
            raise sqlite3.DatabaseError(damage)
        migrate(writer, path)
        _insist_on_durability(writer)
        reader = _connect(f"{path.absolute().as_uri()}?mode=ro")
        reader.execute("SELECT 1 FROM facts").fetchone()  # only then is the file really open
        files = OpenFiles(path)
    except (sqlite3.OperationalError, OSError) as error:
        writer.close()
        raise StartRefused(f"The database {path} cannot be written ({error}).") from error
    except sqlite3.DatabaseError as error:
        writer.close()
        raise StartRefused(
            f"The database {path} is damaged ({error}). It was not touched: restore a backup, or move it away."
        ) from error
    except BaseException:
        writer.close()
        raise
    return writer, reader, files


def _connect(uri: str) -> sqlite3.Connection:
    # Opened here, used in a thread of its own ever after: hence check_same_thread.
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten, however SQLite was built.
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _insist_on_durability(connection: sqlite3.Connection) -> None:
    """Turn on WAL and a flush at each commit, and read both back: an acknowledged callback must be on disk."""
    connection.execute("PRAGMA synchronous = FULL")
    journal = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (journal, synchronous) != ("wal", 2):
        raise sqlite3.OperationalError(f"journal_mode is {journal}, synchronous {synchronous}")
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # see CHECKPOINT_AFTER
    # A real write: SQLite opens a file that may only be read without a word, and even "begins immediately" on it.
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {version}")
