"""Sentences about a member's account, their data, reports, and help."""

from collections.abc import Callable

from bot.domain.ports import Limits
from bot.domain.ports_members import Usage
from bot.domain.ports_purge import GRACE
from bot.flows.my_data import Deleted
from bot.ui.text import shown
from bot.ui.words import ago

DELETE = "Delete my data"
DELETE_WITH_CARDS = "Delete my data and my posts"
DELETING = (
    "Deleting. This may take some minutes where there are many posts… "
    "If it still says so in ten minutes, type `/my-data delete` once more."
)
NOT_DELETED = "Not everything is deleted yet. The button goes on where this stopped."
EXPORTED = (
    "Here is everything I keep about you: what you asked for, the tracks that came, what you liked, your personas. "
    "Addresses of files are without the signatures that open them."
)

#: Turns a command such as "my-data export" into what is clicked, or reads like it.
Mention = Callable[[str], str]


def quota(usage: Usage, limits: Limits) -> str:
    """The answer to `/quota`."""
    left = max(0, limits.member_per_day - usage.used)
    lines = [f"**Today:** {usage.used} of {limits.member_per_day} used, **{left} left**."]
    if usage.free_at is not None:
        lines[0] += f" {'One comes back' if left else 'The next one is free'} {ago(usage.free_at)}."
    lines.append(f"**Right now:** {usage.running} of {limits.member_at_once} being made, {usage.waiting} waiting.")
    lines.append("-# What fails does not count, nor what you take back before it was asked for.")
    return "\n".join(lines)


def _from_tracks(mention: Mention) -> str:
    """What is made from a track, or from a file somebody gives."""
    reworks = " ".join(map(mention, ("cover", "remaster", "vocals", "infill", "sample")))
    parts = " ".join(map(mention, ("stems", "midi", "wav", "timeline", "waveform")))
    return f"From a track or your `audio`: {mention('extend')} `at: 1:05` {reworks}\nTaken out of one: {parts}"


def help_text(mention: Mention) -> str:
    """The answer to `/help`."""
    return "\n".join(
        [
            "I make music from what you write. For example:",
            f"{mention('generate')} `prompt: rain on a tin roof` `style: slow piano` `private: True`",
            f"{mention('song')} sings your own words: a box opens for title, style and lyrics",
            f"{mention('lyrics')} `about: a night train` to edit and sing ·"
            f" {mention('soundfx')} `description: a creaking door`",
            f"Voices: {mention('persona create')} makes one of a track, {mention('persona list')},"
            f" {mention('persona delete')}",
            _from_tracks(mention),
            "On each card: a menu with all of these, and **Like**, **Again**, **Remix** (change it), **Details**",
            "",
            f"Waiting: {mention('queue')} shows what is in the works, {mention('cancel')} takes yours back",
            f"Made and not posted? {mention('track resend')} · Did not work out? {mention('task retry')}",
            f"One track: {mention('track show')}, {mention('track rename')}, {mention('track like')},"
            f" {mention('track delete')}",
            f"Found again: {mention('library browse')}, {mention('library search')} `words: tin roof`,"
            f" {mention('library liked')}, {mention('library stats')}",
            f"You: {mention('quota')} what you have left today · {mention('my-data export')} ·"
            f" {mention('my-data delete')} · {mention('privacy')}",
            f"Does it work? {mention('status')} shows my music services",
            f"Managing the server: {mention('admin usage')}",
            f"Something wrong? {mention('report')} `what: the second track stops half-way`",
        ]
    )


def privacy(mention: Mention, prompt_retention_days: int) -> str:
    """The answer to `/privacy`."""
    return "\n".join(
        [
            "**What I keep**",
            "What you ask for (prompt, style, title, lyrics, options), where and when, your Discord id, what became of"
            " it, what the music service sent back about the tracks, what you liked, your personas, and for 30 days"
            " what you looked for in the library. No names, no other messages.",
            "**How long**",
            f"{_kept(prompt_retention_days)} {GRACE.days} days after I leave a server, what was asked for and made"
            " there goes. When you delete, for one day after that I still keep the times (nothing else) of what counted"
            " against your day, so that the limit holds. Fingerprints of the music service's messages are kept for"
            " good, so that none is taken in twice; they hold nothing about you.",
            "**Who gets it**",
            "The music service gets your prompt, style, title, lyrics, personas’ names, and the tracks and files you"
            " have worked on, never your Discord id or name; how long it keeps the files, and what it keeps besides, is"
            " its own matter. Posted tracks are seen by whoever sees the channel. Whoever runs this bot can read its"
            " database and log, which holds what you report. Those who manage a server see who asks most there, private"
            " ones counted, but none of what was asked.",
            "**Your choice**",
            f"{mention('my-data export')} gives you everything as a file. {mention('my-data delete')} deletes it; with"
            " `cards: True` my posts for you go as well, and what the music service made for you, where it lets me"
            " delete that. What others made from your tracks stays theirs.",
        ]
    )


def _kept(days: int) -> str:
    if not days:
        return "Until you delete it."
    return (
        "Until you delete it; prompt, style, title and lyrics of what was posted, failed or was taken back only for"
        f" {_count(days, 'day')}. Tracks keep their names, and posted cards what stands on them."
    )


def confirm_deletion(open_tasks: int, cards: bool) -> str:
    """Asks once before everything is deleted."""
    lines = [
        "This deletes everything I keep about you: what you asked for, its tracks, likes and personas. No way back."
    ]
    if open_tasks:
        what = "One task is" if open_tasks == 1 else f"{open_tasks} tasks are"
        lines.append(
            f"{what} still in the works and will be taken back. The music service cannot be stopped: it may charge for"
            " what it has begun, and what it makes will not be posted."
        )
    lines.append(
        "My posts for you, with their files, are deleted from Discord too, as far as I can reach them, and what was"
        " made for you at the music service, where it lets me delete that."
        if cards
        else "My posts for you stay in their channels. To delete them as well, use `cards: True`: afterwards I do not"
        " know any more which are yours."
    )
    return "\n".join(lines)


def deleted(done: Deleted) -> str:
    """What a deletion did."""
    tasks, likes = _count(done.kept.tasks, "task"), _count(done.kept.likes, "like")
    lines = [f"Done: I have deleted {tasks} and {likes} of yours."]
    if done.stopped:
        lines.append(
            f"{_count(done.stopped, 'task')} still in the works {_was(done.stopped)} taken back. {_honest(done)}"
        )
    if done.messages:
        lines.append(f"{done.gone} of {_count(done.messages, 'post')} {_was(done.messages)} deleted from Discord.")
    if done.gone < done.messages:
        lines.append("The others I could not reach; whoever manages those channels can delete them.")
    if done.jobs:
        lines.append(_at_the_service(done))
    return "\n".join(lines)


def _at_the_service(done: Deleted) -> str:
    text = f"The music service has deleted {done.jobs_gone} of {_count(done.jobs, 'thing')} it made for you."
    if done.jobs_gone < done.jobs:
        text += " The rest it did not delete; whoever runs this bot can do that. It never learned who you are."
    return text


def _honest(done: Deleted) -> str:
    if not done.charged:
        return "Nothing had been asked of the music service yet, so nothing is charged."
    return f"The music service cannot be stopped and may charge for {done.charged}; what it makes will not be posted."


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def reported(number: str, track_unknown: bool) -> str:
    """The answer to `/report`."""
    text = f"Thank you. Whoever runs this bot can read your report under the number `{number}`."
    if track_unknown:
        text += "\nI could not tell which track you mean, but what you wrote there is passed on as well."
    return text


def report_for_operator(number: str, member_id: int, task_id: str | None, track: str, what: str) -> str:
    """A report, in the operator's channel."""
    about = f"`{task_id}`" if task_id else shown(track, 200, "no track named")
    return f"📨 Report `{number}` by <@{member_id}> about {about}:\n> {shown(what, 1500)}"
