"""How the pretend MusicAPI shows a studio task: the family's own envelope, words and songs."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bot.sandbox.lyrics import write_lyrics
from bot.sandbox.musicapi_rules import StudioOrder
from bot.sandbox.musicapi_tasks import PretendTask, Song


def song_file(song: Song) -> str:
    """Name a song's file; its percent signs are encoded once more than an address needs."""
    return quote(quote(f"studio songs/{song.id}.mp3", safe=""), safe="")


def studio_task(task: PretendTask, order: StudioOrder) -> dict[str, Any]:
    """Answer a get."""
    status, progress, reason = _progress(task)
    return {
        "code": "success",
        "message": "",
        "data": {
            "task_id": task.id,
            "notify_hook": "",
            "action": "studio-generate",
            "status": status,
            "fail_reason": reason,
            "submit_time": int(task.created_at),
            "start_time": int(task.started_at),
            "finish_time": int(task.finished_at),
            "progress": progress,
            "data": {"songs": [_song(task, order, song) for song in task.songs] if task.ended.is_set() else []},
        },
    }


def _progress(task: PretendTask) -> tuple[str, str, str]:
    """Give status, progress and reason. The vendor documents SUCCESS alone; similar services have the others."""
    if not task.ended.is_set():
        return ("IN_PROGRESS", "45%", "") if task.started_at else ("NOT_START", "0%", "")
    if task.states == {"failed"}:
        return "FAILURE", "100%", task.songs[0].error or ""
    return "SUCCESS", "100%", ""


def _song(task: PretendTask, order: StudioOrder, song: Song) -> dict[str, Any]:
    created = datetime.fromtimestamp(task.finished_at, UTC).isoformat()
    return {
        "id": song.id,
        "title": order.song_title,
        "artist": "Pretend Studio",
        "artist_image": "",
        "user_id": "pretend-user",
        "lyrics": _lyrics(order),
        "prompt": order.prompt,
        "description": "",
        "tags": [order.prompt],
        "user_tags": [],
        "replaced_tags": {},
        "duration": round(song.seconds, 2),
        "song_path": song.audio_url,
        "original_song_path": song.audio_url,
        "image_path": song.image_url,
        "video_path": None,
        "finished": song.error is None,
        **_error(song),
        "generation_id": task.id,
        "created_at": created,
        "published_at": created,
        "publishable": False,
        "liked": False,
        "disliked": False,
        "likes": 0,
        "plays": 0,
        "audio_conditioning_type": "precede",
        "attribution": "",
    }


def _error(song: Song) -> dict[str, str | None]:
    """Say what went wrong with a song; nulls where nothing did."""
    failed = song.error is not None
    return {
        "error_id": f"error-{song.id}" if failed else None,
        "error_code": "generation_failed" if failed else None,
        "error_type": "generation" if failed else None,
        "error_detail": song.error,
    }


def _lyrics(order: StudioOrder) -> str:
    return {"user": order.lyrics, "generate": write_lyrics(order.prompt)}.get(order.lyrics_type, "")
