"""The card of each kind says what it is and where it came from, with its files, or with what to do without them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.errors import DownloadError, DownloadGone, DownloadTooLarge
from bot.domain.source import Source
from bot.domain.task import FROM_WORDS, Kind, Task
from bot.domain.track import FetchedTrack, Track
from bot.ui.card import Card, Look, make_card
from bot.ui.card_lyrics import shown_lines
from bot.ui.text import length
from bot.ui.words.made import NO_FILES, NO_LYRICS
from tests.parts import ADA, make_task, make_track
from tests.ui.test_card import (
    LONG_LINK,
    MIB,
    UNTIL,
    assert_nobody_else_is_mentioned,
    assert_within_limits,
    audio,
    cover,
    field_of,
    texts_of,
)
from tests.ui.test_text import TEXTS, UNESCAPED, is_tidy

__all__ = ["audio", "cover"]

LOOKS = [
    Look(),
    Look(embeds=False),
    Look(files=False),
    Look(files=False, embeds=False),
    Look(embeds=False, words=False),
]
LINK = "https://discord.com/channels/2001/3001/4001"
SOURCE = Source("Tin Roof", 91.0, "k7m2", 1)
MADE = {
    Kind.MIDI: ("mid", "json"),
    Kind.TIMELINE: ("lrc", "srt"),
    Kind.WAVEFORM: ("png",),
    Kind.LYRICS: ("txt",),
}


def task_of(kind: Kind, **changes: object) -> Task:
    return make_task(**{"prompt": "", "kind": kind, "source": None if kind in FROM_WORDS else SOURCE, **changes})


def files_of(folder: Path, kind: Kind) -> tuple[Path, ...]:
    """Return the files of a kind, a few bytes each."""
    paths = tuple(folder / f"1.{kind}.{extension}" for extension in MADE.get(kind, ()))
    for path in paths:
        path.write_bytes(b"123")
    return paths


def fetched_of(folder: Path, kind: Kind, lyrics: str = "", trouble: DownloadError | None = None) -> FetchedTrack:
    return FetchedTrack(Track("c", "", lyrics=lyrics), 1, trouble=trouble, files=files_of(folder, kind))


def names_of(card: Card) -> list[str]:
    return [upload.name for upload in card.uploads]


@pytest.mark.parametrize(
    ("kind", "wish", "said"),
    [
        (Kind.EXTEND, {"start": 83.5}, f"Extended from [**Tin Roof**]({LINK}), from 1:23 on"),
        (Kind.COVER, {}, f"A cover of [**Tin Roof**]({LINK})"),
        (Kind.REMASTER, {}, f"Remastered from [**Tin Roof**]({LINK})"),
        (Kind.VOCALS, {"end": 30.0}, f"Vocals added to [**Tin Roof**]({LINK}), 0:00 to 0:30"),
        (Kind.INFILL, {"start": 12.0, "end": 20.0}, f"A new part in [**Tin Roof**]({LINK}), 0:12 to 0:20"),
        (Kind.SAMPLE, {"start": 12.0}, f"Made from [**Tin Roof**]({LINK}), from 0:12 on"),
    ],
)
def test_a_rework_is_a_song_that_says_what_it_came_from(
    audio: Path, cover: Path, kind: Kind, wish: dict[str, object], said: str
) -> None:
    tracks = [FetchedTrack(make_track(), n, audio, cover) for n in (1, 2)]
    task = task_of(kind, **wish)
    card = make_card(task, tracks, 0, MIB, Look(), origin_link=LINK)
    assert [embed.description for embed in card.embeds] == [said, None]
    assert len(card.uploads) == 4
    assert said in make_card(task, tracks, 0, MIB, Look(embeds=False), origin_link=LINK).content
    unlinked = make_card(task, tracks, 0, MIB, Look()).embeds[0].description
    assert unlinked == said.replace(f"[**Tin Roof**]({LINK})", "**Tin Roof**")


def test_a_rework_in_the_members_words_shows_them_too(audio: Path) -> None:
    card = make_card(task_of(Kind.COVER, style="jazz"), [FetchedTrack(make_track(), 1, audio)], 0, MIB, Look())
    assert card.embeds[0].description == "A cover of **Tin Roof**\n> jazz"
    nameless = make_card(task_of(Kind.COVER, source=Source()), [FetchedTrack(make_track(), 1, audio)], 0, MIB, Look())
    assert nameless.embeds[0].description == "A cover of a track"


def test_a_sound_says_what_was_asked_of_it(audio: Path) -> None:
    task = make_task("drip", kind=Kind.SOUND, sound_type="loop", bpm=90, musical_key="Am")
    card = make_card(task, [FetchedTrack(make_track(), 1, audio)], 0, MIB, Look())
    assert card.content == f"<@{ADA}>, your sound is ready."
    assert field_of(card, "Sound") == "loop · 90 bpm · Am"
    plain = make_card(make_task("drip", kind=Kind.SOUND), [FetchedTrack(make_track(), 1, audio)], 0, MIB, Look())
    assert field_of(plain, "Sound") is None


def test_each_kind_has_a_sentence_of_its_own(tmp_path: Path) -> None:
    def said(kind: Kind, count: int) -> str:
        return make_card(task_of(kind), [fetched_of(tmp_path, kind)] * count, 0, MIB, Look()).content

    assert len({said(kind, 1) for kind in Kind}) == len(Kind) - 1  # a sample becomes a song like any other
    assert all(said(kind, 2).endswith(" are ready.") for kind in Kind)


@pytest.mark.parametrize(("kind", "called"), [(Kind.MIDI, "Notes"), (Kind.TIMELINE, "Timed words")])
def test_what_was_taken_out_is_one_compact_embed_with_its_files(tmp_path: Path, kind: Kind, called: str) -> None:
    task = task_of(kind)
    card = make_card(task, [fetched_of(tmp_path, kind)], 0, MIB, Look(), {"musicmint": "MusicMint"}, LINK)
    (embed,) = card.embeds
    assert embed.title == called
    assert f"[**Tin Roof**]({LINK})" in (embed.description or "")
    assert names_of(card) == [f"1-tin-roof-{task.id}.{extension}" for extension in MADE[kind]]
    assert {one.name: one.value for one in embed.fields} == {"Made by": "MusicMint"}


def test_a_waveform_is_shown_and_described(tmp_path: Path) -> None:
    card = make_card(task_of(Kind.WAVEFORM), [fetched_of(tmp_path, Kind.WAVEFORM)], 0, MIB, Look())
    (upload,) = card.uploads
    assert card.embeds[0].image.url == f"attachment://{upload.name}"
    assert upload.description == "Waveform of “Tin Roof”: how loud it is from its beginning to its end"


def test_vocals_come_as_audio_with_a_small_cover(audio: Path, cover: Path) -> None:
    task = task_of(Kind.STEMS)
    card = make_card(task, [FetchedTrack(make_track(title=""), 1, audio, cover, 0xC83C28)], 0, MIB, Look())
    assert names_of(card) == [f"1-tin-roof-{task.id}.mp3", f"1-cover-{task.id}.jpg"]
    assert card.embeds[0].thumbnail.url == f"attachment://1-cover-{task.id}.jpg"
    assert field_of(card, "File") is None


def test_a_wav_that_does_not_fit_is_linked_as_long_as_the_link_is_good(tmp_path: Path) -> None:
    wav = tmp_path / "1.wav"
    wav.write_bytes(bytes(1000))
    task = task_of(Kind.WAV)
    track = Track("c", "https://files.example/1.wav", expires_at=UNTIL)
    fits, over = (make_card(task, [FetchedTrack(track, 1, wav)], 0, limit, Look()) for limit in (1000, 999))
    assert names_of(fits) == [f"1-tin-roof-{task.id}.wav"]
    assert over.uploads == []
    said = field_of(over, "File") or ""
    assert said.startswith(
        "Its file is too large for this place. Listen here: <https://files.example/1.wav> (link good"
    )


def test_each_file_is_measured_by_itself(tmp_path: Path) -> None:
    fetched = fetched_of(tmp_path, Kind.MIDI)
    fetched.files[1].write_bytes(bytes(1000))
    card = make_card(task_of(Kind.MIDI), [fetched], 0, 999, Look())
    assert [Path(name).suffix for name in names_of(card)] == [".mid"]
    assert field_of(card, "File") == "Not all of its files fit into this place: they are too large."
    fetched.files[0].write_bytes(bytes(999))
    assert len(make_card(task_of(Kind.MIDI), [fetched], 0, 1000, Look()).uploads) == 2


def test_where_nothing_could_be_made_what_was_told_is_attached(tmp_path: Path) -> None:
    raw = tmp_path / "1.json"
    raw.write_text("{}")
    task = task_of(Kind.TIMELINE)
    fetched = FetchedTrack(Track("c", ""), 1, trouble=DownloadGone("x"), files=(raw,))
    card = make_card(task, [fetched], 0, MIB, Look())
    assert names_of(card) == [f"1-tin-roof-{task.id}.json"]
    assert "What it sent is in the `.json`" in (field_of(card, "File") or "")
    bare = make_card(task, [FetchedTrack(Track("c", ""), 1, trouble=DownloadGone("x"))], 0, MIB, Look())
    assert (field_of(bare, "File") or "").endswith("It sent nothing that could be kept.")


@pytest.mark.parametrize("kind", [Kind.MIDI, Kind.TIMELINE, Kind.WAVEFORM])
def test_where_no_files_are_taken_the_card_says_what_to_do(tmp_path: Path, kind: Kind) -> None:
    fetched = fetched_of(tmp_path, kind)
    plain = make_card(task_of(kind), [fetched], 0, MIB, Look(files=False, embeds=False))
    assert plain.content.endswith(f"-# {NO_FILES}")
    assert "**Tin Roof**" in plain.content
    assert field_of(make_card(task_of(kind), [fetched], 0, MIB, Look(files=False)), "File") == NO_FILES
    without_embeds = make_card(task_of(kind), [fetched], 0, MIB, Look(embeds=False))
    assert len(without_embeds.uploads) == len(MADE[kind])
    assert NO_FILES not in without_embeds.content


def test_lyrics_stand_on_the_card(tmp_path: Path) -> None:
    lyrics = "[Verse]\r\nrain *falls*\n\n\n\n@everyone\n"
    shown = r"\[Verse\]" "\n" r"rain \*falls\*" "\n\n" r"\@everyone"
    task, fetched = task_of(Kind.LYRICS, title="Tin Roof"), fetched_of(tmp_path, Kind.LYRICS, lyrics)
    card = make_card(task, [fetched], 0, MIB, Look())
    assert (card.embeds[0].title, card.embeds[0].description) == ("1 · Tin Roof", shown)
    assert card.uploads == []
    assert shown in make_card(task, [fetched], 0, MIB, Look(files=False, embeds=False)).content


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_lyrics_that_are_too_long_go_on_in_a_file(tmp_path: Path, look: Look) -> None:
    task = task_of(Kind.LYRICS, title="Tin Roof")
    card = make_card(task, [fetched_of(tmp_path, Kind.LYRICS, "rain *falls* …\n" * 999)], 0, MIB, look)
    assert_within_limits(card)
    title = "tin-roof" if look.words else "track"
    assert names_of(card) == ([f"1-{title}-{task.id}.txt"] if look.files else [])
    said = "\n".join([*texts_of(card), *(embed.footer.text or "" for embed in card.embeds)])
    assert ("They go on" in said) is look.words
    assert ("rain" in said) is look.words
    assert ("file" in said) is look.files or "attach files" in said


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("look", [Look(), Look(embeds=False)], ids=str)
def test_long_lyrics_all_find_room(tmp_path: Path, look: Look, count: int) -> None:
    fetched = fetched_of(tmp_path, Kind.LYRICS, "*rain* " * 2000)
    task = task_of(Kind.LYRICS, title="*" * 200)
    tracks = [replace(fetched, number=n) for n in range(1, count + 1)]
    card = make_card(task, tracks, 9, MIB, look, {"musicmint": "M" * 50})
    assert_within_limits(card)
    shown = "\n".join(texts_of(card))
    assert all(f"{n} · " in shown for n in range(1, count + 1))
    assert len(shown) > (3000 if look.embeds else 1200)


def test_what_comes_after_a_long_silence_goes_on_in_the_file() -> None:
    assert shown_lines("rain" + "\n" * 999 + "falls", 50) == ("rain\n…", True)
    assert shown_lines("rain\n\n\nfalls", 50) == ("rain\n\nfalls", False)


def test_lyrics_that_never_came_are_said_to_be_so(tmp_path: Path) -> None:
    fetched = FetchedTrack(Track("c", ""), 1, trouble=DownloadGone("x"))
    card = make_card(task_of(Kind.LYRICS), [fetched], 0, MIB, Look())
    assert (card.embeds[0].title, card.embeds[0].description) == ("1 · Lyrics", NO_LYRICS)


@given(st.lists(TEXTS | st.text(), max_size=8).map("\n".join), st.integers(20, 200))
def test_words_of_several_lines_are_escaped_and_cut(text: str, limit: int) -> None:
    visible, is_cut = shown_lines(text, limit)
    assert length(visible) <= limit
    assert not UNESCAPED.search(visible)
    assert all(is_tidy(line) for line in visible.split("\n"))
    assert "\n\n\n" not in visible
    if is_cut:
        assert shown_lines(text, limit + 1000)[0] != visible


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(sorted(Kind)),
    look=st.sampled_from(LOOKS),
    count=st.integers(1, 4),
    title=TEXTS.map(lambda text: text * 10),
    lyrics=st.lists(TEXTS, max_size=9).map(lambda lines: "\n".join(lines) * 20),
    trouble=st.sampled_from([None, DownloadGone("x"), DownloadTooLarge("x")]),
    link=st.sampled_from(["", LINK]),
)
def test_no_card_of_any_kind_exceeds_a_limit_or_mentions_anybody_else(
    tmp_path_factory: pytest.TempPathFactory,
    kind: Kind,
    look: Look,
    count: int,
    title: str,
    lyrics: str,
    trouble: DownloadError | None,
    link: str,
) -> None:
    files = files_of(tmp_path_factory.getbasetemp(), kind)
    task = task_of(kind, prompt=title, style=title, musical_key=title, source=Source(title), missing=2)
    track = make_track(title="", lyrics=lyrics, audio_url=LONG_LINK, expires_at=UNTIL)
    tracks = [FetchedTrack(track, n, trouble=trouble, files=files) for n in range(1, count + 1)]
    card = make_card(task, tracks, 3, MIB, look, origin_link=link)
    assert_within_limits(card)
    assert_nobody_else_is_mentioned(card)
