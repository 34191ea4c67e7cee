"""MusicMint's documented answers, as files, and the dialect that reads them."""

from pathlib import Path

from bot.providers.musicmint import MusicMint
from bot.providers.wire import Reply
from tests.parts import API_KEY, SECRET

SAMPLES = Path(__file__).parents[1] / "samples" / "musicmint"
TASK_ID = "6711f0a2c4d85e0b9a3c7e15"

MINT = MusicMint(API_KEY, [SECRET.encode()], 7)


def sample(name: str) -> bytes:
    """Return the bytes of one sample."""
    return (SAMPLES / f"{name}.json").read_bytes()


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    """Return an answer of the vendor; `retry_after` stands for `retry-after`."""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
