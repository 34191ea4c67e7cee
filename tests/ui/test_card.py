"""A card stays inside Discord's limits and shows nothing that could deceive, whatever the texts and addresses are."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import (
    DownloadError,
    DownloadExpired,
    DownloadFailed,
    DownloadGone,
    DownloadRefused,
    DownloadTooLarge,
)
from bot.domain.task import Task
from bot.domain.track import MOST_TRACKS, FetchedTrack
from bot.ui.card import Card, full_card, plain_card
from bot.ui.text import length
from tests.parts import ADA, make_task, make_track, short_mp3, small_jpeg
from tests.ui.test_text import TEXTS

MIB = 1024 * 1024
UNTIL = datetime(9999, 12, 31, tzinfo=UTC)
#: The longest address that is shown as a link.
LONG_LINK = "https://files.example/" + "x" * 878
HOSTILE = [
    "",
    "javascript:alert(1)",
    "data:audio/mpeg;base64,SUQz",
    "file:///etc/passwd",
    "//files.example/1.mp3",
    "https:files.example",
    "https://",
    "https://[::1",
    "https://discord.com@evil.example/1.mp3",
    "https://discord.com\\@evil.example/1.mp3",
    "https://files.example/1.mp3> **free** <https://evil.example",
    "https://files.example/a b",
    "https://files.example/\n# Free",
    "https://files.example/\u202e3pm.1",
    "https://fïles.example/1.mp3",
    LONG_LINK + "x",
]
TROUBLES = [DownloadTooLarge("x"), DownloadGone("x"), DownloadRefused("x"), DownloadFailed("x"), None]


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real MP3 on disk."""
    file = tmp_path_factory.mktemp("files") / "1.mp3"
    file.write_bytes(short_mp3())
    return file


@pytest.fixture(scope="module")
def cover(audio: Path) -> Path:
    """A real cover on disk."""
    file = audio.with_name("1.jpg")
    file.write_bytes(small_jpeg())
    return file


def texts_of(card: Card) -> list[str]:
    """Return every text of a card that a member reads."""
    texts = [card.content]
    for embed in card.embeds:
        texts += [embed.title or "", embed.description or ""]
        texts += [part or "" for one in embed.fields for part in (one.name, one.value)]
    return texts


def assert_within_limits(card: Card) -> None:
    """See https://docs.discord.com/developers/resources/message#embed-object-embed-limits."""
    assert 0 < length(card.content) <= 2000
    assert sum(map(length, texts_of(card)[1:])) <= 6000
    for embed in card.embeds:
        assert 0 < length(embed.title or "") <= 256
        assert length(embed.description or "") <= 4096
        assert all(0 < length(one.name or "") <= 256 and 0 < length(one.value or "") <= 1024 for one in embed.fields)
    names = [upload.name for upload in card.uploads]
    assert len(set(names)) == len(names) <= 10
    assert all(length(upload.description or "") <= 1024 for upload in card.uploads)
    images = [embed.image.url for embed in card.embeds if embed.image.url]
    assert set(images) <= {f"attachment://{name}" for name in names}


def assert_nobody_else_is_mentioned(card: Card) -> None:
    mentions = re.findall(r"(?<!\\)(?:<[@#/][^>]*>|@everyone|@here)", "\n".join(texts_of(card)))
    assert mentions == [f"<@{ADA}>"]


@st.composite
def fetched_tracks(draw: st.DrawFn, audio: Path, cover: Path) -> list[FetchedTrack]:
    """Draw what may have become of one to four tracks."""
    long = TEXTS | TEXTS.map(lambda text: text * 20)
    return [
        FetchedTrack(
            make_track(
                title=draw(long),
                style=draw(long),
                seconds=draw(st.none() | st.floats(0.1, 86_399)),
                audio_url=draw(st.sampled_from([*HOSTILE, LONG_LINK, "https://files.example/1.mp3"])),
                expires_at=draw(st.sampled_from([None, UNTIL])),
            ),
            number,
            draw(st.sampled_from([audio, None])),
            draw(st.sampled_from([cover, None])),
            draw(st.none() | st.integers(0, 0xFFFFFF)),
            draw(st.sampled_from(TROUBLES)),
        )
        for number in range(1, draw(st.integers(1, MOST_TRACKS)) + 1)
    ]


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(), prompt=TEXTS, title=TEXTS, style=TEXTS, more=st.integers(0, 20), limit=st.sampled_from([100, MIB])
)
def test_no_card_exceeds_discords_limits_or_mentions_anybody_else(
    audio: Path, cover: Path, data: st.DataObject, prompt: str, title: str, style: str, more: int, limit: int
) -> None:
    task = make_task(prompt * 20, title=title, style=style, missing=more)
    tracks = data.draw(fetched_tracks(audio, cover))
    for card in (full_card(task, tracks, more, limit), plain_card(task, tracks, more)):
        assert_within_limits(card)
        assert_nobody_else_is_mentioned(card)
        for address in HOSTILE[1:]:
            assert not any(f"<{address}>" in text or f" {address}" in text for text in texts_of(card))


@pytest.mark.parametrize("text", ["*", "🎶", "x"])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_the_longest_of_everything_still_fits(cover: Path, text: str, trouble: DownloadError | None) -> None:
    track = make_track(title=text * 999, style=text * 999, seconds=86_399.0, audio_url=LONG_LINK, expires_at=UNTIL)
    tracks = [FetchedTrack(track, number, None, cover, None, trouble) for number in (1, 2, 3, 4)]
    for some in (tracks[:1], tracks[:2], tracks[:3], tracks):
        assert_within_limits(full_card(make_task(text * 999), some, 9, MIB))
        assert_within_limits(plain_card(make_task(text * 999), some, 9))


def test_four_tracks_without_files_all_keep_their_long_links() -> None:
    track = make_track(audio_url=LONG_LINK, expires_at=UNTIL)
    tracks = [FetchedTrack(track, number, trouble=DownloadTooLarge("x")) for number in (1, 2, 3, 4)]
    card = full_card(make_task("x" * 2000), tracks, 0, MIB)
    assert sum(f"<{LONG_LINK}>" in text for text in texts_of(card)) == 4
    assert_within_limits(card)


def whole_tracks(count: int, audio: Path, cover: Path) -> list[FetchedTrack]:
    return [FetchedTrack(make_track(seconds=123.0), n, audio, cover, 0xC83C28) for n in range(1, count + 1)]


def field_of(card: Card, name: str) -> str | None:
    return next((one.value for one in card.embeds[0].fields if one.name == name), None)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_each_track_comes_with_its_mp3_and_its_cover(audio: Path, cover: Path, count: int) -> None:
    task = make_task()
    card = full_card(task, whole_tracks(count, audio, cover), 0, MIB)
    assert [upload.name for upload in card.uploads] == [
        name for n in range(1, count + 1) for name in (f"{n}-tin-roof-{task.id}.mp3", f"{n}-cover-{task.id}.jpg")
    ]
    assert [embed.image.url for embed in card.embeds] == [
        f"attachment://{n}-cover-{task.id}.jpg" for n in range(1, count + 1)
    ]
    assert_within_limits(card)


def test_a_card_tells_what_was_asked_and_what_came(audio: Path, cover: Path) -> None:
    tracks = whole_tracks(2, audio, cover)
    card = full_card(make_task("rain, *please*", style="lofi"), tracks, 3, MIB, {"musicmint": "MusicMint"})
    first, second = card.embeds
    assert card.content == f"<@{ADA}>, your tracks are ready.\n-# 3 more came with them; a card shows 2."
    assert (first.title, second.title) == ("1 · Tin Roof", "2 · Tin Roof")
    assert (first.description, second.description) == (r"> rain, \*please\*", None)
    assert {one.name: one.value for one in first.fields} == {"Style": "lofi", "Length": "2:03", "Made by": "MusicMint"}
    assert first.colour is not None
    assert first.colour.value == 0xC83C28


def test_a_title_comes_from_the_track_then_from_the_member_then_from_us() -> None:
    def title(track: str, wish: str) -> str | None:
        task = make_task(title=wish)
        return full_card(task, [FetchedTrack(make_track(title=track), 1)], 0, MIB).embeds[0].title

    assert [title("Theirs", "Mine"), title("", "Mine"), title("", ""), title("\u200b", "")] == [
        "1 · Theirs",
        "1 · Mine",
        "1 · Untitled",
        "1 · Untitled",
    ]


def test_uploads_are_opened_anew_for_each_try(audio: Path, cover: Path) -> None:
    card = full_card(make_task(), whole_tracks(1, audio, cover), 0, MIB)
    for _ in range(2):
        opened = card.files()
        assert [file.fp.read() for file in opened] == [short_mp3(), small_jpeg()]
        assert [file.filename for file in opened] == [upload.name for upload in card.uploads]
        assert [file.description for file in opened] == [None, "Cover art of “Tin Roof”"]
        for file in opened:
            file.close()
    assert card.size() == len(short_mp3()) + len(small_jpeg())


def test_a_file_over_the_limit_becomes_a_link_and_its_cover_stays(audio: Path, cover: Path) -> None:
    tracks = whole_tracks(1, audio, cover)
    at_limit, over = (full_card(make_task(), tracks, 0, audio.stat().st_size - less) for less in (0, 1))
    assert [upload.path for upload in at_limit.uploads] == [audio, cover]
    assert field_of(at_limit, "File") is None
    assert [upload.path for upload in over.uploads] == [cover]
    assert field_of(over, "File") == (
        "Its file is too large for this place. Listen here: <https://files.example/clip-1.mp3>"
    )


def test_a_link_tells_how_long_it_is_good() -> None:
    until = datetime(2026, 11, 28, 9, tzinfo=UTC)
    fetched = FetchedTrack(make_track(expires_at=until), 1, trouble=DownloadFailed("x"))
    card = full_card(make_task(), [fetched], 0, MIB)
    assert (field_of(card, "File") or "").endswith(f"(link good until <t:{int(until.timestamp())}:f>)")


@pytest.mark.parametrize("trouble", [DownloadExpired("x"), DownloadRefused("x")])
def test_no_link_leads_where_nothing_is_or_where_we_would_not_go(trouble: DownloadError) -> None:
    fetched = FetchedTrack(make_track(), 1, trouble=trouble)
    for card in (full_card(make_task(), [fetched], 0, MIB), plain_card(make_task(), [fetched], 0)):
        assert "files.example" not in "\n".join(texts_of(card))


@pytest.mark.parametrize("address", HOSTILE)
def test_a_hostile_address_is_never_a_link(address: str) -> None:
    def cards(task: Task) -> list[Card]:
        fetched = FetchedTrack(make_track(audio_url=address), 1, trouble=DownloadFailed("x"))
        return [full_card(task, [fetched], 0, MIB), plain_card(task, [fetched], 0)]

    for card in cards(make_task()):
        everything = "\n".join(texts_of(card))
        assert "Its file could not be attached." in everything
        assert "Listen here" not in everything
        assert "evil" not in everything


@pytest.mark.parametrize(
    "address",
    [LONG_LINK, "HTTPS://files.example", "http://127.0.0.1:8080/a%2Fb?x=1&y=%3A#z", "https://files.example?by=@ada"],
)
def test_a_plain_address_is_a_link_without_a_preview(address: str) -> None:
    fetched = FetchedTrack(make_track(audio_url=address), 1)
    assert f"Listen here: <{address}>" in plain_card(make_task(), [fetched], 0).content


def test_a_plain_card_tells_the_same_without_files_and_embeds(audio: Path, cover: Path) -> None:
    card = plain_card(make_task(), whole_tracks(2, audio, cover), 0)
    link = "-# Its file could not be attached. Listen here: <https://files.example/clip-1.mp3>"
    assert card.content.splitlines() == [
        f"<@{ADA}>, your tracks are ready.",
        "1 · **Tin Roof** · 2:03",
        link,
        "2 · **Tin Roof** · 2:03",
        link,
    ]
    assert (card.embeds, card.uploads) == ([], [])


def test_where_a_plain_card_is_too_long_links_go_before_titles() -> None:
    tracks = [FetchedTrack(make_track(title=f"Number {n}", audio_url=LONG_LINK), n) for n in (1, 2, 3, 4)]
    content = plain_card(make_task(), tracks, 0).content
    assert re.findall(r"^\d · \*\*(.+)\*\*", content, re.MULTILINE) == [f"Number {n}" for n in (1, 2, 3, 4)]
    assert content.count(LONG_LINK) == 1
    assert length(content) <= 2000
