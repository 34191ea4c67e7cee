"""The measurement itself works: it sees answers, and it sees a loss."""

from pathlib import Path

from tests.bench.answers import Waits, measure


async def test_a_short_run_loses_nobody(tmp_path: Path) -> None:
    waits = await measure(members=5, rounds=2, folder=tmp_path)
    assert len(waits.each) == 10
    assert waits.lost == 0
    assert 0 < waits.p99 < 3000


def test_the_promise_is_broken_by_one_lost_member_or_a_late_hundredth() -> None:
    assert Waits([10.0] * 200).good
    assert not Waits([10.0] * 200, lost=1).good
    assert not Waits([10.0] * 190 + [400.0] * 10).good
    assert not Waits().good
