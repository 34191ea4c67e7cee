"""What a file really is, by its first bytes: whatever it is called or said to be."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Type:
    """A type of file, recognised by its first bytes."""

    extension: str
    mime: str


_PICTURES = {
    b"\xff\xd8\xff": Type("jpg", "image/jpeg"),
    b"\x89PNG\r\n\x1a\n": Type("png", "image/png"),
}
_WEBP = Type("webp", "image/webp")


def is_mp3(head: bytes) -> bool:
    """Say whether a file that begins with `head` is an MP3: an ID3 tag or an MPEG layer III frame."""
    return head[:3] == b"ID3" or (
        len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    )


def is_wav(head: bytes) -> bool:
    """Say whether a file that begins with `head` is a WAV; the second mark is that of files over 4 GB."""
    return head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"


def picture_type(head: bytes) -> Type | None:
    """Return the type of picture that begins with `head`: JPEG, PNG or WebP, which are what embeds show."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _WEBP
    return next((type_ for magic, type_ in _PICTURES.items() if head.startswith(magic)), None)


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(16)
