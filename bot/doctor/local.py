"""What can be looked at on this machine: the database and the disk."""

import os
import shutil
from pathlib import Path

from bot.doctor.report import Line, fail, note, ok
from bot.settings import Settings
from bot.store.checkup import Checkup, check_up

#: Less free space than this, in bytes, is used up by a handful of tracks in hand.
LEAST_FREE = 200 * 1024 * 1024

DATABASE, DISK = "database", "disk"


def look_at_database(path: Path) -> tuple[list[Line], dict[str, str]]:
    """Return what there is to say about the database, and the facts the bot keeps in it."""
    if not path.exists():
        folder = _nearest(path.parent)
        if not os.access(folder, os.W_OK):
            return [
                fail(DATABASE, f"{path} cannot be made in {folder}", "Let the bot write there, or set DATA_DIR")
            ], {}
        return [note(DATABASE, f"{path} is not there yet; the first start makes it")], {}
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        remedy = "Give the user that runs the bot the file and its folder"
        return [fail(DATABASE, f"{path} or its folder cannot be written", remedy)], {}
    try:
        checkup = check_up(path)
    except OSError as error:
        remedy = "Close other programs that work on the file, and see that it is one of Minstrel's"
        return [fail(DATABASE, f"{path} cannot be read ({error})", remedy)], {}
    return [_verdict(path, checkup)], checkup.facts


def _verdict(path: Path, checkup: Checkup) -> Line:
    if checkup.damage:
        return fail(DATABASE, f"{path} is damaged ({checkup.damage})", "Stop the bot and restore a backup of the file")
    if checkup.version > checkup.known:
        made = f"{path} was made by a newer Minstrel (version {checkup.version}, this one knows {checkup.known})"
        return fail(DATABASE, made, "Update Minstrel, or set another DATA_DIR")
    if checkup.version < checkup.known:
        return note(DATABASE, f"{path} is of version {checkup.version}; the next start brings it to {checkup.known}")
    return ok(DATABASE, f"{path} is sound, version {checkup.version}")


def look_at_disk(settings: Settings) -> list[Line]:
    """Return how much room there is for the database and for downloads."""
    folders = dict.fromkeys((_nearest(settings.data_dir), _nearest(settings.database.parent)))
    return [disk_line(folder, shutil.disk_usage(folder).free) for folder in folders]


def disk_line(folder: Path, free: int) -> Line:
    """Say whether so many free bytes are enough."""
    room = f"{free / 1024**3:.1f} GiB free at {folder}"
    if free < LEAST_FREE:
        return fail(DISK, room, f"Free at least {LEAST_FREE // 1024**2} MiB, or set DATA_DIR to another disk")
    return ok(DISK, room)


def _nearest(folder: Path) -> Path:
    """Return the folder itself, or the first one above it that is there."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder
