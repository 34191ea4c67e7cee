"""What the pretend MusicMint makes of a clip, as a listener gets it: decoded and measured."""

import numpy as np
import pytest

from .musicmint_desk import DAY, RATE, Clock, ShortStudio, Sound, alike, desk, seconds


def brightness(sound: Sound) -> float:
    level = np.abs(np.fft.rfft(sound.mean(axis=0)))
    return float((level * np.fft.rfftfreq(sound.shape[1], 1 / RATE)).sum() / level.sum())


async def test_an_extension_begins_as_the_clip_and_is_longer() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song(title="Drive")
        results = await d.made("music/generate", prompt="go on", continue_clip_id=clip["id"], continue_at=2)
        before, (after, other) = await d.heard(clip), [await d.heard(result) for result in results]
    assert [result["title"] for result in results] == ["Drive", "Drive"]
    assert after.shape[1] / RATE == pytest.approx(results[0]["duration"], abs=0.1)
    assert results[0]["duration"] > clip["duration"]
    assert alike(seconds(before, 0, 2), seconds(after, 0, 2)) > 0.97
    assert alike(seconds(after, 2.2, 4), seconds(other, 2.2, 4)) < 0.5


async def test_a_remaster_is_one_result_louder_and_brighter() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        [result] = await d.made("music/remaster", clip_id=clip["id"])
        before, after = await d.heard(clip), await d.heard(result)
        cover = await d.file(result["image_url"])
    assert after.std() > 1.25 * before.std()
    assert brightness(after) > 1.15 * brightness(before)
    assert {name: result[name] for name in ("title", "tags", "prompt", "duration")} == {
        name: clip[name] for name in ("title", "tags", "prompt", "duration")
    }
    assert cover.startswith(b"cover of")


async def test_a_cover_is_as_long_and_sounds_different_in_any_style() -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        other, _ = await d.made("music/cover", cover_clip_id=clip["id"], tags="waltz", title="In Three")
        same, _ = await d.made("music/cover", cover_clip_id=clip["id"])
        before, waltz, again = [await d.heard(result) for result in (clip, other, same)]
    assert (other["tags"], other["title"], other["prompt"]) == ("waltz", "In Three", clip["prompt"])
    assert (same["tags"], same["title"]) == (clip["tags"], clip["title"])
    assert other["duration"] == same["duration"] == clip["duration"]
    assert max(alike(before, waltz), alike(before, again)) < 0.6


@pytest.mark.parametrize(
    ("endpoint", "names"),
    [
        ("music/infill", ("clip_id", "infill_start_s", "infill_end_s")),
        ("music/add-vocals", ("chop_sample_clip_id", "chop_sample_start_s", "chop_sample_end_s")),
    ],
)
async def test_what_is_put_inside_changes_nothing_around_it(endpoint: str, names: tuple[str, str, str]) -> None:
    async with desk(studio=ShortStudio()) as d:
        clip = await d.song()
        fields = dict(zip(names, (clip["id"], 1.0, 2.0), strict=True))
        result, _ = await d.made(endpoint, **fields, prompt="new words")
        before, after = await d.heard(clip), await d.heard(result)
    around = [alike(seconds(before, *span), seconds(after, *span)) for span in ((0, 0.95), (2.05, 3))]
    assert min(around) > 0.97
    assert alike(seconds(before, 1.05, 1.95), seconds(after, 1.05, 1.95)) < 0.9
    assert (result["duration"], result["prompt"]) == (clip["duration"], "new words")


async def test_a_loop_has_the_tempo_asked_for_and_a_sound_effect_rings_once() -> None:
    async with desk() as d:
        [loop] = await d.made("music/soundfx", sound_desc="drum loop", sound_type="loop", sound_bpm=150)
        heard = await d.heard(loop)
    beats = loop["duration"] * 150 / 60
    assert beats == pytest.approx(round(beats), abs=0.02)
    assert heard.shape[1] / RATE == pytest.approx(loop["duration"], abs=0.1)
    assert (loop["prompt"], loop["title"]) == ("drum loop", "Drum Loop")


async def test_lyrics_come_as_the_prompt_of_a_result_without_audio() -> None:
    async with desk(now=lambda: 1_800_000_000.0) as d:
        [lyrics] = await d.made("lyrics/generate", topics="the harbour at night", style="folk")
        shown = (await d.post(f"/api/v1/music/{lyrics['id']}"))[1]["data"]
    assert shown == lyrics
    assert (lyrics["audio_url"], lyrics["image_url"], lyrics["duration"], lyrics["tags"]) == ("", "", 0.0, "folk")
    assert "[Chorus]" in lyrics["prompt"]
    assert "harbour" in lyrics["prompt"]


async def test_a_rework_can_be_worked_on_and_expires_by_its_own_days() -> None:
    clock = Clock()
    async with desk(studio=ShortStudio(), now=clock) as d:
        clip = await d.song(retention_days=1)
        [first] = await d.made("music/remaster", clip_id=clip["id"], retention_days=2)
        clock.time += DAY
        second, _ = await d.made("music/infill", clip_id=first["id"], infill_start_s=1, infill_end_s=2)
        before, after = await d.heard(first), await d.heard(second)
    assert first["expire_at"] == clip["expire_at"] + DAY * 1000
    assert alike(seconds(before, 0, 0.95), seconds(after, 0, 0.95)) > 0.97
