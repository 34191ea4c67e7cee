"""The SQL of one look into the library: who may see what, and what is looked for."""

import json
from dataclasses import dataclass
from typing import Any

from bot.domain.ports_library import Query, Scope, SongType, Sort, Viewer

#: More words than these narrow nothing down; the rest is not looked for.
_MOST_WORDS = 12

_ORDERS = {
    Sort.NEWEST: "library.id DESC",
    Sort.LONGEST: "library.seconds DESC, library.id DESC",
    Sort.TITLE: "library.title_key, library.id",
}
#: The plus sign keeps SQLite walking the index of the scope and order: a word that stands everywhere costs one list of
#: numbers, not a look at each row.
_MATCHES = "+library.id IN (SELECT rowid FROM library_words WHERE library_words MATCH :match)"


@dataclass(frozen=True, slots=True)
class Search:
    """A `FROM … WHERE` of ours, its order, and the values it is filled with. No member's text is in the SQL."""

    source: str
    order: str
    values: dict[str, Any]


def visible(viewer: Viewer, scope: Scope) -> tuple[str, dict[str, Any]]:
    """Return the condition for what the viewer may see in a scope. In direct messages there is only one's own."""
    if scope is Scope.MINE or viewer.guild_id is None:
        return "library.member_id = :member", {"member": viewer.member_id}
    values = {"guild": viewer.guild_id, "channel": viewer.channel_id, "channels": json.dumps(sorted(viewer.channels))}
    channels = "(SELECT value FROM json_each(:channels))"
    if scope is Scope.CHANNEL:
        here = "library.channel_id = :channel AND library.guild_id + 0 = :guild"
        return f"library.open = 1 AND {here} AND :channel IN {channels}", values
    return f"library.open = 1 AND library.guild_id = :guild AND library.channel_id IN {channels}", values


def oldest_first(viewer: Viewer, scope: Scope) -> str:
    """Return the index that holds a scope in the order of its rows."""
    if scope is Scope.MINE or viewer.guild_id is None:
        return "library_of_member"
    return "library_of_channel" if scope is Scope.CHANNEL else "library_of_server"


def search(viewer: Viewer, query: Query) -> Search | None:
    """Return the SQL of a query; None where it holds words and no letter or digit, which nothing matches."""
    condition, values = visible(viewer, query.scope)
    conditions = [condition, *_filters(query)]
    values |= {"kind": query.kind, "status": query.status, "provider": query.provider, "liker": viewer.member_id}
    if query.words.strip() or query.style.strip():
        values["match"] = matching(query.words, query.style)
        if values["match"] is None:
            return None
        conditions.append(_MATCHES)
    return Search(f"library WHERE {' AND '.join(conditions)}", _ORDERS[query.sort], values)


def _filters(query: Query) -> list[str]:
    filters = {
        "library.kind = :kind": query.kind is not None,
        "library.status = :status": query.status is not None,
        "library.provider = :provider": bool(query.provider),
        "library.instrumental = 1": query.song_type is SongType.INSTRUMENTAL,
        "library.instrumental = 0 AND library.kind = 'song'": query.song_type is SongType.SUNG,
        "library.task_id IN (SELECT task_id FROM likes WHERE member_id = :liker)": query.liked,
    }
    return [condition for condition, wanted in filters.items() if wanted]


def matching(words: str, style: str) -> str | None:
    """Return the FTS5 query for typed words: every one has to be there. None where nothing can match.

    Each word is a quoted string, in which only the quotation mark means anything:
    https://www.sqlite.org/fts5.html#fts5_strings
    """
    parts = [("{title prompt lyrics}", words), ("style", style)]
    terms = [(columns, _terms(text)) for columns, text in parts if text.strip()]
    if not terms or not all(found for _, found in terms):
        return None
    return " AND ".join(f"{columns} : ({' AND '.join(found)})" for columns, found in terms)


def _terms(text: str) -> list[str]:
    words = [word for word in text.replace("\0", " ").replace(",", " ").split() if any(map(str.isalnum, word))]
    return ['"' + word.replace('"', '""') + '"' for word in words[:_MOST_WORDS]]
