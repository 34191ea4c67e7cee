"""`minstrel demo --once`, as a newcomer runs it, and what it leaves on the disk."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest
from mutagen.id3 import ID3
from PIL import Image

from tests.running_demo import demo_running
from tests.whole.process import PATIENCE, ROOT, clean_environ, free_port

PROMPT = "lofi rain over Lisbon"


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def shown(out: Path) -> dict[str, Any]:
    """Run the command once for all tests; return the JSON it printed."""
    status, output = asyncio.run(demo("--once", PROMPT, "--out", str(out)))
    assert status == 0, output
    card: dict[str, Any] = json.loads(output)
    return card


async def demo(*arguments: str) -> tuple[int, str]:
    """Run the demo without any setting; return its exit status and what it printed, or complained of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        *arguments,
        cwd=ROOT,
        env=clean_environ({}),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(2 * PATIENCE):
        output, complaints = await process.communicate()
    return process.returncode or 0, (output or complaints).decode()


def test_it_names_everything_the_design_promises(shown: dict[str, Any]) -> None:
    assert set(shown) == {
        "task", "provider", "channel_id", "message_id", "content", "embeds", "files",
        "discord_requests", "provider_requests", "seconds",
    }  # fmt: skip
    assert shown["provider"] == "musicmint"
    assert {"name": "Made by", "value": "MusicMint", "inline": True} in shown["embeds"][0]["fields"]
    assert "<@" in shown["content"]
    assert shown["seconds"] < 60


def test_it_took_one_request_to_the_provider_and_three_to_discord(shown: dict[str, Any]) -> None:
    assert shown["provider_requests"] == 1
    assert shown["discord_requests"] <= 3


def test_the_files_are_what_was_posted(shown: dict[str, Any]) -> None:
    assert [file["content_type"] for file in shown["files"]] == ["audio/mpeg", "image/jpeg"] * 2
    assert all(Path(file["path"]).stat().st_size == file["size"] for file in shown["files"])
    assert all(shown["task"] in file["name"] for file in shown["files"])


def test_the_covers_are_pictures_of_512_pixels_or_more_that_the_embeds_show(shown: dict[str, Any]) -> None:
    covers = {file["name"]: file["path"] for file in shown["files"] if file["content_type"] == "image/jpeg"}
    assert [embed["image"]["url"] for embed in shown["embeds"]] == [f"attachment://{name}" for name in covers]
    for path in covers.values():
        with Image.open(path) as cover:
            assert min(cover.size) >= 512
            assert cover.convert("L").getextrema()[0] != cover.convert("L").getextrema()[1]


def test_the_tracks_are_long_loud_and_not_the_same(shown: dict[str, Any]) -> None:
    tracks = [decoded(Path(path)) for path in audio_paths(shown)]
    assert len(tracks) == 2
    for samples, rate in tracks:
        assert samples.size / rate >= 20
        assert np.sqrt(np.mean(np.square(samples))) > 0.02
    shortest = min(samples.size for samples, _ in tracks)
    assert not np.allclose(tracks[0][0][:shortest], tracks[1][0][:shortest], atol=0.01)


def test_title_and_cover_stand_in_the_tags(shown: dict[str, Any]) -> None:
    for path in audio_paths(shown):
        tags = ID3(path)
        assert str(tags["TIT2"])
        assert tags.getall("APIC")[0].data[:3] == b"\xff\xd8\xff"


@pytest.mark.parametrize("prompt", ["", "x" * 2001], ids=["empty", "too long"])
async def test_what_discord_would_not_send_is_one_readable_line(prompt: str, tmp_path: Path) -> None:
    status, output = await demo("--once", prompt, "--out", str(tmp_path))
    assert status == 1
    assert "Discord would not send that" in output
    assert "Traceback" not in output


async def test_a_folder_that_cannot_be_made_is_one_readable_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    status, output = await demo("--once", PROMPT, "--out", str(tmp_path / "file" / "out"))
    assert status == 1
    assert "--out" in output
    assert "Traceback" not in output


async def test_without_a_prompt_that_says_anything_it_ends_with_the_bots_own_refusal() -> None:
    status, _ = await demo("--once", " ")
    assert status == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_stays_up_until_it_is_told_to_end_and_leaves_nothing_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    async with demo_running(TMPDIR=str(tmp_path)) as running:
        assert any(tmp_path.iterdir()), "its data stands in a temporary folder"
        assert "/generate" in running.hint
        assert await running.stop(number) == (0, "")
    assert list(tmp_path.iterdir()) == []


async def test_each_room_is_a_page_at_the_port_that_was_asked_for() -> None:
    port = free_port()
    async with demo_running("--port", str(port)) as running, aiohttp.ClientSession() as session:
        assert running.address == f"http://127.0.0.1:{port}"
        pages = [await visited(session, running.address + path) for path in ("", "/late-night", "/direct")]
        assert [status for status, _ in pages] == [200] * 3
        assert len({address for _, address in pages}) == 3
        assert await visited(session, f"{running.address}/nowhere") == (404, f"{running.address}/nowhere")

        status, output = await demo("--no-browser", "--port", str(port))
        assert status == 1
        assert "--port" in output
        assert "Traceback" not in output


async def visited(session: aiohttp.ClientSession, address: str) -> tuple[int, str]:
    """Open an address; return the status and where it led."""
    async with session.get(address) as reply:
        return reply.status, str(reply.url)


def audio_paths(shown: dict[str, Any]) -> list[str]:
    return [file["path"] for file in shown["files"] if file["content_type"] == "audio/mpeg"]


def decoded(path: Path) -> tuple[np.ndarray[Any, np.dtype[np.float64]], int]:
    """Return the samples of the first channel, and their rate."""
    with av.open(str(path)) as file:
        frames = list(file.decode(audio=0))
    samples = np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64)
    return samples, int(frames[0].sample_rate)
