"""The measurement itself works: every kind of look is taken, and finds something to look at."""

import random
from pathlib import Path

from bot.store.database import open_database
from tests.bench.library import LOOKS, OTHERS, fill, measure, p99


async def test_a_short_run_takes_every_look(tmp_path: Path) -> None:
    figures = await measure(tracks=100, times=10, folder=tmp_path)
    assert set(figures) == set(LOOKS | OTHERS)
    assert all(len(waits) == 10 and 0 < p99(waits) < 3000 for waits in figures.values())


async def test_the_tables_are_filled_as_the_bot_would(tmp_path: Path) -> None:
    async with open_database(tmp_path / "library.sqlite3") as database:
        await database.write(lambda db: fill(db, 100, random.Random(1)))
        counted = await database.read(
            lambda db: [
                db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("library", "library_words")
            ]
        )
    assert counted == [100, 100]
