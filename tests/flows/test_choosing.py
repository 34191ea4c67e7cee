"""A wish goes to a provider that can make it; where none can, the answer says who could."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.contract import Ability, Contract, Worth
from bot.domain.errors import BadOption, CannotMake, OutOfRange, Refusal, TooLongTogether
from bot.domain.task import Kind, Request
from bot.flows.choosing import able, choose

SONGS = Contract("songs", "Songs", {Kind.SONG: Ability(400, 200, 80, 3000, instrumental=True)}, Worth.RESULT)
SHORT = Contract("short", "Short", {Kind.SONG: Ability(100, 50)}, Worth.HINT)
SOUNDS = Contract(
    "sounds",
    "Sounds",
    {Kind.SOUND: Ability(200, sound_types=frozenset({"loop"}), bpm=range(60, 201), musical_key=8)},
    Worth.NOTHING,
)
ALL = (SHORT, SONGS, SOUNDS)
#: One field for style and description beside lyrics.
NARROW = Contract("narrow", "Narrow", {Kind.SONG: Ability(400, 50, 80, 3000, 50, instrumental=True)}, Worth.RESULT)


def sound(**wish: Any) -> Request:
    return Request("a door", kind=Kind.SOUND, **wish)


def test_the_preferred_one_makes_it_where_it_can() -> None:
    assert choose(ALL, Request("rain")) is SHORT


def test_what_the_preferred_one_cannot_take_goes_to_the_next_that_can() -> None:
    assert choose(ALL, Request("rain", lyrics="tin roof")) is SONGS
    assert choose(ALL, Request("r" * 101)) is SONGS
    assert choose(ALL, Request("a door", kind=Kind.SOUND)) is SOUNDS


def test_the_wanted_one_is_asked_or_nobody() -> None:
    assert choose(ALL, Request("rain"), "songs") is SONGS
    with pytest.raises(CannotMake) as refused:
        choose(ALL, Request("rain", lyrics="tin roof"), "short")
    assert (refused.value.provider, refused.value.what, refused.value.others) == ("Short", "lyrics", ("Songs",))


def test_a_provider_nobody_knows_is_refused_with_those_that_would() -> None:
    with pytest.raises(CannotMake) as refused:
        choose(ALL, Request("rain"), "nobody")
    assert (refused.value.provider, refused.value.others) == ("nobody", ("Short", "Songs"))


def test_a_field_too_long_for_everybody_names_the_limit_of_the_preferred_one() -> None:
    with pytest.raises(BadOption) as refused:
        choose(ALL, Request("r" * 500))
    assert (refused.value.option, refused.value.limit, refused.value.length) == ("prompt", 100, 500)


def test_a_sound_goes_to_whoever_takes_its_kind_tempo_and_key() -> None:
    assert choose(ALL, sound(sound_type="loop", bpm=60, musical_key="A minor")) is SOUNDS
    assert choose(ALL, sound(bpm=200)) is SOUNDS


@pytest.mark.parametrize("bpm", [59, 201, 0, -60])
def test_a_tempo_that_nobody_takes_names_those_that_are_taken(bpm: int) -> None:
    with pytest.raises(OutOfRange) as refused:
        choose(ALL, sound(bpm=bpm))
    assert (refused.value.option, refused.value.least, refused.value.most, refused.value.given) == ("bpm", 60, 200, bpm)


def test_a_key_or_a_description_of_a_sound_that_is_too_long_names_the_limit() -> None:
    for wish, limit in ((sound(musical_key="A" * 9), 8), (Request("r" * 201, kind=Kind.SOUND), 200)):
        with pytest.raises(BadOption) as refused:
            choose(ALL, wish)
        assert refused.value.limit == limit


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        (sound(sound_type="one-shot"), "sound_type"),
        (sound(style="jazz"), "style"),
        (Request("rain", sound_type="loop"), "sound_type"),
        (Request("rain", bpm=90), "bpm"),
        (Request("rain", musical_key="C"), "musical_key"),
    ],
)
def test_what_a_provider_has_no_field_for_is_refused_by_name(wish: Request, what: str) -> None:
    with pytest.raises(CannotMake) as refused:
        choose(ALL, wish)
    assert refused.value.what == what


@pytest.mark.parametrize(
    ("wish", "room"),
    [({"lyrics": "la"}, 50), ({"instrumental": True}, 50), ({"instrumental": True, "style": "jazz"}, 44)],
)
def test_style_and_description_that_share_a_field_are_measured_together(wish: dict[str, Any], room: int) -> None:
    assert choose([NARROW], Request("r" * room, **wish)) is NARROW
    with pytest.raises(TooLongTogether) as refused:
        choose([NARROW], Request("r" * (room + 1), **wish))
    assert (refused.value.provider, refused.value.limit, refused.value.length) == ("Narrow", 50, 51)
    assert choose([NARROW, SONGS], Request("r" * (room + 1), **wish)) is SONGS
    assert choose([NARROW], Request("r" * 400)) is NARROW


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b"])
def test_a_wish_that_says_nothing_is_refused(nothing: str) -> None:
    with pytest.raises(BadOption):
        choose(ALL, Request(nothing))


TEXT = st.text("ab ", max_size=450)


@given(
    st.builds(Request, TEXT, TEXT, TEXT, st.booleans(), lyrics=TEXT, kind=st.sampled_from(Kind)),
    st.sampled_from(["", "songs", "short", "sounds", "nobody"]),
)
def test_the_chosen_one_can_always_make_it_and_a_refusal_means_that_it_could_not(request: Request, wanted: str) -> None:
    fit = [offer for offer in able(ALL, request) if wanted in ("", offer.name)]
    try:
        chosen = choose(ALL, request, wanted)
    except Refusal:
        assert not fit or not (request.prompt + request.lyrics + request.style).strip()
    else:
        assert chosen is fit[0]
