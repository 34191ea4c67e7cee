"""Reading single values of a vendor's answer."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.providers.reading import as_text

texts = st.text(st.sampled_from('\0\\u0a"\n') | st.characters(codec="utf-8"))
values = st.recursive(
    texts | st.integers(-(2**63), 2**64 - 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def without_nuls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.replace("\0", ""): without_nuls(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_nuls(inner) for inner in value]
    return value.replace("\0", "") if isinstance(value, str) else value


@given(st.dictionaries(texts.filter(lambda name: "\0" not in name), values, min_size=1, max_size=3))
def test_what_is_kept_as_text_is_the_same_object_without_nuls(told: dict[str, Any]) -> None:
    assert json.loads(as_text(told)) == without_nuls(told)


def test_nothing_is_an_empty_text() -> None:
    assert as_text({}) == ""
