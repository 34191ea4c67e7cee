"""A provider is asked as fast as it allows, left alone while it fails, and tried out by one create."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.contract import Rate
from bot.domain.errors import Failure
from bot.flows.health import FIRST_REST, IN_A_ROW, LONGEST_REST, Health, Why
from tests.parts import Clock
from tests.providers.musicmint_samples import MINT

OFFER = MINT.contract
NAME = OFFER.name


def failing(clock: Clock) -> Health:
    """Return what is known after as many failures in a row as it takes."""
    health = Health(clock)
    for _ in range(IN_A_ROW):
        health.asking(OFFER)
        health.troubled(NAME)
    return health


def test_no_period_however_it_is_laid_has_more_creates_than_the_rate_allows(clock: Clock) -> None:
    health, offer = Health(clock), replace(OFFER, rate=Rate(3, timedelta(minutes=1)))
    asked = []
    for _ in range(600):
        if health.rest(offer) is None:
            health.asking(offer)
            asked.append(clock())
        clock.advance(seconds=1 if len(asked) % 2 else 7)
    assert len(asked) > 50
    assert all(later - earlier >= timedelta(minutes=1) for earlier, later in zip(asked, asked[3:], strict=False))


def test_over_the_rate_it_says_until_when(clock: Clock) -> None:
    health, offer = Health(clock), replace(OFFER, rate=Rate(1, timedelta(minutes=1)))
    health.asking(offer)
    rest = health.rest(offer)
    assert rest is not None
    assert (rest.until - clock(), rest.why) == (timedelta(minutes=1), Why.RATE)


def test_less_than_so_many_failures_in_a_row_are_no_rest(clock: Clock) -> None:
    health = Health(clock)
    for _ in range(5):
        for _ in range(IN_A_ROW - 1):
            health.asking(OFFER)
            assert not health.troubled(NAME)
        health.answered(NAME)
    assert health.resting([OFFER]) == frozenset()


def test_each_trial_that_fails_doubles_the_rest_up_to_the_longest(clock: Clock) -> None:
    health = failing(clock)
    lengths = []
    for _ in range(6):
        rest = health.rest(OFFER)
        assert rest is not None
        lengths.append(rest.until - clock())
        clock.now = rest.until
        health.asking(OFFER)
        assert health.troubled(NAME)
    assert lengths == [FIRST_REST, FIRST_REST * 2, FIRST_REST * 4, FIRST_REST * 8, LONGEST_REST, LONGEST_REST]


def test_one_create_tries_it_out_and_an_answer_ends_it_all(clock: Clock) -> None:
    health = failing(clock)
    assert health.resting([OFFER]) == {NAME}
    clock.advance(seconds=30)
    assert health.resting([OFFER]) == frozenset()
    health.asking(OFFER)
    assert health.resting([OFFER]) == {NAME}, "nobody else while it is tried out"
    health.answered(NAME)
    assert health.resting([OFFER]) == frozenset()
    assert not health.troubled(NAME)
    assert health.resting([OFFER]) == frozenset(), "it begins at nothing again"


def test_answers_of_creates_that_went_out_before_do_not_prolong_a_rest(clock: Clock) -> None:
    health = failing(clock)
    clock.advance(seconds=29)
    assert not health.troubled(NAME)
    clock.advance(seconds=1)
    assert health.rest(OFFER) is None


def test_a_busy_one_rests_as_long_as_it_says_and_never_for_long(clock: Clock) -> None:
    health = Health(clock)
    for told, meant in ((30, 30), (100_000, 300)):
        health.busy(NAME, timedelta(seconds=told))
        rest = health.rest(OFFER)
        assert rest is not None
        assert (rest.until - clock(), rest.why) == (timedelta(seconds=meant), Why.BUSY)


def test_a_clock_that_is_set_back_prolongs_no_rest(clock: Clock) -> None:
    health, offer = failing(clock), replace(OFFER, rate=Rate(1))
    health.asking(offer)
    health.troubled(NAME)
    clock.advance(days=-1)
    assert health.rest(offer) is None


def test_a_refusal_is_news_once_and_remembered_for_some_minutes(clock: Clock) -> None:
    health = Health(clock)
    assert health.refused(NAME, Failure.CREDITS)
    clock.advance(minutes=4)
    assert not health.refused(NAME, Failure.CREDITS)
    assert health.refusal(NAME) is Failure.CREDITS
    clock.advance(minutes=1)
    assert health.refusal(NAME) is None, "refusals that were not asked for do not prolong it"
    assert health.refused(NAME, Failure.CREDITS)
    health.answered(NAME)
    assert health.refusal(NAME) is None
