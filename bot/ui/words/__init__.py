"""Every sentence a member reads."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from bot.domain.errors import DownloadError, DownloadExpired, DownloadRefused, DownloadTooLarge, Failure
from bot.domain.source import LONGEST_FILE
from bot.domain.task import State, Task
from bot.domain.track import FetchedTrack
from bot.ui.text import length, plain, shown
from bot.ui.words.extra import told_besides
from bot.ui.words.kinds import asked, one, part, source
from bot.ui.words.reasons import why

#: For a caller that knows no names of providers.
NO_LABELS: Mapping[str, str] = MappingProxyType({})

CANCEL = "Cancel"
UNTITLED = "Untitled"

#: How much of a prompt is shown where it is only a reminder.
_REMINDER = 300
#: What a message holds, and how much of it is given to what nobody asked for.
MESSAGE, _BESIDES = 2000, 250

_FAILURES = {
    Failure.PROVIDER: "the music service could not make it.",
    Failure.REJECTED: "the music service refused it. Other words may help.",
    Failure.CREDITS: "this bot's credits at the music service are used up. Whoever runs the bot has to top them up.",
    Failure.SUBSCRIPTION: "this bot has no subscription at the music service. Whoever runs the bot has to renew it.",
    Failure.KEY: "this bot is not set up rightly at the music service. Whoever runs the bot has to mend that.",
    Failure.DOWN: "the music service cannot be reached. Nothing was charged; please try again in a few minutes.",
    Failure.LOST: "no answer came from the music service. It may have been charged all the same.",
    Failure.SILENT: "the music service had no result within two hours. If one comes after all, it is posted here.",
    Failure.EMPTY: "the music service finished it without any music.",
    Failure.GONE: "the music service does not know it any more.",
    Failure.TIMES: "that file is shorter than the times you gave. Nothing was made of it, so nothing is charged.",
    Failure.TOO_LONG: f"that file lasts longer than {LONGEST_FILE // 60} minutes. Nothing was made of it, or charged.",
    Failure.LEFT: "I left that server before its turn came. The music service was not asked, so nothing is charged.",
}
#: Only here do the vendor's own words help the member.
_VENDOR_WORDS_HELP = {Failure.PROVIDER, Failure.REJECTED}


def provider_name(provider: str, labels: Mapping[str, str] = NO_LABELS) -> str:
    """Return a provider's name as people write it; as it stands in the settings if it is not configured any more."""
    return labels.get(provider, provider)


def mention(task: Task) -> str:
    """Return the mention of the member who asked."""
    return f"<@{task.origin.member_id}>"


def ago(moment: datetime) -> str:
    """Return a live relative time, which Discord counts by itself."""
    return f"<t:{int(moment.timestamp())}:R>"


def queued(task: Task, ahead: int, usually_done: datetime, *, rests: bool = False) -> str:
    """The first answer to a command. `rests`: its provider takes nothing just now."""
    when = (
        f"It starts when its turn comes: {ahead} of yours are before it."
        if ahead
        else f"Usually done {ago(usually_done)}."
    )
    if rests:
        when = f"Its music service takes nothing just now, so it waits. {when}"
    return f"🎶 {mention(task)} {asked(task.request)}\n{when}"


def still_unknown(task: Task) -> str:
    """The queued line after the provider's answer was lost."""
    return (
        f"⏳ {mention(task)} {asked(task.request)}\n"
        "No answer came from the music service. If it took the request, the track still comes; "
        "in half an hour at the latest you will read here how it went."
    )


def made_anew(task: Task) -> str:
    """The queued line of a task that failed and that its provider makes again."""
    since = ago(task.asked_at or task.created_at)
    return f"🎶 {mention(task)} {asked(task.request)}\nIt is made once more, without a new charge, since {since}."


def failed(task: Task) -> str:
    """The queued line, or a message of its own, after a failure."""
    failure = Failure(task.failure)
    theirs = shown(task.detail, _REMINDER) if failure in _VENDOR_WORDS_HELP else ""
    lines = [f"😕 {mention(task)} {asked(task.request)}", f"It did not work out: {_FAILURES[failure]}"]
    if theirs:
        lines.append(f"-# It said: “{theirs}”")
    lines.append("-# This one does not count against your day.")
    return "\n".join(lines)


def set_aside(task: Task) -> str:
    """The queued line of a card that could not be posted."""
    return (
        f"📦 {mention(task)} {asked(task.request)}\n"
        f"It is made, but I could not post it: {why(task)}. "
        f"`/track resend` has me try once more; whoever runs the bot finds it under `{task.id}`."
    )


def how_it_stands(task: Task) -> str:
    """What the queued line of a task without a card says."""
    if task.state is State.COMPLETED:
        return set_aside(task)
    if task.state is State.SUBMITTED:
        return made_anew(task)
    return failed(task) if task.state is State.FAILED else still_unknown(task)


def cancelled(task: Task, before: State) -> str:
    """The queued line after a cancellation."""
    honest = (
        "Nothing had been asked of the music service yet, so nothing is charged."
        if before is State.WAITING
        else "The music service cannot be stopped and may charge for it; what it makes will not be posted."
    )
    return f"🛑 {mention(task)} took back: {_reminder(task)}\n{honest}"


def posted(task: Task, link: str) -> str:
    """The queued line once the card is there."""
    return f"✅ {mention(task)} {asked(task.request)}\n[Here it is]({link})"


def posted_directly(task: Task) -> str:
    """The queued line once the card went to the member alone."""
    return f"✅ {mention(task)} {asked(task.request)}\nIt could not be posted here, so it went to them directly."


#: On a card whose words the server's rules would not let through.
NEUTRAL = "-# This server's rules did not let its title and description through, so here it is without them."


def prompt_quote(task: Task, limit: int) -> str:
    """The prompt on a card."""
    return f"> {shown(task.request.about, limit)}"


def track_line(fetched: FetchedTrack, title: str, length: str) -> str:
    """One track in a message without embeds."""
    return f"{fetched.number} · **{title}**{f' · {length}' if length else ''}"


def file_trouble(trouble: DownloadError | None, link: str, until: datetime | None) -> str:
    """What is said where a track's file could not be attached. `link` is empty where none may be shown."""
    reason = "Its file could not be attached."
    match trouble:
        case DownloadTooLarge():
            reason = "Its file is too large for this place."
        case DownloadExpired():
            return "Its file is not at the music service any more: files are kept there for some days only."
        case DownloadRefused():
            return "Its file lies at an address this bot does not fetch from."
    if not link:
        return reason
    good = f" (link good until <t:{int(until.timestamp())}:f>)" if until else ""
    return f"{reason} Listen here: {link}{good}"


def cover_alt(title: str) -> str:
    """The cover's description for people who cannot see it."""
    return f"Cover art of “{plain(title, 200, UNTITLED)}”"


def details(task: Task, likes: int, extra: str = "", labels: Mapping[str, str] = NO_LABELS, room: int = MESSAGE) -> str:
    """Everything that was asked, for the curious, in `room` characters: lyrics are cut first, then the prompt.

    `extra`: what else the provider told, as `Track` has it.
    """
    rows = _details(task, likes, labels)
    for name, whole in (("Lyrics", task.request.lyrics), ("Prompt", task.request.prompt)):
        over = length(_written(rows)) - room
        if over > 0:
            rows[name] = shown(whole, max(1, length(rows[name]) - over))
    text, label = _written(rows), "\n**It also said:** "
    told = told_besides(extra, min(_BESIDES, room - length(text + label)))
    return text + label + told if told else text


def _details(task: Task, likes: int, labels: Mapping[str, str]) -> dict[str, str]:
    request = task.request
    return {
        "Prompt": shown(request.prompt, 900),
        "Style": shown(request.style, 300),
        "Title": shown(request.title, 200),
        "Lyrics": shown(request.lyrics, 300),
        "What": one(request.kind).capitalize() if request.source else "",
        "Made from": source(request) if request.source else "",
        "Part": part(request),
        "Instrumental": "yes" if request.instrumental else "",
        "Made by": provider_name(task.provider, labels),
        "Asked for by": mention(task),
        "Asked": f"<t:{int(task.created_at.timestamp())}:f>",
        "Done": f"<t:{int(task.finished_at.timestamp())}:f>" if task.finished_at else "",
        "Likes": str(likes or ""),
        "Task": f"`{task.id}`",
    }


def _written(rows: Mapping[str, str]) -> str:
    return "\n".join(f"**{name}:** {value}" for name, value in rows.items() if value)


TOO_LATE = "Too late for that: it has already ended."


def sorry(error_id: str) -> str:
    """The ephemeral answer to a fault of ours."""
    return f"Something went wrong on my side. Please try again; if it stays so, report the number `{error_id}`."


def _reminder(task: Task) -> str:
    return f"“{shown(task.request.about, _REMINDER)}”"
