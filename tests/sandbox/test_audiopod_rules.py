"""Whatever is sent to the pretend AudioPod, it takes it or refuses it in the documented way."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.audiopod_lists import Query
from bot.sandbox.audiopod_rules import CREATES, Order, read_order
from bot.sandbox.audiopod_webhooks import read_endpoint
from bot.sandbox.refusal import Refusal

VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
FIELDS = sorted({name for rules, _ in CREATES.values() for name in rules})


def taken(read: Any, *given: Any) -> Any:
    """Give what was read, or None where it was refused as a client's mistake."""
    refused: list[Refusal] = []
    try:
        return read(*given)
    except Refusal as refusal:
        refused.append(refusal)
    assert [one.status in (400, 402, 422) and bool(str(one)) for one in refused] == [True]
    return None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CREATES)), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4))
def test_any_order_is_taken_or_refused(task: str, fields: dict[str, Any]) -> None:
    order = taken(read_order, task, {"prompt": "rain", **fields})
    if isinstance(order, Order):
        assert order.seconds is None or 0 < order.seconds <= 600
        assert 30 <= order.tempo <= 300
        assert isinstance(order.words, str)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.sampled_from(["skip", "limit", "liked", "status", "sort_by"]), st.text(), max_size=3))
def test_any_question_is_taken_or_refused(fields: dict[str, str]) -> None:
    query = taken(Query, fields)
    if isinstance(query, Query):
        assert query.skip >= 0
        assert 1 <= query.limit <= 100


@settings(max_examples=40, deadline=None)
@given(st.text() | st.text().map("https://{}".format), st.lists(VALUES, max_size=2))
def test_any_endpoint_is_taken_or_refused(url: str, events: list[Any]) -> None:
    taken(read_endpoint, {"url": url, "events": events})


@pytest.mark.parametrize("length", [float("nan"), float("inf"), -0.5])
def test_a_length_that_is_none_is_refused(length: float) -> None:
    with pytest.raises(Refusal, match="duration must be"):
        read_order("text2music", {"caption": "rain", "duration": length})
