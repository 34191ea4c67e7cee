"""The life of a job at the pretend AudioPod, its files, and how jobs are changed."""

import io
from typing import Any

import av
import pytest

from .audiopod_desk import MUSIC, desk
from .musicmint_desk import BrokenStudio, QuickStudio

JOBS = f"{MUSIC}/jobs"


async def test_a_job_goes_from_pending_through_processing_to_completed() -> None:
    async with desk() as d:
        job_id = await d.create(audio_duration=95)
        d.vendor.process(job_id)
        running = await d.look(job_id)
        assert (running["status"], running["progress"], running["output_url"]) == ("PROCESSING", 50, None)
        d.clock.time += 100
        await d.vendor.finish(job_id)
        done = await d.look(job_id)
    assert (done["status"], done["progress"], done["audio_duration"]) == ("COMPLETED", 100, 60.5)
    assert (done["created_at"], done["completed_at"]) == ("2027-01-15T08:00:00Z", "2027-01-15T08:01:40Z")
    assert done["output_urls"] == {"mp3": done["output_url"]}
    assert [type(seed) for seed in done["actual_seeds"]] == [int]
    assert done["thumbnail_url"] is None
    assert "error_message" not in done


async def test_a_job_on_the_clock_ends_by_itself() -> None:
    async with desk(seconds=0.01) as d:
        job_id = await d.create()
        await d.vendor.settled()
        assert (await d.look(job_id))["status"] == "COMPLETED"


@pytest.mark.parametrize("studio", [BrokenStudio(), QuickStudio()], ids=["the studio breaks", "as told"])
async def test_a_failed_job_says_why(studio: BrokenStudio | QuickStudio) -> None:
    told: dict[str, Any] = {} if isinstance(studio, BrokenStudio) else {"fail_with": "the piano fell down"}
    async with desk(studio=studio, **told) as d:
        failed = await d.look(await d.made())
    assert (failed["status"], failed["output_url"]) == ("FAILED", None)
    assert "the piano fell down" in failed["error_message"]
    assert "completed_at" not in failed


async def test_what_was_asked_for_comes_with_the_job() -> None:
    async with desk() as d:
        asked: dict[str, Any] = {
            "seed": 41,
            "batch_size": 2,
            "generate_lrc": True,
            "lyrics": "la\n\nli",
            "thumbnail_url": "https://t.test/a",
        }
        done = await d.look(await d.made(**asked, calculate_quality=False))
    assert done["actual_seeds"] == [41, 42]
    assert done["lrc_content"] == "[00:00.00]la\n[00:02.00]li"
    assert done["thumbnail_url"] == "https://t.test/a"
    assert "quality_score" not in done


async def test_the_composer_hears_genre_text_lyrics_tempo_and_that_no_one_sings() -> None:
    studio = QuickStudio()
    async with desk(studio=studio) as d:
        await d.made(genre_preset="Jazz", lyrics="la", bpm=90)
        await d.made("prompt2instrumental", prompt="rain")
        await d.made(prompt="sea", lyrics="la", instrumental=True)
    heard = [words for words, _, _ in studio.made]
    assert heard == ["Jazz a slow waltz la 90 bpm", "rain instrumental", "sea instrumental"]


async def test_the_mp3_is_served_and_another_format_has_an_address_with_nothing_behind_it() -> None:
    async with desk() as d:
        done = await d.look(await d.made(format="flac"))
        assert done["output_urls"].keys() == {"flac", "mp3"}
        assert done["output_url"] == done["output_urls"]["flac"]
        async with d.session.get(done["output_urls"]["mp3"]) as answer:
            assert (answer.content_type, await answer.read()) == ("audio/mpeg", b"audio of a slow waltz 0")
        async with d.session.get(done["output_url"]) as answer:
            assert answer.status == 404
        assert [one.path.rpartition(".")[2] for one in d.vendor.file_requests] == ["mp3", "flac"]


async def test_a_sound_effect_is_a_real_mp3_of_whole_beats() -> None:
    async with desk() as d:
        done = await d.look(await d.made("text2samples", prompt="drums", sample_type="loop", tempo=100, duration=3))
        async with d.session.get(done["output_url"]) as answer:
            mp3 = await answer.read()
    assert done["audio_duration"] == 3.0
    with av.open(io.BytesIO(mp3), mode="r") as audio:
        played = sum(frame.samples / frame.sample_rate for frame in audio.decode(audio=0))
    assert played == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(("fields", "seconds"), [({"prompt": "a beat, 96 bpm"}, 5.0), ({"prompt": "a bell"}, 2.0)])
async def test_the_words_of_a_sound_decide_what_is_not_said(fields: dict[str, Any], seconds: float) -> None:
    async with desk() as d:
        assert (await d.look(await d.made("text2samples", **fields)))["audio_duration"] == seconds


async def test_a_cancelled_job_is_neither_completed_nor_failed_and_costs_nothing() -> None:
    async with desk() as d:
        job_id = await d.create()
        d.vendor.cancel(job_id)
        await d.vendor.finish(job_id)
        assert (await d.look(job_id))["status"] == "CANCELLED"
        assert d.vendor.wallet.spent == 0


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/{}/status"), ("DELETE", "/{}"), ("PATCH", "/{}"), ("POST", "/{}/retry")]
)
async def test_a_job_must_exist_and_its_id_be_a_number(method: str, path: str) -> None:
    async with desk() as d:
        missing = await d.ask(method, JOBS + path.format(7), {})
        assert (missing.status, missing.body) == (404, {"detail": "Job not found"})
        assert (await d.ask(method, JOBS + path.format("x7"), {})).status == 422


# Changing.


async def test_a_deleted_job_is_gone_with_its_file() -> None:
    async with desk() as d:
        job_id = await d.made()
        url = (await d.look(job_id))["output_url"]
        answer = await d.ask("DELETE", f"{JOBS}/{job_id}")
        assert (answer.status, answer.body.keys()) == (200, {"message"})
        assert await d.ids() == []
        assert (await d.ask("DELETE", f"{JOBS}/{job_id}")).status == 404
        async with d.session.get(url) as file:
            assert file.status == 404


async def test_a_job_deleted_while_it_runs_ends_without_a_trace() -> None:
    async with desk(seconds=0.01) as d:
        await d.ask("DELETE", f"{JOBS}/{await d.create()}")
        await d.vendor.settled()
        assert not d.vendor.jobs


async def test_name_and_picture_of_a_job_can_be_changed() -> None:
    async with desk() as d:
        job_id = await d.made()
        await d.ask("PATCH", f"{JOBS}/{job_id}", {"display_name": "Harbour"})
        await d.ask("PATCH", f"{JOBS}/{job_id}", {"thumbnail_url": "https://t.test/a.jpg"})
        job = await d.look(job_id)
        assert (job["display_name"], job["thumbnail_url"]) == ("Harbour", "https://t.test/a.jpg")
        assert (await d.ask("PATCH", f"{JOBS}/{job_id}", {"display_name": 7})).status == 422


async def test_a_failed_job_is_retried_under_its_id() -> None:
    async with desk(fail_with="no capacity") as d:
        job_id = await d.made()
        d.vendor.behaviour.fail_with = None
        answer = await d.ask("POST", f"{JOBS}/{job_id}/retry")
        assert answer.body.keys() == {"job", "message"}
        assert (answer.body["job"]["id"], answer.body["job"]["status"]) == (job_id, "PENDING")
        await d.vendor.finish(job_id)
        assert (await d.look(job_id))["status"] == "COMPLETED"


async def test_only_a_failed_job_can_be_retried() -> None:
    async with desk() as d:
        answer = await d.ask("POST", f"{JOBS}/{await d.made()}/retry")
    assert (answer.status, answer.body) == (400, {"detail": "Only failed jobs can be retried; this one is COMPLETED."})
