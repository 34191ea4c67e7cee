"""Text from outside is clean, escaped and inside its limits, whatever it was."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.task import new_task_id
from bot.ui.text import clean, file_name, length, minutes, plain, shown

JOINER = "\u200d"
MARKS = "\u0301\u0302\u0489\u20dd\u0e49"
#: Signs of Markdown, marks, fillers, direction and control characters, emoji, and parts of mentions.
NASTY = st.sampled_from(
    "\\*_~`|>#[]()<@:/+-&!.1 \t\n\r\0\x1b" + MARKS + JOINER + "\u202e\u2066\u200b\ufeff\u00ad\u3164é屋🎶"
)
PHRASES = st.sampled_from(
    ["@everyone", "<@1>", "<@&1>", "<#1>", "</cmd:1>", "[x](https://a.example)", "```", "||", "<t:0:R>", "-# ", "👩‍👧"]
)
TEXTS = st.lists(NASTY | PHRASES | st.characters(), max_size=60).map("".join)
#: What Discord's Markdown or its mentions could take for a sign where no backslash stands before it.
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[*_~`|>#\[\]()<@:]")


def is_tidy(text: str) -> bool:
    """Say whether a text is on one line, without control and direction characters."""
    return all(unicodedata.category(sign)[0] != "C" or sign == JOINER for sign in text) and "\u2028" not in text


def unescaped(text: str) -> str:
    """Return what a person reads: Discord takes a backslash before any punctuation away."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


@given(TEXTS, st.integers(1, 80))
def test_what_is_shown_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert length(shown(text, limit)) <= limit
    assert length(plain(text, limit)) <= limit


@given(TEXTS)
def test_what_is_shown_is_on_one_line_without_control_and_direction_characters(text: str) -> None:
    assert is_tidy(shown(text, 200))
    assert is_tidy(plain(text, 200))


@given(TEXTS, st.integers(1, 80))
def test_no_sign_of_markdown_or_of_a_mention_stands_unescaped(text: str, limit: int) -> None:
    visible = shown(text, limit)
    assert not UNESCAPED.search(visible)
    assert "://" not in visible
    assert not re.search(r"(?:^|[^\\])(?:\\\\)*\\$", visible.removesuffix("…"))


@given(TEXTS)
def test_what_is_escaped_reads_as_it_was_meant(text: str) -> None:
    assert unescaped(shown(text, 10_000, clean(text))) == clean(text)


@given(st.text(st.sampled_from(MARKS + JOINER + "\u200b\u202e\0a"), max_size=60))
def test_marks_do_not_pile_up_behind_invisible_characters(text: str) -> None:
    assert not re.search(f"[{MARKS}]{{5}}", clean(text).replace(JOINER, ""))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n\t\r",
        "\u200b\u200e",
        JOINER,
        f"{JOINER} {JOINER}",
        "\u3164",
        "\u2800\u115f",
        "\u0301",
        "\ufe0f",
        "\0",
    ],
)
def test_where_nothing_can_be_seen_there_is_a_stand_in(text: str) -> None:
    assert shown(text, 50, "Untitled") == "Untitled"
    assert plain(text, 50, "Untitled") == "Untitled"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rain on a tin roof", "Rain on a tin roof"),
        ("  two \n\n lines\u2028here ", "two lines here"),
        ("@everyone", r"\@everyone"),
        ("<@1> <@&1> <#1> </cmd:1>", r"\<\@1\> \<\@&1\> \<\#1\> \<\/cmd\:1\>"),
        ("**bold** __it__ ~~no~~ ||spoiler||", r"\*\*bold\*\* \_\_it\_\_ \~\~no\~\~ \|\|spoiler\|\|"),
        ("[here](https://a.example)", r"\[here\]\(https\:\/\/a.example\)"),
        ("discord.gg/abc", r"discord.gg\/abc"),
        ("# big", r"\# big"),
        ("-# small", r"\-\# small"),
        ("> quote", r"\> quote"),
        ("```py", r"\`\`\`py"),
        (r"\*", r"\\\*"),
        ("<t:0:R> :smile:", r"\<t\:0\:R\> \:smile\:"),
        ("gpj\u202e.mp3", "gpj.mp3"),
        ("e\u0301te\u0301", "été"),
        ("👩\u200d👧 only", "👩\u200d👧 only"),
        ("z" + "\u0336" * 20, "z" + "\u0336" * 4),
        ("กี่ ที่", "กี่ ที่"),
        ("שלום", "שלום"),
    ],
)
def test_texts_are_shown_as_text(text: str, expected: str) -> None:
    assert shown(text, 200) == expected


def test_what_is_too_long_ends_in_dots() -> None:
    assert shown("a" * 5000, 256) == "a" * 255 + "…"
    assert shown("a" * 256, 256) == "a" * 256
    assert shown("word word", 6) == "word…"


def test_a_cut_never_parts_a_backslash_from_its_sign() -> None:
    assert [shown("**", limit) for limit in (1, 2, 3, 4)] == ["…", "…", r"\*…", r"\*\*"]


def test_emoji_count_as_discord_counts_them() -> None:
    assert length("🎶") == 2
    assert shown("🎶" * 10, 9) == "🎶" * 4 + "…"


FILE_NAMES = re.compile(r"[a-z0-9._-]+")


@given(
    number=st.integers(1, 99),
    title=TEXTS | st.text(max_size=500),
    extension=st.sampled_from(["mp3", "jpg", "png", "webp"]),
)
def test_a_file_name_is_built_from_safe_characters(number: int, title: str, extension: str) -> None:
    task_id = new_task_id()
    name = file_name(number, title, task_id, extension)
    assert FILE_NAMES.fullmatch(name)
    assert len(name) <= 80
    assert name.startswith(f"{number}-")
    assert name.endswith(f"-{task_id}.{extension}")
    assert name.count(".") == 1


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Harbour Lights", "harbour-lights"),
        ("Où est l'été?", "ou-est-l-ete"),
        ("../../etc/passwd", "etc-passwd"),
        ("a/b\\c", "a-b-c"),
        ("C:x", "c-x"),
        (".", "track"),
        ("..", "track"),
        (".hidden", "hidden"),
        ("CON", "con"),
        ('a"b;c', "a-b-c"),
        ("a\r\nb\0c", "a-b-c"),
        ("SPOILER_x", "spoiler-x"),
        ("屋根の雨", "track"),
        ("", "track"),
        ("x" * 300, "x" * 40),
        ("y" * 39 + " z", "y" * 39),
    ],
)
def test_a_file_name_keeps_what_is_safe_of_a_title(title: str, slug: str) -> None:
    assert file_name(1, title, "k3v9bcdfghjk", "mp3") == f"1-{slug}-k3v9bcdfghjk.mp3"


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, ""), (0.2, "0:00"), (9.6, "0:09"), (59.6, "0:59"), (123, "2:03"), (3600, "60:00")]
)
def test_a_length_is_read_as_minutes_and_seconds(seconds: float | None, text: str) -> None:
    assert minutes(seconds) == text


@given(st.text(st.characters(max_codepoint=126)))
def test_plain_letters_are_cleaned_as_all_others_are(text: str) -> None:
    assert clean(text) == clean(text + " é").removesuffix("é").rstrip()
