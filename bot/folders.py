"""The folders of a host: made where they are missing, and held by one bot alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from bot.domain.errors import StartRefused


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Hold the lock file beside the database, so that no second bot works on it. Raises StartRefused."""
    lock = filelock.FileLock(f"{database}.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise StartRefused(
            f"Another Minstrel is running on {database}. Stop it first, or set another DATA_DIR."
        ) from None
    except OSError as error:
        raise StartRefused(f"The lock {lock.lock_file} cannot be made ({error.strerror}). Set DATA_DIR.") from error
    try:
        yield
    finally:
        lock.release()


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it. Raises StartRefused."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartRefused(f"The folder {folder} cannot be made ({error.strerror}). Set DATA_DIR.") from error
