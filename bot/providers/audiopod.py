"""Speaks AudioPod's dialect (https://docs.audiopod.ai/api-reference/music/overview)."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from bot.domain.contract import Ability, Contract, JobAction, Rate, Worth, together
from bot.domain.errors import AnswerLost, BadCallback, Rejected
from bot.domain.ports_jobs import Job, JobFilter
from bot.domain.task import MAX_LYRICS, MAX_MUSICAL_KEY, MAX_STYLE, MAX_TITLE, Kind, Request, Task
from bot.domain.track import Changed, Completed, Failed, Outcome, Running, Track, Update, Uploaded
from bot.providers.audiopod_answers import answer, as_job, display_name, gone, job_id, read_created
from bot.providers.audiopod_jobs import MUSIC, AudioPodJobs
from bot.providers.reading import as_text, text
from bot.providers.signing import sign_stamped, verify_stamped
from bot.providers.wire import Call, Question, Reply, decode_callback

log = logging.getLogger(__name__)

SIGNATURE_HEADER, STAMP_HEADER = "x-audiopod-signature", "x-audiopod-timestamp"
EVENT_ID_HEADER = "x-audiopod-event-id"

#: Its callbacks are about everything the account makes; this is what we do.
OUR_JOBS = "music_generation"

#: `caption` holds what it should sound like and the style words. https://docs.audiopod.ai/api-reference/music/generation
MAX_CAPTION = 2048
#: The kinds of sounds, and their beats per minute. https://docs.audiopod.ai/api-reference/music/generation
SOUND_TYPES, TEMPO = frozenset({"loop", "one-shot"}), range(60, 201)

#: Upper case in answers, lower case in callbacks, the last three partly in other pages only. Any other word counts as
#: running, bounded by our own deadline.
COMPLETED, CANCELLED = "COMPLETED", ("CANCELLED", "CANCELED")
FAILED = ("FAILED", "ERROR")

#: The genre presets but for Custom. https://docs.audiopod.ai/api-reference/music/overview
GENRES = (
    "Modern Pop",
    "Rock",
    "Hip Hop",
    "Jazz",
    "Classical",
    "Electronic",
    "Country",
    "Folk",
    "Blues",
    "Reggae",
    "Latin",
    "R&B",
    "Metal",
)
_GENRES = {name.casefold(): name for name in GENRES}

CONTRACT = Contract(
    name="audiopod",
    label="AudioPod",
    makes={
        Kind.SONG: Ability(MAX_CAPTION - len(", ") - MAX_STYLE, MAX_STYLE, MAX_TITLE, MAX_LYRICS, instrumental=True),
        Kind.SOUND: Ability(
            MAX_CAPTION, title=MAX_TITLE, sound_types=SOUND_TYPES, bpm=TEMPO, musical_key=MAX_MUSICAL_KEY
        ),
    },
    callbacks=Worth.HINT,
    keyed=False,
    finds_lost=True,
    jobs=frozenset(JobAction),
    # https://docs.audiopod.ai/api-reference/music/jobs; what a plan allows of all the rest is not documented.
    retries=Rate(10, timedelta(minutes=1)),
)


class Create(msgspec.Struct, omit_defaults=True, kw_only=True):
    """The body of a create. https://docs.audiopod.ai/api-reference/music/generation

    `caption` is called `prompt` for instrumentals. Length is left to the vendor, so it does not matter that its pages
    call it `duration` here and `audio_duration` there.
    """

    caption: str = ""
    prompt: str = ""
    lyrics: str = ""
    instrumental: bool = False
    genre_preset: str = ""
    display_name: str = ""
    sample_type: str = ""
    tempo: int | None = None
    keyscale: str = ""
    format: str = "flac"
    #: Sent although it is the vendor's own default: more would cost more, and where they would be is not documented.
    batch_size: int = 0


class AudioPod:
    """Builds calls and reads replies and callbacks; no socket in it."""

    contract = CONTRACT

    def __init__(self, api_key: str, secrets: Sequence[bytes]) -> None:
        self._api_key, self._secrets = api_key, tuple(secrets)
        self.jobs = AudioPodJobs()

    @property
    def headers(self) -> Mapping[str, str]:
        """See `wire.Wire`. Some pages put the key elsewhere: https://docs.audiopod.ai/api-reference/auth says here."""
        return {"X-API-Key": self._api_key, "Content-Type": "application/json"}

    def submit(self, task: Task, callback_url: str | None) -> Call:
        """See `wire.Wire`. Callbacks are set for the account, so no address is sent. Raises Rejected."""
        path, body = create(task.request)
        body.display_name = display_name(task.request.title, task.id)
        body.format, body.batch_size = CONTRACT.formats[0], 1
        return Call("POST", f"{MUSIC}/{path}", msgspec.json.encode(body))

    def read_submit(self, task: Task, reply: Reply) -> str:
        """See `wire.Wire`."""
        return read_created(reply)

    def upload(self, audio_url: str) -> Question[Uploaded] | None:
        """See `wire.Wire`. Its music API takes no files."""
        return None

    def persona(self, name: str, clip_id: str) -> Question[str] | None:
        """See `wire.Wire`. It has none."""
        return None

    def look_up(self, provider_task_id: str) -> Call:
        """See `wire.Wire`."""
        return self.jobs.get(provider_task_id).call

    def read_look_up(self, reply: Reply) -> Outcome:
        """See `wire.Wire`."""
        gone(reply)
        job = as_job(answer(reply))
        if job is None:
            raise AnswerLost("no job in the answer")
        return outcome(job)

    def check_key(self) -> Call:
        """See `wire.Wire`. The newest job only; the wallet may be closed to a key that music is open to."""
        return self.jobs.page(JobFilter(limit=1)).call

    def read_check_key(self, reply: Reply) -> None:
        """See `wire.Wire`."""
        self.jobs.page(JobFilter(limit=1)).read(reply)

    def find_lost(self, task: Task) -> Question[str | None] | None:
        """See `wire.Wire`. The list is searched in prompts and lyrics as well, so the name has to be ours, in full."""
        question = self.jobs.page(JobFilter(limit=100, search=task.id))

        def read(reply: Reply) -> str | None:
            # The newest comes first.
            return next((job.id for job in question.read(reply).jobs if job.task_id == task.id), None)

        return Question(question.call, read)

    def own_callback(self, task_id: str, key: str, now: datetime) -> tuple[Mapping[str, str], bytes]:
        """See `wire.Wire`. The vendor's ids are integers; any other becomes 0, which no job has."""
        number = int(task_id) if task_id.isascii() and task_id.isdigit() else 0
        event = {
            "event_type": "job.failed",
            "event_id": f"minstrel-{key}",
            "job_id": number,
            "job_type": OUR_JOBS,
            "status": "failed",
            "error_message": "a trial by minstrel doctor",
        }
        body, stamp = msgspec.json.encode(event), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            STAMP_HEADER: stamp,
            SIGNATURE_HEADER: sign_stamped(self._secrets[0], stamp, body),
        }
        return headers, body

    def read_callback(
        self, headers: Sequence[tuple[str, str]], body: bytes, key: str | None, now: datetime
    ) -> Update | None:
        """See `wire.Wire`. It holds no file, so all it ever says is "ask", and its age makes no difference."""
        given = {
            wanted: [value for name, value in headers if name == wanted] for wanted in (SIGNATURE_HEADER, STAMP_HEADER)
        }
        if not verify_stamped(self._secrets, given[SIGNATURE_HEADER], given[STAMP_HEADER], body, now):
            log.info("callback with an old time", extra={"provider": CONTRACT.name})
        event = decode_callback(body)
        if not isinstance(event, dict):
            raise BadCallback("no object")
        if event.get("job_type") != OUR_JOBS:
            return None
        job = job_id(event.get("job_id"))
        if job is None:
            raise BadCallback("job_id is no integer")
        return Update(CONTRACT.name, job, Changed(), digest=_digest(headers, event, job, body))


def create(request: Request) -> tuple[str, Create]:
    """Return which of AudioPod's creates serves a request, and its body. Raises Rejected where none takes it.

    An instrumental without words goes the way made for it; with words, `instrumental` has the vendor ignore them.
    """
    if request.kind is Kind.SOUND:
        return "text2samples", _sound(request)
    preset = _GENRES.get(request.style.strip().casefold(), "")
    if request.instrumental and not request.lyrics:
        return "prompt2instrumental", Create(prompt=_caption(request), genre_preset=preset)
    return "text2music", Create(
        caption=_caption(request), lyrics=request.lyrics, instrumental=request.instrumental, genre_preset=preset
    )


def outcome(job: Job) -> Outcome:
    """Return what a job's status word means."""
    if job.status == COMPLETED:
        track = _track(job)
        return Completed((track,) if track else (), missing=0 if track else 1)
    if job.status in FAILED:
        return Failed(job.error)
    if job.status in CANCELLED:
        return Failed("cancelled")
    return Running(job.progress)


def _sound(request: Request) -> Create:
    """Return the body for a sound. Its tempo is checked here: what the vendor does over its limits is unknown.

    Its page names no field for the text; `prompt` is taken by both of the others.
    """
    if request.bpm is not None and request.bpm not in TEMPO:
        said = f"a tempo is {TEMPO[0]} to {TEMPO[-1]} beats per minute"
        raise Rejected(f"not sent: {said}", said)
    return Create(
        prompt=(request.prompt or request.about)[:MAX_CAPTION],
        sample_type=request.sound_type,
        tempo=request.bpm,
        keyscale=request.musical_key,
    )


def _caption(request: Request) -> str:
    """Return what it should sound like, with the style words; never empty, as the vendor asks for one."""
    return (together(request.prompt, request.style) or request.about)[:MAX_CAPTION]


def _track(job: Job) -> Track | None:
    if not job.audio_url:
        return None
    return Track(
        clip_id=job.id,
        audio_url=job.audio_url,
        cover_url=job.cover_url,
        title=job.title,
        seconds=job.seconds,
        extra=as_text(job.extra),
    )


def _digest(headers: Sequence[tuple[str, str]], event: Mapping[str, object], job: str, body: bytes) -> bytes:
    """Return what tells a repetition: the event's id, which retries reuse; in the body it is signed, so first there.

    With the job's, as it is nowhere said that an event's id is the account's only one.
    """
    named = next((value for name, value in headers if name == EVENT_ID_HEADER), "")
    event_id = text(event.get("event_id")) or named
    return sha256(f"{job}\n{event_id}".encode("utf-8", "surrogatepass") if event_id else body).digest()
