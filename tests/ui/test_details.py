"""What the details of a card say of a provider's own fields: little, plain and never as markup."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ui import words
from bot.ui.text import length
from bot.ui.words.extra import told_besides
from tests.parts import make_task
from tests.ui.conftest import Carded
from tests.ui.submits import change

leaves = st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats() | st.text()
values = leaves | st.lists(leaves) | st.dictionaries(st.text(), leaves)


async def test_they_are_shown_to_whoever_presses(carded: Carded) -> None:
    change(carded.show, """UPDATE tracks SET extra = '{"quality_score":0.8,"mv":"sonic"}'""")
    pressed = await carded.show.world.member.click(carded.card(), label="Details")
    assert pressed.response.content.endswith("**It also said:** quality score 0.8, mv sonic")


async def test_without_any_nothing_is_said_of_them(carded: Carded) -> None:
    pressed = await carded.show.world.member.click(carded.card(), label="Details")
    assert "It also said" not in pressed.response.content


def test_addresses_and_what_is_nested_stay_out_and_nothing_is_markup() -> None:
    told = {
        "video_url": "https://files.example/a.mp4?sig=abc",
        "urls": {"wav": "x"},
        "seeds": [41],
        "nothing": None,
        "liked": True,
        "mood": "**loud** @everyone <@1> [x](y)",
        "lrc": "a" * 500,
    }
    said = told_besides(json.dumps(told), 250)
    assert said == (r"liked yes, mood \*\*loud\*\* \@everyone \<\@1\> \[x\]\(y\), lrc " + "a" * 59 + "…")


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(), values), st.text(max_size=2000), st.text(max_size=4000))
def test_whatever_it_told_the_details_fit_one_message(told: dict[str, object], prompt: str, lyrics: str) -> None:
    task = make_task(prompt, style=prompt[:200], title=prompt[:80], lyrics=lyrics)
    assert length(words.details(task, 10**6, json.dumps(told))) <= 2000
