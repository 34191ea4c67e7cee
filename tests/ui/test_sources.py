"""Times as members write them, and what every kind of thing is called."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.errors import CannotMake
from bot.domain.source import BadSource, BadTimes, Source, Unfit, Wrong
from bot.domain.task import FROM_WORDS, Kind, Request
from bot.ui.more_menu import AT_ONCE
from bot.ui.sources import read_time, write_time
from bot.ui.text import length
from bot.ui.words import details, kinds, refusals, rework
from bot.ui.words import library as library_words
from tests.parts import make_task


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1:23", 83.0),
        ("83", 83.0),
        ("83.5", 83.5),
        ("1:02:03", 3723.0),
        (" 0:07 ", 7.0),
        ("0:00.5", 0.5),
        ("90:00", 5400),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, seconds: float) -> None:
    assert read_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "soon", "1:60", "1:61:00", "-3", "1:2:3:4", "1e3", "nan", "inf", "1,5", ":30", "٣"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadTimes) as refused:
        read_time(text)
    assert refused.value.wrong is Wrong.UNREADABLE


@given(st.integers(0, 99), st.integers(0, 59), st.integers(0, 59), st.integers(0, 99))
def test_hours_minutes_and_seconds_add_up(hours: int, minutes: int, seconds: int, rest: int) -> None:
    written = f"{hours}:{minutes:02}:{seconds:02}.{rest:02}"
    assert read_time(written) == pytest.approx(hours * 3600 + minutes * 60 + seconds + rest / 100)


@given(st.text(max_size=20))
def test_whatever_is_written_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(BadTimes):
        assert 0 <= read_time(text) < 10**7


@example("2:10.10006")  # seconds that a sum of floats does not hit
@given(st.from_regex(r"(([0-9]{1,3}:)?[0-5]?[0-9]:[0-5]?[0-9]|[0-9]{1,5})(\.[0-9]{1,6})?", fullmatch=True))
def test_a_time_that_was_read_is_written_so_that_it_is_read_again(typed: str) -> None:
    seconds = read_time(typed)
    assert read_time(write_time(seconds)) == seconds


def test_a_time_is_written_as_exactly_as_it_was_given() -> None:
    assert [write_time(time) for time in (None, 83.0, 83.5, 1234.5678, 0.000001)] == [
        "",
        "1:23",
        "83.5",
        "1234.5678",
        "0.000001",
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_its_words(kind: Kind) -> None:
    for said in (kinds.one(kind), kinds.several(kind), library_words.KINDS[kind], library_words.kind_label(kind)):
        assert said
    assert refusals.refusal(CannotMake("", kind)).startswith("None of my music services can ")
    if kind not in FROM_WORDS:
        assert "“Roof”" in kinds.asked(Request("", kind=kind, source=Source("Roof")))
        assert (kind in rework.TITLES) is (kind not in AT_ONCE)
        assert all(1 <= len(text) <= 100 for text in rework.ENTRIES[kind])


def test_words_to_sing_that_are_not_taken_are_not_taken_for_lyrics_that_are_not_made() -> None:
    assert "take `lyrics`" in refusals.refusal(CannotMake("X", "lyrics"))
    assert "write lyrics" in refusals.refusal(CannotMake("X", Kind.LYRICS))


def test_details_say_what_it_was_made_from_and_which_part_is_meant() -> None:
    task = make_task("", kind=Kind.INFILL, source=Source("Tin Roof"), start=5.0, end=65.0)
    said = details(task, 0)
    assert "**What:** Track with a new part\n**Made from:** “Tin Roof”\n**Part:** 0:05 to 1:05" in said
    assert "**Part:** from 0:05 on" in details(make_task("", kind=Kind.EXTEND, source=Source(), start=5.0), 0)
    assert "Made from" not in details(make_task(), 0)


def test_every_refusal_of_a_source_or_a_time_has_a_sentence_of_its_own() -> None:
    said = [refusals.refusal(BadSource(unfit, 480)) for unfit in Unfit]
    said += [refusals.refusal(BadTimes(wrong, 60.0)) for wrong in Wrong]
    assert len(set(said)) == len(Unfit) + len(Wrong)


@given(st.text(max_size=500), st.text(max_size=500), st.sampled_from(sorted(kinds.ASKED)))
def test_what_was_asked_always_fits_a_line(title: str, prompt: str, kind: Kind) -> None:
    request = Request(prompt, kind=kind, source=Source(title))
    assert length(kinds.asked(request)) <= 500
