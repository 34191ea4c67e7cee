"""A wish goes to a provider that can make it; where none can, the answer says who could."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.contract import Ability, Contract, Worth
from bot.domain.errors import BadOption, CannotMake, Refusal
from bot.domain.task import Kind, Request
from bot.flows.choosing import able, choose

SONGS = Contract("songs", "Songs", {Kind.SONG: Ability(400, 200, 80, 3000, instrumental=True)}, Worth.RESULT)
SHORT = Contract("short", "Short", {Kind.SONG: Ability(100, 50)}, Worth.HINT)
SOUNDS = Contract("sounds", "Sounds", {Kind.SOUND: Ability(200, sound=True)}, Worth.NOTHING)
ALL = (SHORT, SONGS, SOUNDS)


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
