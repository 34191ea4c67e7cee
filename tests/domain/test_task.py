"""The life of a task is a table, and names are what they promise."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.source import Source
from bot.domain.task import (
    CAN_BECOME,
    DELIVERY_CAN_BECOME,
    Delivery,
    Kind,
    Request,
    State,
    new_key,
    new_task_id,
    nonce_for,
    predecessors,
)


def test_every_state_stands_in_the_table() -> None:
    assert set(CAN_BECOME) == set(State)
    assert set(DELIVERY_CAN_BECOME) == set(Delivery)


def test_completed_and_cancelled_are_final() -> None:
    assert CAN_BECOME[State.COMPLETED] == CAN_BECOME[State.CANCELLED] == frozenset()


def test_what_may_have_been_charged_never_waits_again() -> None:
    assert State.WAITING not in CAN_BECOME[State.UNKNOWN] | CAN_BECOME[State.SUBMITTED]


def test_a_late_success_still_wins() -> None:
    assert State.COMPLETED in CAN_BECOME[State.FAILED]


def test_every_state_but_the_first_can_be_reached_from_it() -> None:
    reached = {State.WAITING}
    while more := {after for state in reached for after in CAN_BECOME[state]} - reached:
        reached |= more
    assert reached == set(State)


@given(st.sampled_from(State), st.sampled_from(State))
def test_predecessors_are_the_table_read_backwards(before: State, after: State) -> None:
    assert (before in predecessors(after)) == (after in CAN_BECOME[before])


def test_a_task_id_is_twelve_plain_characters_and_a_key_fits_a_path() -> None:
    assert all(re.fullmatch(r"[0-9a-z]{12}", new_task_id()) for _ in range(100))
    assert all(re.fullmatch(r"[\w-]{32}", new_key()) for _ in range(100))
    assert len({new_task_id() for _ in range(1000)}) == 1000


@given(st.text(max_size=40), st.text(max_size=40), st.integers(1, 99))
def test_a_nonce_fits_discord_and_never_changes(task_id: str, kind: str, attempt: int) -> None:
    nonce = nonce_for(task_id, kind, attempt)
    assert len(nonce) <= 25
    assert nonce == nonce_for(task_id, kind, attempt)


def test_another_message_or_attempt_has_another_nonce() -> None:
    nonces = {nonce_for("k3v9", kind, attempt) for kind in ("card-channel", "told-failed") for attempt in (1, 2)}
    assert len(nonces) == 4


def test_without_words_there_is_no_name_of_a_file_either() -> None:
    file = Source("my demo", 60.0, audio_url="https://cdn.example/my_demo.mp3?ex=1", provider="workshop", clip_id="c-1")
    bare = Request("a choir", kind=Kind.COVER, source=file).without_words
    assert bare.source == Source(seconds=60.0, provider="workshop", clip_id="c-1")
