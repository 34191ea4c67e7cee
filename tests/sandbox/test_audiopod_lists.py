"""How the pretend AudioPod searches, filters, sorts and counts its jobs."""

from typing import Any

import pytest

from .audiopod_desk import MUSIC, Desk, desk

JOBS = f"{MUSIC}/jobs"


async def shelf(d: Desk) -> dict[str, int]:
    """Make one job of each sort, a second apart; only the last is not completed."""
    orders: dict[str, dict[str, Any]] = {
        "song": {"prompt": "happy jazz for a party", "lyrics": "The ferry bell", "vocal_language": "pt", "duration": 9},
        "quiet": {"task": "prompt2instrumental", "prompt": "sad piano", "genre_preset": "Classical"},
        "loop": {"task": "text2samples", "prompt": "drum loop", "display_name": "Anvil", "duration": 0.5},
        "waits": {"prompt": "rain", "instrumental": True, "display_name": "Zebra"},
    }
    made = {}
    for name, order in orders.items():
        make = d.create if name == "waits" else d.made
        made[name] = await make(**order)
        d.clock.time += 1
    d.vendor.jobs[made["quiet"]].liked = True
    return made


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "waits loop quiet song"),
        ({"task": "text2music"}, "waits song"),
        ({"status": "PENDING"}, "waits"),
        ({"status": "FAILED"}, ""),
        ({"song_type": "song"}, "song"),
        ({"song_type": "instrumental"}, "waits quiet"),
        ({"song_type": "samples"}, "loop"),
        ({"song_type": "rap"}, ""),
        ({"liked": "true"}, "quiet"),
        ({"liked": "false"}, "waits loop song"),
        ({"search": "ZEBRA"}, "waits"),
        ({"search": "piano"}, "quiet"),
        ({"search": "ferry"}, "song"),
        ({"language": "pt"}, "song"),
        ({"genre": "jazz"}, "song"),
        ({"genre": "Classical"}, "quiet"),
        ({"emotion": "sad"}, "quiet"),
        ({"occasion": "party"}, "song"),
        ({"sort_order": "asc"}, "song quiet loop waits"),
        ({"sort_by": "display_name", "sort_order": "asc"}, "loop song quiet waits"),
        ({"sort_by": "audio_duration"}, "quiet song loop waits"),
        ({"sort_by": "status", "sort_order": "asc"}, "song quiet loop waits"),
        ({"status": "COMPLETED", "task": "text2music", "search": "jazz"}, "song"),
    ],
)
async def test_the_list_is_filtered_searched_and_sorted(query: dict[str, Any], names: str) -> None:
    async with desk() as d:
        made = await shelf(d)
        answer = await d.ask("GET", JOBS, **query)
    assert [job["id"] for job in answer.body] == [made[name] for name in names.split()]
    assert answer.headers["X-Total-Count"] == str(len(names.split()))


async def test_the_list_comes_in_pages_with_the_total() -> None:
    async with desk() as d:
        made = [await d.create() for _ in range(52)]
        assert len(await d.ids()) == 50
        assert len(await d.ids(limit=100)) == 52
        answer = await d.ask("GET", JOBS, skip=50, limit=1)
    assert ([job["id"] for job in answer.body], answer.headers["X-Total-Count"]) == ([made[1]], "52")


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 101}, {"limit": 0}, {"skip": -1}, {"skip": "two"}, {"status": "completed"}, {"status": "QUEUED"},
        {"song_type": "songs"}, {"sort_by": "genre"}, {"sort_order": "up"}, {"liked": "maybe"},
        {"include_interactions": "2"},
    ],
)  # fmt: skip
async def test_an_undocumented_value_of_a_filter_is_refused(query: dict[str, Any]) -> None:
    async with desk() as d:
        answer = await d.ask("GET", JOBS, **query)
    assert (answer.status, answer.body.keys()) == (422, {"detail"})


async def test_likes_are_told_when_they_are_asked_for() -> None:
    async with desk() as d:
        made = await shelf(d)
        told = (await d.ask("GET", JOBS, include_interactions="true", search="piano")).body
        assert [(job["id"], job["is_liked"]) for job in told] == [(made["quiet"], True)]
        assert "is_liked" not in (await d.ask("GET", JOBS)).body[0]


async def test_liked_jobs_have_a_list_of_their_own() -> None:
    async with desk() as d:
        made = await shelf(d)
        assert [job["id"] for job in (await d.ask("GET", f"{MUSIC}/liked")).body] == [made["quiet"]]
        assert (await d.ask("GET", f"{MUSIC}/liked", status="FAILED")).body == []
        assert (await d.ask("GET", f"{MUSIC}/liked", song_type="song")).body == []
        assert (await d.ask("GET", f"{MUSIC}/liked", skip=1)).body == []


async def test_jobs_are_counted_by_task_and_song_type() -> None:
    async with desk() as d:
        await shelf(d)
        everything = (await d.ask("GET", f"{JOBS}/counts")).body
        completed = (await d.ask("GET", f"{JOBS}/counts", status="COMPLETED")).body
    assert everything == {
        "total": 4,
        "by_task": {"text2music": 2, "prompt2instrumental": 1, "text2samples": 1},
        "by_song_type": {"songs": 1, "instrumental": 2, "samples": 1},
        "filters": {"status": None, "song_type": None},
    }
    assert (completed["total"], completed["filters"]["status"]) == (3, "COMPLETED")


async def test_the_filters_that_would_find_something_are_told() -> None:
    async with desk() as d:
        await shelf(d)
        body = (await d.ask("GET", f"{MUSIC}/filters/stats")).body
    assert body.pop("available_filters") == {
        "song_types": ["songs", "instrumental", "samples"],
        "interactions": ["liked"],
        "statuses": ["pending", "processing", "completed", "failed"],
        "languages": ["pt", "unknown"],
        "genres": ["classical", "jazz"],
        "emotions": ["happy", "sad"],
        "occasions": ["party"],
    }
    assert body == {
        "total_tracks": 4,
        "liked_count": 1,
        "song_types": {"songs": 1, "instrumental": 2, "samples": 1},
    }


async def test_presets_model_and_sample_data_are_told() -> None:
    async with desk() as d:
        presets = (await d.ask("GET", f"{MUSIC}/presets")).body["genre_presets"]
        assert {"Modern Pop", "R&B"} < presets.keys()
        assert (await d.ask("GET", f"{MUSIC}/model/status")).body["status"] == "healthy"
        sample = (await d.ask("GET", f"{MUSIC}/sample-data")).body
        assert (await d.ask("POST", f"{MUSIC}/text2music", sample)).status == 200
