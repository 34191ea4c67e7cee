"""The calls of the pretend MusicMint whose answer is their result: no task, and no callback."""

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.sandbox import musicmint_rules as rules
from bot.sandbox.musicmint_clips import Clip, stem
from bot.sandbox.musicmint_tasks import MusicMintWorkshop
from bot.sandbox.recipes import perform
from bot.sandbox.refusal import Refusal
from bot.sandbox.studio import recorded
from bot.sandbox.synth import Note, Part
from bot.sandbox.uploads import fetch, measure
from bot.sandbox.waves import encode_wav, peaks
from bot.sandbox.workshop import DAY

#: A call: from the fields given to the id of what was made, or of the clip, and the data of the answer.
Work = Callable[[Mapping[str, Any]], Awaitable[tuple[str, Any]]]

#: How long uploads are kept is not documented.
UPLOAD_DAYS = 7
READY = 1
WAVEFORM_PARTS = 256
#: General MIDI's notes for what the drums of the house are.
DRUM_PITCHES = {"kick": 36, "softkick": 35, "snare": 38, "brush": 38, "rim": 37, "clap": 39, "hat": 42, "openhat": 46}
DRUM_PITCHES |= {"shaker": 70, "ride": 51, "tom": 45}
LOUDEST = 127


class AtOnce:
    """Answer these calls."""

    def __init__(self, workshop: MusicMintWorkshop, now: Callable[[], float]) -> None:
        self._workshop, self._now = workshop, now
        self._clips = workshop.clips

    @property
    def by_post(self) -> Mapping[str, tuple[rules.Rules, Work]]:
        """Give the calls that carry a body, by their last word."""
        return {
            "upload": (rules.UPLOAD, self._upload),
            "persona": (rules.PERSONA, self._persona),
            "stem": (rules.STEM, self._stem),
            "midi": (rules.MIDI, self._midi),
        }

    @property
    def by_get(self) -> Mapping[str, tuple[rules.Rules, Work]]:
        """Give the calls that name their clip in the address, by their last word."""
        return {
            "timeline": (rules.BY_CLIP, self._timeline),
            "waveform": (rules.BY_CLIP, self._waveform),
            "wav": (rules.BY_CLIP, self._wav),
        }

    async def _upload(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        try:
            upload = await asyncio.to_thread(measure, await fetch(given["audio_url"]), self._workshop.marks)
        except Refusal as refusal:
            raise Refusal(str(refusal), 400, rules.BAD_REQUEST) from refusal
        clip_id, expires = f"clip-{secrets.token_hex(6)}", self._now() + UPLOAD_DAYS * DAY
        url = self._workshop.publish(clip_id + upload.suffix, upload.data, upload.recipe, expires)
        result: dict[str, Any] = {
            "id": clip_id,
            "audio_url": url,
            "image_url": "",
            "title": "",
            "tags": "",
            "prompt": "",
        }
        result |= {"duration": round(upload.seconds, 2), "expire_at": int(expires * 1000)}
        self._clips.add(Clip(result, upload.recipe, expires, uploaded=True))
        return clip_id, {"clipId": clip_id, "audioUrl": url, "duration": round(upload.seconds), "status": READY}

    async def _persona(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        clip = self._clips.sounding(given["clip_id"])
        persona_id = f"persona-{secrets.token_hex(6)}"
        self._workshop.personas[persona_id] = clip
        batch = f"batch-{secrets.token_hex(6)}"
        return persona_id, {"taskBatchId": batch, "items": [{"id": persona_id, "status": "complete"}]}

    async def _stem(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        clip = self._clips.sounding(given["clip_id"])
        start, end = rules.read_span(clip.seconds, given.get("vocal_start_s"), given.get("vocal_end_s"))
        made = await asyncio.to_thread(recorded, stem(clip, start, end), b"")
        assert made.recipe is not None
        stem_id = f"stem-{secrets.token_hex(6)}"
        url = self._workshop.publish(f"{stem_id}.mp3", made.audio, made.recipe, clip.expires)
        result = {**clip.result, "id": stem_id, "audio_url": url, "duration": round(made.seconds, 2)}
        # The vendor's page says that its address may be given where add-vocals asks for a clip.
        self._clips.add(Clip(result, made.recipe, clip.expires), stem_id, url)
        told = {"vocal_audio_url": url, "vocal_start_s": start, "vocal_end_s": end}
        return stem_id, {"id": stem_id, "source_clip_id": clip.id, "status": "complete", **told}

    async def _midi(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        clip = self._clips.sounding(given["clip_id"])
        heard = self._clips.sounding(given["stem_clip_id"]) if given.get("stem_clip_id") else clip
        piece = await asyncio.to_thread(perform, heard.sound)
        return clip.id, {"state": "complete", "instruments": instruments(piece.parts)}

    async def _timeline(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        clip = self._clips.sounding(given["clip_id"])
        piece = await asyncio.to_thread(perform, clip.sound)
        return clip.id, {"aligned": list(aligned(clip.result["prompt"], piece.parts, piece.seconds))}

    async def _waveform(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        clip = self._clips.sounding(given["clip_id"])
        piece = await asyncio.to_thread(perform, clip.sound)
        return clip.id, peaks(piece.samples, WAVEFORM_PARTS)

    async def _wav(self, given: Mapping[str, Any]) -> tuple[str, Any]:
        clip = self._clips.sounding(given["clip_id"])
        if not clip.wav_url:
            piece = await asyncio.to_thread(perform, clip.sound)
            clip.wav_url = self._workshop.publish(f"{clip.id}.wav", encode_wav(piece.samples), clip.sound, clip.expires)
        return clip.id, clip.wav_url


def instruments(parts: Sequence[Part]) -> dict[str, list[dict[str, Any]]]:
    """Write who plays what. The vendor documents the names alone; what a note looks like is invented."""
    told: dict[str, list[dict[str, Any]]] = {}
    for part in parts:
        told.setdefault(part.instrument, []).extend(_note(part.instrument, note) for note in part.notes)
    return {name: sorted(notes, key=lambda note: float(note["start"])) for name, notes in told.items()}


def aligned(text: str, parts: Sequence[Part], seconds: float) -> Iterator[dict[str, Any]]:
    """Lay the words of lyrics, without the names of sections, evenly over the time in which somebody sings."""
    words = re.sub(r"\[[^\]]*\]", " ", text).split()
    sung = [note for part in parts if part.sung for note in part.notes]
    first = min((note.start for note in sung), default=0.0)
    last = min(seconds, max((note.start + note.seconds for note in sung), default=seconds))
    each = (last - first) / max(1, len(words))
    for number, word in enumerate(words):
        start = first + number * each
        yield {"word": word, "start": round(start, 3), "end": round(start + 0.9 * each, 3)}


def _note(instrument: str, note: Note) -> dict[str, Any]:
    return {
        "pitch": DRUM_PITCHES.get(instrument, note.pitch),
        "start": round(note.start, 3),
        "end": round(note.start + max(note.seconds, 0.05), 3),
        "velocity": max(1, min(LOUDEST, round(note.level * 90))),
    }
