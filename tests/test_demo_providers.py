"""`minstrel demo --once` with the providers that are not its usual one, and with what no provider has."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from PIL import Image

from bot.__main__ import main
from tests.running_demo import demo_running
from tests.test_demo import demo

PROMPT = "rain on a tin roof"
WAYS = {
    "sonic": ["--provider", "musicapi"],
    "studio": ["--provider", "musicapi", "--family", "studio"],
    "audiopod": ["--provider", "audiopod"],
}
LABELS = {"sonic": "MusicAPI", "studio": "MusicAPI", "audiopod": "AudioPod"}


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Run the command once for each way, side by side; return the JSON that each printed."""
    out = tmp_path_factory.mktemp("out")

    async def all_of_them() -> list[tuple[int, str]]:
        commands = (demo("--once", PROMPT, "--out", str(out / way), *options) for way, options in WAYS.items())
        return await asyncio.gather(*commands)

    ended = asyncio.run(all_of_them())
    assert [status for status, _ in ended] == [0] * len(WAYS), ended
    return {way: json.loads(output) for way, (_, output) in zip(WAYS, ended, strict=True)}


@pytest.mark.parametrize(("way", "requests"), [("sonic", 1), ("audiopod", 2)])
def test_where_the_vendor_calls_back_it_is_asked_no_more_than_needed(
    cards: dict[str, dict[str, Any]], way: str, requests: int
) -> None:
    assert cards[way]["provider_requests"] == requests
    assert cards[way]["discord_requests"] <= 3


def test_where_it_does_not_it_is_asked_until_it_is_done(cards: dict[str, dict[str, Any]]) -> None:
    # Asked first after five seconds, and every five from then on.
    asked = cards["studio"]["provider_requests"] - 1
    assert 1 <= asked <= 1 + cards["studio"]["seconds"] // 5
    assert cards["studio"]["discord_requests"] <= 3


@pytest.mark.parametrize("way", WAYS)
def test_each_posts_tracks_with_a_cover_and_says_who_made_them(cards: dict[str, dict[str, Any]], way: str) -> None:
    card = cards[way]
    pictures = [file for file in card["files"] if file["content_type"] == "image/jpeg"]
    tracks = [file for file in card["files"] if file["content_type"] == "audio/mpeg"]
    assert len(tracks) == len(pictures) == len(card["embeds"]) == (1 if way == "audiopod" else 2)
    assert [embed["image"]["url"] for embed in card["embeds"]] == [f"attachment://{file['name']}" for file in pictures]
    makers = [part["value"] for embed in card["embeds"] for part in embed["fields"] if part["name"] == "Made by"]
    assert makers == [LABELS[way]] * len(tracks)
    assert card["provider"] == WAYS[way][1]
    for track, picture in zip(tracks, pictures, strict=True):
        assert MP3(track["path"]).info.length >= 20
        assert ID3(track["path"]).getall("APIC")[0].data == Path(picture["path"]).read_bytes()
        with Image.open(picture["path"]) as cover:
            assert min(cover.size) >= 512


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--provider", "suno"], "invalid choice: 'suno'"),
        (["--family", "studio"], "--provider musicapi has sonic, studio"),
        (["--provider", "audiopod", "--family", "sonic"], "audiopod has no such family"),
        (["--provider", "musicapi", "--family", "jazz"], "--family jazz: musicapi has no such family"),
    ],
)
def test_a_wrong_combination_is_said_before_anything_starts(
    options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--once", PROMPT, *options])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


async def test_the_page_runs_all_of_them_whoever_is_preferred() -> None:
    async with demo_running("--provider", "musicapi", "--family", "studio") as running:
        assert running.address
        assert await running.stop() == (0, "")
