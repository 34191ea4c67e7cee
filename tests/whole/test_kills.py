"""Five kills of the kill bench: at moments that can lose or double a track, with seeded dice."""

import random
from pathlib import Path

from tests.bench.kill_instants import EARLY, INSTANTS, STARTING, deck
from tests.bench.kill_world import run

CARD_MADE = "Discord has made a card"
FIVE = [
    (CARD_MADE, "short"),
    (STARTING, "short"),
    ("vendor has accepted a create", "short"),
    (CARD_MADE, "long"),
    (EARLY, "short"),
]


async def test_five_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    world = await run(5, FIVE, tmp_path)
    assert world.troubles == []
    assert world.tally.good
    assert (world.tally.short, world.tally.long) == (4, 1)
    assert world.tally.tasks > 0


def test_every_instant_is_dealt_and_the_same_seed_deals_the_same() -> None:
    assert set(deck(random.Random(1), 40)) == set(INSTANTS)
    assert deck(random.Random(1), 40) == deck(random.Random(1), 40)
