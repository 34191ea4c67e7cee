"""What is made from a track goes to whoever knows it, or takes its file; bad times and bad sources are refused."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.contract import Ability, Answer, Contract, Times, Worth
from bot.domain.errors import BadOption, CannotMake
from bot.domain.source import BadSource, BadTimes, Source, Unfit, Wrong
from bot.domain.task import Kind, Request
from bot.flows.choosing import able, choose, for_provider, obstacle
from tests.flows.workshop import FILE, MAKES, OWN, WORKSHOP

#: Makes the same, but only of what it made itself.
CLOSED = Contract("closed", "Closed", MAKES, Worth.RESULT)
#: Makes no covers, and sings with nobody's voice.
SMALL = Contract("small", "Small", {Kind.SONG: Ability(400), Kind.STEMS: Ability(source=True)}, Worth.NOTHING)
ALL = (CLOSED, WORKSHOP, SMALL)

THEIRS = replace(OWN, provider="closed", clip_id="clip-9", audio_url="https://files.example/9.mp3")


def wish(kind: Kind = Kind.COVER, source: Source | None = OWN, **changes: object) -> Request:
    return replace(Request("", kind=kind, source=source), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [kind for kind in MAKES if kind is not Kind.SONG], ids=str)
def test_what_is_made_from_a_track_needs_no_words(kind: Kind) -> None:
    times = {"start": 1.0, "end": 2.0} if kind is Kind.INFILL else {}
    assert choose(ALL, wish(kind, **times)) is WORKSHOP


def test_a_song_needs_words_as_ever() -> None:
    with pytest.raises(BadOption):
        choose(ALL, Request(""))


def test_whoever_knows_the_track_goes_before_the_preferred_one() -> None:
    assert choose((WORKSHOP, CLOSED), wish(source=THEIRS)) is CLOSED
    assert choose(ALL, wish(source=THEIRS)) is CLOSED
    assert choose(ALL, wish(source=OWN)) is WORKSHOP


def test_where_nobody_knows_it_the_first_that_takes_files_makes_it() -> None:
    assert choose(ALL, wish(source=FILE)) is WORKSHOP
    assert choose((WORKSHOP, SMALL), wish(source=THEIRS)) is WORKSHOP


def test_a_provider_gets_no_name_that_means_nothing_to_it() -> None:
    source = for_provider(WORKSHOP, wish(source=THEIRS)).source
    assert source == replace(THEIRS, provider="", clip_id="")
    assert for_provider(CLOSED, wish(source=THEIRS)) == wish(source=THEIRS)
    assert for_provider(CLOSED, Request("rain")) == Request("rain")


def test_where_only_a_handed_over_file_will_do_even_an_own_track_is_handed_over() -> None:
    makes = {Kind.SAMPLE: Ability(source=True, uploaded=True)}
    picky = replace(WORKSHOP, makes=makes)
    own = wish(Kind.SAMPLE, replace(OWN, audio_url="https://files.example/1.mp3"))
    source = for_provider(picky, own).source
    assert source == replace(own.source, provider="", clip_id="")
    assert obstacle(picky, own) is None
    assert isinstance(obstacle(picky, wish(Kind.SAMPLE, replace(OWN, audio_url=""))), CannotMake)


def test_a_provider_that_neither_knows_it_nor_takes_files_names_who_would() -> None:
    with pytest.raises(CannotMake) as refused:
        choose(ALL, wish(source=FILE), "closed")
    assert (refused.value.provider, refused.value.what, refused.value.others) == ("Closed", "source", ("Workshop",))


def test_a_foreign_track_without_an_address_can_be_made_by_its_own_provider_only() -> None:
    lone = replace(THEIRS, audio_url="")
    assert able(ALL, wish(source=lone)) == [CLOSED]
    with pytest.raises(CannotMake):
        choose((WORKSHOP, SMALL), wish(source=lone))


def test_without_a_source_it_is_asked_for_one() -> None:
    with pytest.raises(BadSource) as refused:
        choose(ALL, wish(Kind.STEMS, None))
    assert refused.value.unfit is Unfit.ONE_NEEDED


def test_a_kind_that_is_made_from_words_takes_no_source() -> None:
    assert isinstance(obstacle(SMALL, Request("rain", source=OWN)), CannotMake)


def test_a_persona_goes_only_where_it_can_sing() -> None:
    assert choose(ALL, wish(persona_id="voice")) is WORKSHOP
    trouble = obstacle(WORKSHOP, wish(Kind.EXTEND, persona_id="voice"))
    assert isinstance(trouble, CannotMake)
    assert trouble.what == "persona"


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("kind", "start", "end", "wrong"),
    [
        (Kind.EXTEND, None, None, None),
        (Kind.EXTEND, 0.5, None, None),
        (Kind.EXTEND, 100.0, None, None),
        (Kind.EXTEND, 0.0, None, Wrong.OUTSIDE),
        (Kind.EXTEND, 100.5, None, Wrong.OUTSIDE),
        (Kind.EXTEND, -1.0, None, Wrong.OUTSIDE),
        (Kind.VOCALS, None, None, None),
        (Kind.VOCALS, 0.0, None, None),
        (Kind.VOCALS, 100.0, None, Wrong.OUTSIDE),
        (Kind.VOCALS, None, 100.0, None),
        (Kind.VOCALS, None, 0.0, Wrong.OUTSIDE),
        (Kind.VOCALS, None, 101.0, Wrong.OUTSIDE),
        (Kind.INFILL, 0.0, 100.0, None),
        (Kind.INFILL, None, 50.0, Wrong.MISSING),
        (Kind.INFILL, 50.0, None, Wrong.MISSING),
        (Kind.INFILL, 50.0, 50.0, Wrong.ORDER),
        (Kind.INFILL, 60.0, 50.0, Wrong.ORDER),
        (Kind.INFILL, -1.0, 50.0, Wrong.OUTSIDE),
        (Kind.INFILL, 50.0, 100.5, Wrong.OUTSIDE),
        (Kind.INFILL, NAN, 50.0, Wrong.UNREADABLE),
        (Kind.VOCALS, None, INF, Wrong.UNREADABLE),
    ],
)
def test_times_lie_inside_the_track_and_in_order(
    kind: Kind, start: float | None, end: float | None, wrong: Wrong | None
) -> None:
    trouble = obstacle(WORKSHOP, wish(kind, start=start, end=end))
    if wrong is None:
        assert trouble is None
    else:
        assert isinstance(trouble, BadTimes)
        assert (trouble.wrong, trouble.seconds) == (wrong, 100.0)


def test_without_a_known_length_only_the_order_is_looked_at() -> None:
    unknown = replace(OWN, seconds=None)
    assert obstacle(WORKSHOP, wish(Kind.INFILL, unknown, start=500.0, end=900.0)) is None
    assert isinstance(obstacle(WORKSHOP, wish(Kind.INFILL, unknown, start=9.0, end=5.0)), BadTimes)


@pytest.mark.parametrize(
    ("kind", "times", "what"),
    [(Kind.COVER, {"start": 1.0}, "start"), (Kind.COVER, {"end": 2.0}, "end"), (Kind.EXTEND, {"end": 2.0}, "end")],
)
def test_times_that_a_provider_does_not_take_are_refused(kind: Kind, times: dict[str, float], what: str) -> None:
    trouble = obstacle(WORKSHOP, wish(kind, **times))
    assert isinstance(trouble, CannotMake)
    assert trouble.what == what


TIME = st.none() | st.floats(-5, 130) | st.just(math.nan)
SOURCES = st.none() | st.builds(
    Source,
    seconds=st.sampled_from([None, 100.0]),
    provider=st.sampled_from(["", "closed", "workshop", "gone"]),
    clip_id=st.sampled_from(["", "clip"]),
    audio_url=st.sampled_from(["", "https://files.example/a.mp3"]),
)


@given(
    st.builds(
        Request, st.just("rain"), persona_id=st.sampled_from(["", "v"]), kind=st.sampled_from(Kind),
        source=SOURCES, start=TIME, end=TIME,
    )
)  # fmt: skip
def test_whoever_can_make_it_is_never_asked_for_nonsense(request: Request) -> None:
    for offer in able(ALL, request):
        ability, ready = offer.makes[request.kind], for_provider(offer, request)
        assert ability.source is (ready.source is not None)
        if ready.source:
            assert ready.source.clip_id or (offer.uploads and ready.source.audio_url)
            for time in (time for time in (ready.start, ready.end) if time is not None):
                assert 0 <= time <= (ready.source.seconds or math.inf)
        if ready.start is not None and ready.end is not None:
            assert ready.start < ready.end
        assert ability.times is not Times.WHOLE_SPAN or None not in (ready.start, ready.end)
    if able(ALL, request):
        assert choose(ALL, request) in able(ALL, request)


def test_what_is_answered_at_once_is_usually_there_sooner() -> None:
    assert WORKSHOP.answer(Kind.WAV) is Answer.FREE_RESULT
    assert WORKSHOP.answer(Kind.LYRICS) is Answer.TASK
    assert WORKSHOP.usually_for(Kind.SONG) == WORKSHOP.usually
    assert WORKSHOP.usually_for(Kind.WAV) < WORKSHOP.usually
