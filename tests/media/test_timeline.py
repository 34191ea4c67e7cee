"""Timed words become lines and subtitles that other readers understand: in order, apart, and inside the track."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import srt
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.errors import DownloadGone
from bot.domain.task import Kind
from bot.media.timeline import LONGEST_LINE, MOST_WORDS, lines, lrc
from bot.media.timeline import srt as subtitles
from tests.media.making import by_extension, made, told

SECONDS = 30.0
TIMED = re.compile(r"\[(\d{2,}):([0-5]\d)\.(\d\d)\](.+)")
#: Words that look like signs of either format.
SIGNS = st.sampled_from(["[00:01.00]", "-->", "a\n\n2\n00:00:01,000 --> b", "\n", "<b>"])
WORDS = st.lists(
    st.fixed_dictionaries(
        {
            "word": st.text(max_size=12)
            | st.sampled_from(["[00:01.00]", "-->", "a\n\n2\n00:00:01,000 --> b", "\n", "<b>"]),
            "start": st.floats(-1, 40) | st.integers(0, 40) | st.none(),
            "end": st.floats(-1, 40) | st.integers(0, 40) | st.just("3.5"),
        }
    )
    | st.none(),
    max_size=30,
)


def timed(text: str) -> list[tuple[float, str]]:
    """Read the lines of an .lrc that have a time; there is nothing else in it but tags."""
    found = []
    for line in text.splitlines():
        if time := TIMED.fullmatch(line):
            found.append((int(time[1]) * 60 + int(time[2]) + int(time[3]) / 100, time[4]))
        else:
            assert re.fullmatch(r"\[(ti|length):[^\[\]]*\]", line), line
    return found


def sung(*words: tuple[str, float, float]) -> str:
    return told(words=[{"word": word, "start": start, "end": end} for word, start, end in words])


def texts(extra: str) -> list[str]:
    return [line.text for line in lines(extra, SECONDS)]


@settings(max_examples=150, deadline=None)
@given(WORDS)
@example([{"word": "a", "start": 1, "end": 1}, {"word": "b\nc", "start": 1, "end": 1}])
def test_whatever_was_told_both_files_are_in_order_and_inside_the_track(words: list[object]) -> None:
    found = lines(json.dumps({"words": words}), SECONDS)
    times = [time for time, _ in timed(lrc(found, "[00:01.00] Tin\nRoof", SECONDS))]
    assert len(times) == len(found)
    assert times == sorted(times)
    assert all(0 <= time < SECONDS for time in times)
    cues = list(srt.parse(subtitles(found)))
    assert subtitles(found).count("-->") == len(found)
    assert [cue.index for cue in cues] == list(range(1, len(found) + 1))
    assert [cue.content for cue in cues] == [line.text for line in found]
    ends = [*(cue.start for cue in cues[1:]), timedelta(seconds=SECONDS)]
    assert all(cue.start < cue.end <= end for cue, end in zip(cues, ends, strict=False))


def test_a_pause_a_break_and_a_full_line_begin_another_one() -> None:
    assert texts(sung(("rain", 0, 1), ("falls", 1, 2), ("softly", 3, 4))) == ["rain falls", "softly"]
    assert texts(sung(("rain\n", 0, 1), ("falls", 1, 2))) == ["rain", "falls"]
    assert texts(sung(("[Verse]\nrain ", 0, 1), ("falls", 1, 2))) == ["(Verse)", "rain falls"]
    long = texts(sung(*((f"word{n}", n / 10, n / 10 + 0.1) for n in range(30))))
    assert len(long) > 3
    assert all(len(line) <= LONGEST_LINE for line in long)


def test_words_come_in_the_order_they_are_sung_and_none_is_lost() -> None:
    mixed = sung(("three", 2, 3), ("one", 0, 1), ("two", 1, 2))
    assert texts(mixed) == ["one two three"]
    assert texts(sung(("at", 1, 2), ("once\n", 1, 2), ("three", 1, 2))) == ["at once three"]


def test_what_is_no_timed_word_and_what_is_outside_the_track_is_left_out() -> None:
    good = {"word": "rain", "start": 29.5, "end": 31}
    bad = [
        {"word": 1, "start": 0, "end": 1},
        {"word": "x", "start": 2, "end": 1},
        {"word": "late", "start": 30, "end": 31},
    ]
    (line,) = lines(told(words=[*bad, None, "rain", {"word": "x"}, good]), SECONDS)
    assert (line.text, line.start, line.end) == ("rain", 29_500, 30_000)


@pytest.mark.parametrize("extra", ["", "{", "[]", "{}", '{"words": 1}', '{"words": [1e999]}', "[" * 100_000], ids=len)
def test_what_cannot_be_read_has_no_lines(extra: str) -> None:
    assert lines(extra, SECONDS) == []


def test_of_very_many_words_so_many_are_read() -> None:
    many = told(words=[{"word": "la", "start": n, "end": n + 0.1} for n in range(MOST_WORDS + 9)])
    assert len(lines(many, None)) == MOST_WORDS
    assert (
        sum(len(line.text) for line in lines(told(words=[{"word": "la", "start": 1, "end": 1}] * 20_000), None)) < 250
    )


async def test_timed_words_come_as_both_files_with_the_title(tmp_path: Path) -> None:
    extra = sung(("rain", 0.5, 1), ("falls", 1, 2), ("softly", 61, 62))
    async with made(tmp_path, Kind.TIMELINE, extra) as fetched:
        files = {suffix: whole.decode() for suffix, whole in by_extension(fetched).items()}
    assert files[".lrc"].splitlines() == ["[ti:Tin Roof]", "[length:00:30]", "[00:00.50]rain falls"]
    assert [(cue.start, cue.end, cue.content) for cue in srt.parse(files[".srt"])] == [
        (timedelta(seconds=0.5), timedelta(seconds=2), "rain falls")
    ]
    assert fetched.trouble is None


async def test_words_without_times_come_as_they_were_told(tmp_path: Path) -> None:
    async with made(tmp_path, Kind.TIMELINE, told(words=[{"word": "rain"}])) as fetched:
        assert by_extension(fetched) == {".json": b'{"words": [{"word": "rain"}]}'}
        assert isinstance(fetched.trouble, DownloadGone)
