"""What a vendor says about its tracks is shown as plain, short text: it pings nobody, links nowhere, names no path."""

import io
import re
from typing import Any

import pytest
from mutagen.id3 import ID3

from bot.domain.task import Task
from bot.ui.text import length
from tests.flows.stage import POST, Stage
from tests.wire.world import Json

PINGS = "@everyone @here <@1> <@&1> <#1> </cmd:1>"
MARKUP = "**b** [x](https://evil.example) # h ```c``` ||s|| <t:0:R> https://evil.example discord.gg/evil"
PATHS = '../../CON/a\\b C:x "q"; SPOILER_\r\n'
DIRECTION = "gpj\u202e\u200b.mp3 z" + "\u0336" * 40


async def posted(stage: Stage, **columns: str) -> tuple[Task, Json]:
    """Deliver a task whose tracks the vendor described like this; return its card too."""
    task = await stage.completed()
    names = ", ".join(f"{name} = ?" for name in columns)
    statement = f"UPDATE tracks SET {names} WHERE task_id = ?"
    await stage.bench.database.write(lambda db: db.execute(statement, (*columns.values(), task.id)).rowcount)
    assert await stage.deliver.step()
    [card] = stage.cards()
    return task, card


def texts(card: Json) -> list[str]:
    """Return every text of a card that is read, its embeds' too."""
    embeds = card["embeds"]
    fields = [text for embed in embeds for field in embed["fields"] for text in (field["name"], field["value"])]
    return [card["content"], *(embed.get(part, "") for embed in embeds for part in ("title", "description")), *fields]


@pytest.mark.parametrize("text", [PINGS, MARKUP, PATHS, DIRECTION], ids=["pings", "markup", "paths", "direction"])
@pytest.mark.parametrize("column", ["title", "style"])
async def test_no_text_of_a_vendor_does_anything(stage: Stage, column: str, text: str) -> None:
    task, card = await posted(stage, **{column: text})
    assert [mentioned["id"] for mentioned in card["mentions"]] == [str(stage.member.id)]
    assert (card["mention_everyone"], card["mention_roles"]) == (False, [])
    (request,) = stage.wire.sent(*POST)
    allowed = request.json["allowed_mentions"]
    assert (allowed["parse"], allowed["users"], allowed.get("roles", [])) == ([], [stage.member.id], [])
    read = "\n".join(texts(card)).replace(f"<@{stage.member.id}>", "")
    assert not re.search(r"(?<!\\)(?:\\\\)*(?:<[@#/t]|@everyone|@here|\*\*|\]\(|```|\|\||://)", read)
    assert not re.search("[\u202e\u200b\0\r]|\u0336{5}", read)
    for file in card["attachments"]:
        assert re.fullmatch(rf"\d-[a-z0-9-]{{1,40}}-{task.id}\.(mp3|jpg)", file["filename"])


@pytest.mark.parametrize(
    "title", ["", "   ", "\u200b", "🎶" * 400, "x" * 5000], ids=["none", "spaces", "nothing", "emoji", "long"]
)
async def test_a_title_is_there_and_fits_whatever_the_vendor_says(stage: Stage, title: str) -> None:
    _, card = await posted(stage, title=title)
    shown: list[Any] = [embed["title"] for embed in card["embeds"]]
    assert all(len("1 · x") <= length(one) <= 256 for one in shown)
    assert all(len(file["filename"]) <= 80 for file in card["attachments"])
    if not title.strip(" \u200b"):
        assert shown == ["1 · Untitled", "2 · Untitled"]


async def test_ten_thousand_characters_of_lyrics_go_into_the_file_and_not_into_the_message(stage: Stage) -> None:
    lyrics = "marrowbone " * 1000
    _, card = await posted(stage, lyrics=lyrics)
    assert "marrowbone" not in str(card)
    tags = ID3(io.BytesIO(stage.wire.file(card["attachments"][0])))
    assert tags.getall("USLT")[0].text.strip() == lyrics.strip()


async def test_two_hundred_tags_are_shortened(stage: Stage) -> None:
    _, card = await posted(stage, style=", ".join(f"tag number {number}" for number in range(200)))
    styles = [field["value"] for embed in card["embeds"] for field in embed["fields"] if field["name"] == "Style"]
    assert [(style.startswith("tag number 0, "), style.endswith("…"), length(style) <= 300) for style in styles] == [
        (True, True, True),
        (True, True, True),
    ]


async def test_a_member_who_left_has_the_track_posted_and_nobody_is_pinged(stage: Stage) -> None:
    task = await stage.completed()
    del stage.wire.world.members[stage.member.id]
    assert await stage.deliver.step()
    [card] = stage.cards()
    assert (card["mentions"], len(card["attachments"])) == ([], 2)
    assert await stage.row(task) == ("sent", "")
