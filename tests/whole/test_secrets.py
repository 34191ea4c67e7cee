"""The whole way at DEBUG, with all that can go wrong on it; then every secret of it is looked for in what came out."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from tests.callback_desk import signed
from tests.parts import API_KEY, SECRET
from tests.whole.conftest import FIRST_ANSWER, POST_MESSAGE, Stage
from tests.whole.process import PATIENCE, until
from tests.whole.test_buttons_after_restart import button
from tests.wire.interactions import Interaction

OLD_SECRET = "the signing secret of last year"
#: Words to sing, each of which is looked for by itself; and how a proxy says that nobody is there.
LYRICS = "[Verse]\nquillwhistle over the marrowbone\n[Chorus]\nsing thistledown"
SUNG = ("quillwhistle", "marrowbone", "thistledown")
HTML = "<html><head><title>500</title></head><body>cloudburst in the gateway</body></html>"
VENDOR = "no capacity for @everyone today"
#: A line holds a few fields of at most 2,000 characters each, some of them written with escapes.
LONGEST_LINE = 8_000
EDIT_ANSWER = ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original")


@dataclass
class Way:
    """What has been done on it, and what the bot's listener has answered."""

    stage: Stage
    made: list[Interaction] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def generate(self, **options: object) -> Interaction:
        return await self.keep(await self.stage.generate(**options))  # type: ignore[arg-type]

    async def keep(self, interaction: Interaction) -> Interaction:
        """Remember an interaction for its token, and wait for its answer."""
        self.made.append(interaction)
        return await interaction.answered(PATIENCE)

    async def newest(self) -> str:
        """Wait until the vendor's id of the last task is stored; return it."""
        query = "SELECT provider_task_id FROM tasks ORDER BY rowid DESC LIMIT 1"
        await until(lambda: self.stage.bot.rows(query)[0][0])
        return str(self.stage.bot.rows(query)[0][0])

    async def finished(self) -> None:
        """Have the vendor end the newest task, and wait until it is recorded as sent."""
        theirs = await self.newest()
        await self.stage.vendor.finish(theirs)
        # This one: after a restart, others may be sent at the same time.
        await self.stage.bot.remembers(f"SELECT 1 FROM tasks WHERE provider_task_id = '{theirs}' AND delivery = 'sent'")

    def keys(self) -> list[str]:
        return [str(row[0]) for row in self.stage.bot.rows("SELECT key FROM tasks")]

    async def post(self, path: str, body: bytes, **headers: str) -> int:
        """Post to the listener; keep the whole answer."""
        url = f"http://127.0.0.1:{self.stage.bot.port}{path}"
        async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
            self.answers.append(f"{response.status} {dict(response.headers)} {await response.text()}")
            return response.status

    @contextlib.contextmanager
    def without(self, table: str) -> Iterator[None]:
        """Take a table away for a while: an error that nobody foresaw."""
        self._rename(table, "gone")
        yield
        self._rename("gone", table)

    def _rename(self, table: str, name: str) -> None:
        with contextlib.closing(sqlite3.connect(self.stage.bot.database)) as db, db:
            db.execute(f"ALTER TABLE {table} RENAME TO {name}")

    def log(self) -> str:
        return self.stage.bot.log.read_text()


@pytest.fixture
def way(stage: Stage) -> Way:
    """The bot with its settings, not started yet."""
    stage.bot.environ |= {"MUSICMINT_SIGNING_SECRET_OLD": OLD_SECRET, "MEMBER_PER_DAY": "100", "MEMBER_AT_ONCE": "20"}
    return Way(stage)


async def song(way: Way) -> Interaction:
    """The member writes words of their own and sends them."""
    opened = await way.keep(await way.stage.discord.command(way.stage.member, way.stage.channel, "song"))
    return await way.keep(await way.stage.discord.submit_modal(opened, title="Roof", lyrics=LYRICS))


async def failing(way: Way) -> None:
    """The vendor fails a task in words of its own, refuses one, and answers another with nonsense."""
    told = way.stage.vendor.behaviour
    told.fail_with = VENDOR
    await way.generate()
    await way.stage.vendor.finish(await way.newest())
    await way.stage.bot.remembers("SELECT 1 FROM tasks WHERE failure = 'provider'")
    told.fail_with, told.status = None, 400
    await way.generate(prompt="to be refused")
    await way.stage.bot.remembers("SELECT 1 FROM tasks WHERE failure = 'rejected'")
    told.status, told.body = None, HTML.encode()
    await way.generate(prompt="to be lost")
    await way.stage.bot.remembers("SELECT 1 FROM tasks WHERE state = 'unknown'")
    told.body = None


async def out_of_credits(way: Way) -> None:
    """Nothing is left at the vendor; then words of one's own are refused, and handed back."""
    way.stage.vendor.behaviour.status = 402
    await way.generate(prompt="the last one")
    await way.stage.bot.remembers("SELECT 1 FROM tasks WHERE failure = 'credits'")
    refused = await song(way)
    assert refused.message is not None
    assert refused.message["attachments"]
    way.stage.vendor.behaviour.status = None


async def knocking(way: Way) -> None:
    """Others post to the listener: forged, odd, signed with either secret, and to places that are none."""
    for key in (way.keys()[0], "a-key-of-nobody"):
        path = f"/callbacks/musicmint/{key}"
        assert await way.post(path, b"{}", **{"X-Signature": "0" * 64}) == 401
        assert await way.post(path, b"{}") == 401
        assert await way.post(path, b"not json", **{"X-Signature": signed(b"not json")}) == 400
        old = json.dumps({"task_id": "nobody", "status": "processing"}).encode()
        assert await way.post(path, old, **{"X-Signature": signed(old, OLD_SECRET)}) == 204
        assert await way.post(path, bytes(300_000)) == 413
        assert await way.post(f"{path}/more", b"{}") == 404
    assert await way.post("/healthz", b"{}") == 405


async def misunderstandings(way: Way) -> None:
    """Interactions that go wrong: answered too late, into a storm, on a broken connection, by a fault of ours."""
    discord, member, channel = way.stage.discord, way.stage.member, way.stage.channel
    too_late = discord.fault(*FIRST_ANSWER, code=10062)
    way.made.append(await discord.command(member, channel, "generate", prompt="too late"))
    await until(lambda: too_late.given)
    discord.fault(*FIRST_ANSWER, status=500, body=HTML)
    await way.generate(prompt="into a storm")
    discord.fault(*EDIT_ANSWER, reset=True)
    await way.finished()
    with way.without("likes"):
        card = way.stage.cards()[0]
        await way.keep(await discord.press(member, card, button(card, "Like")))
    assert "interaction failed" in way.log()


async def storms(way: Way) -> None:
    """Discord answers a card with a page of HTML, and a callback cannot be stored."""
    way.stage.discord.fault(*POST_MESSAGE, status=500, body=HTML)
    await way.generate(prompt="through a storm")
    await way.finished()
    await way.generate(prompt="to be tripped up")
    with way.without("tracks"):
        await way.stage.vendor.finish(await way.newest())
        await until(lambda: "503 StoreUnavailable" in way.log())


@pytest.fixture
async def gone(way: Way) -> Way:
    """The whole way, gone to its end."""
    await way.stage.bot.start()
    await way.generate(prompt="rain on a tin roof")
    await way.finished()
    await way.generate(private=True)
    await way.finished()
    await song(way)
    await way.finished()
    for part in (failing, knocking, misunderstandings, storms, out_of_credits):
        await part(way)
    await way.stage.bot.kill()
    await way.stage.bot.start()
    await way.generate(prompt="after the restart")
    await way.finished()
    assert await way.stage.bot.stop() == 0
    return way


def secrets_of(way: Way) -> list[str]:
    """Return everything nobody may read: what was set, what was made up for each task, what Discord gave out."""
    tokens = [interaction.token for interaction in way.made]
    return [way.stage.discord.token, API_KEY, SECRET, OLD_SECRET, *way.keys(), *tokens]


def found(secrets: list[str], text: str) -> list[str]:
    return [secret for secret in secrets if secret in text]


async def test_no_secret_and_no_lyrics_come_out_anywhere_on_the_whole_way(gone: Way) -> None:
    log, secrets = gone.log(), secrets_of(gone)
    assert len(secrets) > 20
    for shown in ("task delivered", "provider refused", "Traceback", "interaction failed", "callback refused"):
        assert shown in log, shown
    assert found([*secrets, *SUNG, "cloudburst"], log) == []
    messages = messages_of(gone)
    assert "no capacity" in messages
    assert found([*secrets, *SUNG, "cloudburst"], messages) == []
    assert found(secrets, "".join(gone.answers)) == []
    lines = log.splitlines()
    assert max(map(len, lines)) < LONGEST_LINE
    assert [line for line in lines if not is_event(line)] == []


def messages_of(way: Way) -> str:
    """Return every message there is, and every one that was sent or changed on the way."""
    discord, member = way.stage.discord, way.stage.member
    there = [discord.messages(place) for place in (way.stage.channel, discord.dm(member))]
    asked = [request.json for request in discord.requests]
    return json.dumps([there, asked], ensure_ascii=False)


def is_event(line: str) -> bool:
    """Say whether a line is one event in JSON."""
    try:
        return "event" in json.loads(line)
    except ValueError:
        return False
