"""What a card's menus and buttons do after a SIGKILL, for whoever presses them, with the bot as a process."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.whole import readers
from tests.whole.conftest import FIRST_ANSWER, POST_MESSAGE
from tests.whole.made import MENU, SONG, Workplace, custom_ids, said, task_of, task_on, workplace
from tests.wire.interactions import Answer, Interaction
from tests.wire.world import USUAL, Json, Member, Permission

EDIT = ("PATCH", "/channels/{channel_id}/messages/{message_id}")
#: What is filled in where an entry opens a modal; None where it is asked for at once.
ENTRIES: Mapping[str, Json | None] = {
    "extend": {"start": "0:02", "prompt": "a folk finale"},
    "cover": {"style": "folk waltz"},
    "remaster": None,
    "vocals": {"lyrics": "la la la", "start": "0", "end": "0:02"},
    "infill": {"start": "1", "end": "0:02"},
    "sample": {"end": "2"},
    "stems": None,
    "midi": None,
    "wav": None,
    "timeline": None,
    "waveform": None,
    "persona": {"name": "The Roof"},
}
MADE = [entry for entry in ENTRIES if entry != "persona"]
SECONDS = {"extend": 2 * SONG, "sample": 2.0} | dict.fromkeys(("cover", "remaster", "vocals", "infill", "stems"), SONG)
FRAMES = 0.15
#: All use the one bot, which lives in the one event loop.
in_place = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Cards:
    """A bot that was killed after it had posted cards of Ada's, and Bob, who has made nothing himself."""

    place: Workplace
    bob: Member
    song: Json
    private: Json
    lyrics: Json
    #: A modal that Ada had opened before the kill.
    opened: Interaction
    #: What came of each entry that Bob chose after it, and of how many requests.
    chosen: Mapping[str, Interaction]
    cards: Mapping[str, Json]
    at_vendor: Counter[str]
    at_discord: Counter[tuple[str, str]]


async def use(place: Workplace, card: Json, entry: str, by: Member) -> Interaction:
    """Choose an entry, fill in what it opens, and return what was answered last."""
    chosen, values = await place.choose(card, entry, by), ENTRIES[entry]
    return chosen if values is None else await place.fill_in(chosen, **values)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cards(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cards]:
    """Have three cards, kill the bot and start it again, and choose every entry at once."""
    async with workplace(tmp_path_factory.mktemp("menus")) as place:
        bob = place.discord.add_member(place.channel.guild, "bob")
        bob.permissions = USUAL
        lines = ("generate", {"prompt": "a folk tune"}), ("generate", {"prompt": "folk for me alone", "private": True})
        asked = [await place.type(line, **options) for line, options in (*lines, ("lyrics", {"about": "a train"}))]
        song, private, lyrics = [await place.card_of(one) for one in asked]
        await place.quiet(3)
        opened = await place.choose(song, "extend")
        await place.restart()
        at_discord, at_vendor = len(place.discord.requests), len(place.vendor.requests)
        chosen = dict(
            zip(ENTRIES, await asyncio.gather(*(use(place, song, entry, bob) for entry in ENTRIES)), strict=True)
        )
        made = [await place.card_of(chosen[entry]) for entry in MADE]
        await chosen["persona"].settled()
        await place.quiet(3 + len(MADE))
        yield Cards(
            place,
            bob,
            song,
            private,
            lyrics,
            opened,
            chosen,
            dict(zip(MADE, made, strict=True)),
            place.asked_vendor(at_vendor),
            Counter((one.method, one.route) for one in place.discord.requests[at_discord:]),
        )


def test_each_track_has_a_menu_with_all_that_can_be_made_of_it(cards: Cards) -> None:
    menus = [one for row in cards.song["components"] for one in row["components"] if one["type"] == 3]
    assert [menu["custom_id"] for menu in menus] == [f"{MENU}:{task_on(cards.song)}:{number}" for number in (1, 2)]
    assert [menu["placeholder"] for menu in menus] == ["More with track 1", "More with track 2"]
    for menu in menus:
        assert [option["value"] for option in menu["options"]] == list(ENTRIES)


def test_what_is_no_audio_has_no_menu(cards: Cards) -> None:
    for entry in ("midi", "timeline", "waveform"):
        assert [one for one in custom_ids(cards.cards[entry]) if one.startswith(MENU)] == []


@pytest.mark.parametrize("entry", MADE)
def test_what_anyone_chose_is_theirs_and_becomes_a_card(cards: Cards, entry: str) -> None:
    card = cards.cards[entry]
    assert [one["id"] for one in card["mentions"]] == [str(cards.bob.id)]
    (row,) = cards.place.bot.rows(f"SELECT member_id, parent_id FROM tasks WHERE id = '{task_of(cards.chosen[entry])}'")
    assert row == (cards.bob.id, task_on(cards.song))


@pytest.mark.parametrize("entry", sorted(SECONDS))
def test_its_music_can_be_played(cards: Cards, entry: str) -> None:
    files = cards.place.files(cards.cards[entry])
    assert readers.mp3_seconds(files["mp3"]) == pytest.approx(SECONDS[entry], abs=FRAMES)


def test_its_files_can_be_read(cards: Cards) -> None:
    files = {entry: cards.place.files(cards.cards[entry]) for entry in MADE}
    assert readers.wav_seconds(files["wav"]["wav"]) == pytest.approx(SONG, abs=0.01)
    assert readers.midi(files["midi"]["mid"]).begun > 10
    assert len(readers.lrc(files["timeline"]["lrc"])) >= 1
    assert readers.in_order(readers.subtitles(files["timeline"]["srt"]), SONG)
    picture = cards.place.discord.file(cards.cards["waveform"]["embeds"][0]["image"]["url"])
    assert readers.picture(picture)[1] > 3


def test_each_entry_is_one_create(cards: Cards) -> None:
    assert cards.at_vendor == Counter(
        [
            "music/generate",
            "music/cover",
            "music/remaster",
            "music/add-vocals",
            "music/infill",
            "music/upload",
            "music/sample",
            "music/stem",
            "music/midi",
            "music/wav",
            "music/timeline",
            "music/waveform",
            "music/persona",
        ]
    )


def test_each_entry_is_three_requests_one_for_a_modal_and_one_to_make_it_choosable_again(cards: Cards) -> None:
    modals = sum(values is not None for values in ENTRIES.values())
    told = sum(count for (_, route), count in cards.at_discord.items() if route.startswith("/webhooks/"))
    assert cards.at_discord[FIRST_ANSWER] == len(ENTRIES) + modals
    assert cards.at_discord[POST_MESSAGE] == len(MADE)
    assert cards.at_discord[EDIT] == len(MADE) + len(ENTRIES)
    assert told == 1, "what came of the persona"
    assert sum(cards.at_discord.values()) == 3 * len(MADE) + modals + len(ENTRIES) + 2


@in_place
async def test_a_modal_that_was_open_during_the_kill_is_taken_up(cards: Cards) -> None:
    sent = await cards.place.fill_in(cards.opened, start="0:02", style="folk")
    card = await cards.place.card_of(sent)
    assert readers.mp3_seconds(cards.place.files(card)["mp3"]) == pytest.approx(2 * SONG, abs=FRAMES)
    assert [one["id"] for one in card["mentions"]] == [str(cards.place.member.id)]


@in_place
@pytest.mark.parametrize(("start", "end"), [("2", "1"), ("1", "0:09"), ("soon", "2")])
async def test_bad_times_are_told_before_anything_is_asked(cards: Cards, start: str, end: str) -> None:
    before = len(cards.place.vendor.requests)
    opened = await cards.place.choose(cards.song, "infill")
    answer = await cards.place.fill_in(opened, start=start, end=end)
    assert said(answer)
    assert len(cards.place.vendor.requests) == before


@in_place
async def test_what_is_made_of_a_private_track_is_private(cards: Cards) -> None:
    chosen = await cards.place.choose(cards.private, "wav")
    card = await cards.place.card_of(chosen)
    assert chosen.ephemeral
    assert readers.wav_seconds(cards.place.files(card)["wav"]) == pytest.approx(SONG, abs=0.01)


@in_place
async def test_a_private_track_is_unknown_to_others(cards: Cards) -> None:
    before, private = len(cards.place.vendor.requests), f"{task_on(cards.private)}-1"
    with pytest.raises(LookupError):
        await cards.place.choose(cards.private, "wav", cards.bob)
    private_one = await cards.place.type("wav", cards.bob, track=private)
    none_at_all = await cards.place.type("wav", cards.bob, track="bcdfghjkmnpq-1")
    assert said(private_one) == said(none_at_all)
    offered = await cards.place.discord.autocomplete(cards.bob, cards.place.channel, "wav", "track", "alone")
    assert offered == []
    assert len(cards.place.vendor.requests) == before


@in_place
async def test_a_persona_sings_other_songs_of_its_owner(cards: Cards) -> None:
    place, bob = cards.place, cards.bob
    (choice,) = await place.discord.autocomplete(bob, place.channel, "generate", "persona", "roof", prompt="x")
    for line, options in (("generate", {"prompt": "folk"}), ("song", {})):
        asked = await place.type(line, bob, persona=choice["value"], **options)
        asked = asked if asked.modal is None else await place.fill_in(asked, lyrics="la la")
        await place.card_of(asked)
        # It was made there: the vendor refuses any other.
        assert place.vendor.requests[-1].body["persona_id"].startswith("persona-")
    assert "The Roof" in said(await place.type("persona list", bob))
    refused = await place.type("persona delete", persona="The Roof")
    assert "The Roof" not in said(refused)
    assert "The Roof" in said(await place.type("persona delete", bob, persona="The Roof"))


@in_place
async def test_lyrics_are_edited_sung_and_kept(cards: Cards) -> None:
    place = cards.place
    edit = await place.press(cards.lyrics, "lyrics-edit")
    await place.fill_in(edit, lyrics="[Verse]\nwords of my own")
    card = await place.discord.wait_for(
        lambda: [one for one in place.cards(task_on(cards.lyrics)) if "words of my own" in str(one["embeds"])]
    )
    sung = await place.fill_in(await place.press(card[0], "lyrics-sing", cards.bob), style="folk")
    assert readers.mp3_seconds(place.files(await place.card_of(sung))["mp3"]) > 1
    assert place.vendor.requests[-1].body["prompt"] == "[Verse]\nwords of my own"
    await place.press(card[0], "lyrics-keep", cards.bob)
    assert any(one["label"].endswith("1") for one in place.cards(task_on(card[0]))[0]["components"][0]["components"])


@in_place
async def test_only_the_owner_or_a_moderator_deletes(cards: Cards) -> None:
    place, bob, task_id = cards.place, cards.bob, task_on(cards.song)
    refused = await place.press(cards.song, "delete", bob)
    assert said(refused)
    assert "delete-for-sure" not in str(refused.message)
    bob.permissions = USUAL | Permission.MANAGE_MESSAGES
    asked = await place.press(cards.song, "delete", bob)
    assert asked.response is not None
    assert asked.response.type is Answer.MESSAGE
    assert asked.message is not None
    await place.press(asked.message, "delete-for-sure", bob)
    await place.discord.wait_for(lambda: not place.cards(task_id))
