"""Sentences about the library: its pages, an opened track, and its numbers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.contract import Contract
from bot.domain.ports_library import MOST_COUNTED, PER_PAGE, Entry, Page, Query, Scope, SongType, Sort, Stats, Status
from bot.domain.task import Kind, Task
from bot.ui.text import length, minutes, plain, shown
from bot.ui.words import MESSAGE, NO_LABELS, UNTITLED, ago, details
from bot.ui.words.account import Mention
from bot.ui.words.kinds import one, several

PREVIOUS, NEXT = "Previous", "Next"
OPEN = "Open a track …"
EXPIRED = "I do not know this list any more: it is older than 30 days, or was deleted. Please type the command again."
GONE = "That track has gone: its card was deleted, or whoever made it deleted their data."
ONLY_YOURS = "Of others, only what is finished and posted is shown. With `scope: mine` you see your own of every state."
DRAWING_NAME = "library.png"

SCOPES = {Scope.MINE: "mine", Scope.CHANNEL: "this channel", Scope.SERVER: "this server"}
KINDS = {kind: one(kind) for kind in Kind}
STATUSES = {Status.FINISHED: "finished", Status.FAILED: "failed", Status.WORKING: "in the works"}
SONG_TYPES = {SongType.SUNG: "sung", SongType.INSTRUMENTAL: "instrumental"}
SORTS = {Sort.NEWEST: "newest first", Sort.LONGEST: "longest first", Sort.TITLE: "by title"}

#: So many of what was made from a track are named.
_MOST_CHILDREN = 5

_HEADINGS = {Scope.MINE: "Your tracks", Scope.CHANNEL: "Tracks in this channel", Scope.SERVER: "Tracks in this server"}
_NO_TRACKS = {Status.FAILED: "failed", Status.WORKING: "in the works"}


def unknown_provider(typed: str, offers: Sequence[Contract]) -> str:
    """The answer to a provider that is not configured."""
    known = " or ".join(f"`{offer.name}`" for offer in offers)
    return f"“{shown(typed, 50)}” is no music service of mine. As `provider`, choose {known}."


def sort_label(sort: Sort) -> str:
    """The label of the button that sorts."""
    return f"Sort {SORTS[sort]}"


def heading(query: Query) -> str:
    """The title above a page."""
    return _HEADINGS[query.scope] + (" that you liked" if query.liked else "")


def page_text(query: Query, page: Page) -> str:
    """The entries of a page."""
    lines = [_looked_for(query)] if _looked_for(query) else []
    start = page.number * PER_PAGE + 1
    lines += [_line(entry, number, query.scope) for number, entry in enumerate(page.entries, start)]
    return "\n".join(lines)


def footer(query: Query, page: Page) -> str:
    """How many there are, below a page."""
    pages = max(1, -(-min(page.total, MOST_COUNTED) // PER_PAGE))
    if page.total > MOST_COUNTED:
        return f"Page {page.number + 1} · {MOST_COUNTED:,}+ tracks · {SORTS[query.sort]}"
    things = "track" if page.total == 1 else "tracks"
    return f"Page {page.number + 1} of {pages} · {page.total:,} {things} · {SORTS[query.sort]}"


def empty(query: Query, mention: Mention) -> str:
    """An empty page: what would help."""
    if query.words.strip() or query.style.strip():
        return (
            f"{_looked_for(query)}\nNothing has all of these words. Fewer or other words may help, or another `scope`:"
            f" {mention('library search')} `words: rain` `scope: this server`"
        )
    if query.liked:
        return f"Nothing you liked is here. Press **Like** under a track, or look at {mention('library browse')}."
    if any((query.kind, query.status, query.song_type, query.provider)):
        return f"{_looked_for(query)}\nNothing is like that. {mention('library browse')} without filters shows all."
    make = f"{mention('generate')} `prompt: a slow waltz for a rainy Sunday`"
    return f"Nothing stands here yet. How about {make}?"


def _looked_for(query: Query) -> str:
    """Repeat the filters."""
    parts = [
        f"“{shown(query.words, 80)}”" if query.words.strip() else "",
        f"style “{shown(query.style, 80)}”" if query.style.strip() else "",
        several(query.kind) if query.kind else "",
        STATUSES[query.status] if query.status else "",
        SONG_TYPES[query.song_type] if query.song_type else "",
        f"made by {shown(query.provider, 40)}" if query.provider else "",
    ]
    said = ", ".join(part for part in parts if part)
    return f"-# Only: {said}" if said else ""


def name(entry: Entry) -> str:
    """What an entry is best known by, not escaped."""
    return plain(entry.title or entry.prompt, 60, UNTITLED)


def _line(entry: Entry, number: int, scope: Scope) -> str:
    parts = [
        f"**{number}.** **{shown(name(entry), 70)}**{' 🔒' if entry.private else ''}",
        minutes(entry.seconds) or _NO_TRACKS.get(entry.status, ""),
        shown(entry.style, 40),
        "" if scope is Scope.MINE else f"<@{entry.member_id}>",
        ago(entry.made_at),
        f"[card]({link(entry)})" if link(entry) else "",
    ]
    return " · ".join(part for part in parts if part)


def link(entry: Entry) -> str:
    """Return the address of an entry's card; empty where none leads to it."""
    if entry.message_id is None or entry.channel_id is None:
        return ""
    return f"https://discord.com/channels/{entry.guild_id or '@me'}/{entry.channel_id}/{entry.message_id}"


def option(entry: Entry, number: int) -> tuple[str, str]:
    """An entry in the menu that opens it: its label and the line under it."""
    known = (minutes(entry.seconds) or _NO_TRACKS.get(entry.status, ""), plain(entry.style, 60))
    return plain(f"{number}. {name(entry)}", 90), " · ".join(part for part in known if part)


def opened(
    entry: Entry,
    task: Task,
    likes: int,
    extra: str = "",
    labels: Mapping[str, str] = NO_LABELS,
    children: Sequence[Entry] = (),
) -> str:
    """An opened track: its own name and link above what was asked for; below that what was made from it."""
    lasts = minutes(entry.seconds)
    lines = [f"🎵 **{shown(name(entry), 100)}**{f' · {lasts}' if lasts else ''}"]
    if link(entry):
        lines.append(f"[Go to its card]({link(entry)})")
    elif entry.status is Status.FINISHED:
        lines.append("-# Its card was shown to you alone, or could not be posted, so no link leads there.")
    else:
        lines.append(f"-# {STATUSES[entry.status].capitalize()}.")
    head, came_of_it = "\n".join(lines) + "\n", _came_of_it(children)
    return head + details(task, likes, extra, labels, MESSAGE - length(head + came_of_it)) + came_of_it


def _came_of_it(children: Sequence[Entry]) -> str:
    """What was made from a track, as far as there is room for it."""
    lines = [f"\n**Made from it:** {len(children)}"] if children else []
    for child in children[:_MOST_CHILDREN]:
        title = shown(name(child), 60)
        lines.append(f"- {one(child.kind)}: " + (f"[{title}]({link(child)})" if link(child) else title))
    return "\n".join(lines)


def stats_heading(scope: Scope) -> str:
    """The title above the numbers."""
    return f"{_HEADINGS[scope]}, in numbers"


def nothing_counted(mention: Mention) -> str:
    """The answer where there is nothing to count."""
    return f"There is nothing to count here yet. Begin with {mention('generate')} `prompt: rain on a tin roof`."


def week_label(week: datetime) -> str:
    """A week, by the day it begins with."""
    return f"{week.day} {week:%b}"


def stats(numbers: Stats) -> str:
    """A scope in numbers."""
    rows = [
        ("Tracks", f"{numbers.tracks:,}"),
        ("Music", _length(numbers.seconds)),
        ("Likes", f"{numbers.likes:,}"),
        ("Styles used most", ", ".join(f"{shown(style, 40)} ({times:,})" for style, times in numbers.styles)),
        ("By kind", ", ".join(f"{kind_label(kind, times)} {times:,}" for kind, times in numbers.kinds)),
        ("By music service", ", ".join(f"{one} {times:,}" for one, times in numbers.providers)),
    ]
    return "\n".join(f"**{label}:** {value}" for label, value in rows if value)


def _length(seconds: float) -> str:
    hours, rest = divmod(round(timedelta(seconds=seconds) / timedelta(minutes=1)), 60)
    return f"{hours:,} h {rest} min" if hours else f"{rest} min"


def kind_label(kind: str, times: int = 2) -> str:
    """A kind, as many of them are."""
    return one(Kind(kind)) if times == 1 else several(Kind(kind))


def drawing_alt(numbers: Stats) -> str:
    """The drawn numbers for people who cannot see them."""
    last = ", ".join(f"{times} in the week of {week_label(week)}" for week, times in numbers.weeks if times)
    kinds = ", ".join(f"{times} {kind_label(kind, times)}" for kind, times in numbers.kinds)
    makers = ", ".join(f"{times} by {one}" for one, times in numbers.providers)
    return plain(f"Bar charts. Tracks by week: {last or 'none lately'}. By kind: {kinds}. By maker: {makers}.", 1000)


def drawing_titles() -> tuple[str, str, str]:
    """The titles of the three charts."""
    return "Tracks by week", "By kind", "By music service"
