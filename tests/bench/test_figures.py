"""The table says what was measured, and a busy machine neither hides nor makes a broken promise."""

import pytest

from tests.bench.busy import judged
from tests.bench.figures import Figure, report

KEPT = Figure("throughput", "≥ 0.5", "0.7", True)
UNKNOWN = Figure("burst", "≤ 1 s", "no C compiler here", None)
BROKEN = Figure("start", "< 5 s", "9 s", False)


def test_the_status_is_one_where_a_promise_is_not_met_or_nothing_was_measured() -> None:
    assert report([KEPT, UNKNOWN]) == 0
    assert report([KEPT, BROKEN]) == 1
    assert report([]) == 1


def test_every_row_shows_its_limit_its_figure_and_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    report([KEPT, UNKNOWN, BROKEN])
    rows = [line.split("  ") for line in capsys.readouterr().out.splitlines()[1:]]
    shown = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert shown == [
        ["throughput", "≥ 0.5", "0.7", "met"],
        ["burst", "≤ 1 s", "no C compiler here", "not measured"],
        ["start", "< 5 s", "9 s", "NOT MET"],
    ]


@pytest.mark.parametrize(
    ("times", "stretched", "met"), [(0.9, 5.0, True), (1.5, 1.0, False), (1.5, 3.0, None), (7.0, 3.0, False)]
)
def test_others_excuse_only_what_they_explain(times: float, stretched: float, met: bool | None) -> None:
    assert judged("burst", "≤ 1 s", "…", times=times, stretched=stretched).met is met
