"""A result that cannot be used counts as missing."""

import pytest

from bot.domain.task import WITHOUT_AUDIO, Kind
from bot.domain.track import Completed, Failed, Running, usable
from tests.parts import make_track

HEARD, SILENT = make_track("a"), make_track("b", audio_url="", lyrics="tin roof")


@pytest.mark.parametrize("kind", Kind, ids=str)
def test_a_track_without_audio_is_none_but_where_no_audio_is_made(kind: Kind) -> None:
    outcome = Completed((HEARD, SILENT), missing=1)
    expected = outcome if kind in WITHOUT_AUDIO else Completed((HEARD,), missing=2)
    assert usable(outcome, kind) == expected


@pytest.mark.parametrize("outcome", [Running(30), Failed("no"), Completed((HEARD,)), Completed(())], ids=str)
def test_whatever_is_whole_stays_as_it_is(outcome: Running | Failed | Completed) -> None:
    assert usable(outcome, Kind.SONG) == outcome
