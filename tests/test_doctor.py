"""The doctor's single findings, and that its trial listener costs nobody a track."""

import io
import json
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.doctor.callbacks import Trial, look_at_callbacks
from bot.doctor.channel import look_at_channel
from bot.doctor.discord import look_at_application, look_at_clock
from bot.doctor.local import LEAST_FREE, disk_line
from bot.doctor.report import Line, Status, all_good, cleaned, fail, note, ok, skipped, write
from bot.doctor.rest import DiscordRest, session
from bot.domain.errors import StoreUnavailable
from bot.domain.track import Failed, Update
from bot.settings import Settings, read_settings
from bot.store.checkup import check_up
from tests.parts import API_KEY, MORNING, SECRET
from tests.providers.musicmint_samples import MINT
from tests.whole.process import free_port
from tests.wire.server import WireDiscord
from tests.wire.world import USUAL, Channel, Permission


def settings_with(**changes: object) -> Settings:
    environ = {"DISCORD_TOKEN": "t", "MUSICMINT_BASE_URL": "http://127.0.0.1:9", "MUSICMINT_API_KEY": API_KEY}
    secrets = {"MUSICMINT_SIGNING_SECRET": SECRET}
    return read_settings(environ | secrets | {name: str(value) for name, value in changes.items()})


async def seen(discord: WireDiscord, channel_id: int, **changes: object) -> list[Line]:
    """Look at a channel of the small Discord."""
    async with session() as opened:
        rest = DiscordRest(opened, discord.api_url, discord.token)
        return await look_at_channel(rest, settings_with(**changes), channel_id, discord.bot_user_id)


def failed(lines: list[Line]) -> list[str]:
    return [line.name for line in lines if line.status is Status.FAIL]


async def test_each_missing_permission_is_a_line_of_its_own() -> None:
    async with WireDiscord() as discord:
        channel = discord.add_channel(discord.add_guild())
        assert failed(await seen(discord, channel.id)) == []
        discord.permit(channel, USUAL & ~(Permission.EMBED_LINKS | Permission.SEND_MESSAGES))
        lines = await seen(discord, channel.id)
        assert failed(lines) == ["permission Embed Links", "permission Send Messages"]
        assert all(line.remedy for line in lines if line.status is Status.FAIL)
        assert discord.violations == []


async def test_a_hidden_channel_lacks_view_channel_and_an_unknown_one_is_said_to_be_unknown() -> None:
    async with WireDiscord() as discord:
        channel = discord.add_channel(discord.add_guild(), permissions=Permission(0))
        assert failed(await seen(discord, channel.id)) == ["permission View Channel"]
        [line] = await seen(discord, 5)
        assert "no channel 5" in line.detail


async def test_a_thread_takes_its_own_permission_and_has_its_parents_overwrites() -> None:
    async with WireDiscord() as discord:
        usual = USUAL & ~Permission.SEND_MESSAGES_IN_THREADS
        parent = discord.add_channel(discord.add_guild(), permissions=usual)
        thread = discord.add_thread(parent)
        assert failed(await seen(discord, thread.id)) == ["permission Send Messages in Threads"]


async def test_a_server_that_is_not_allowed_is_said_and_a_direct_conversation_needs_nothing() -> None:
    async with WireDiscord() as discord:
        guild = discord.add_guild()
        channel: Channel = discord.add_channel(guild)
        assert failed(await seen(discord, channel.id, ALLOWED_GUILDS=77)) == ["channel"]
        [line] = await seen(discord, discord.dm(discord.add_member(guild)).id)
        assert line.status is Status.NOTE


def overwrite(of: str, *, allow: int = 0, deny: int = 0) -> dict[str, Any]:
    return {"id": of, "type": 0, "allow": str(allow), "deny": str(deny)}


FILES = int(Permission.ATTACH_FILES)


@pytest.mark.parametrize(
    ("base", "overwrites", "given"),
    [
        ({"everyone": FILES}, [], True),
        ({"bots": FILES}, [], True),
        ({"others": FILES}, [], False),
        ({"bots": FILES}, [overwrite("everyone", deny=FILES)], False),
        ({}, [overwrite("everyone", deny=FILES), overwrite("bots", allow=FILES)], True),
        ({"bots": FILES}, [overwrite("bots", deny=FILES), overwrite("more", allow=FILES)], True),
        ({}, [overwrite("bots", allow=FILES), overwrite("me", deny=FILES)], False),
        ({}, [overwrite("others", allow=FILES)], False),
        ({"bots": 8}, [overwrite("everyone", deny=FILES)], True),
    ],
)
async def test_roles_and_overwrites_count_as_discord_counts_them(
    base: dict[str, int], overwrites: list[dict[str, Any]], given: bool
) -> None:
    ids = {"everyone": "10", "bots": "11", "more": "12", "others": "13", "me": "20"}
    roles = [
        {"id": ids[name], "permissions": str(base.get(name, 0))} for name in ("everyone", "bots", "more", "others")
    ]
    answers = {
        "/channels/30": {
            "id": "30",
            "type": 0,
            "guild_id": "10",
            "permission_overwrites": [entry | {"id": ids[entry["id"]]} for entry in overwrites],
        },
        "/guilds/10": {"id": "10", "owner_id": "1", "roles": roles},
        "/guilds/10/members/20": {"user": {"id": "20"}, "roles": [ids["bots"], ids["more"]]},
    }
    async with Answering(answers) as address, session() as opened:
        lines = await look_at_channel(DiscordRest(opened, address, "t"), settings_with(), 30, 20)
    assert ("permission Attach Files" not in failed(lines)) is given


@pytest.mark.parametrize("nonsense", [{}, {"type": "text"}, {"type": 0, "guild_id": "10"}, [], None, "x"])
async def test_nonsense_about_a_channel_is_a_line(nonsense: Any) -> None:
    async with Answering({"/channels/30": nonsense, "/guilds/10": {"roles": 5}}) as address, session() as opened:
        lines = await look_at_channel(DiscordRest(opened, address, "t"), settings_with(), 30, 20)
    assert failed(lines) == ["channel"]


class Answering:
    """A server that answers paths with JSON; `async with` gives its address."""

    def __init__(self, answers: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._answers, self._status, self._headers = answers, status, headers

    async def __aenter__(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        return web.json_response(self._answers.get(request.path), status=self._status, headers=self._headers)


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (4, True), (-4, True), (30, False), (-30, False)])
async def test_a_clock_that_is_off_by_more_than_seconds_is_told(ahead: int, good: bool) -> None:
    async with Answering({}) as address, session() as opened:
        rest = DiscordRest(opened, address, "t")
        reading = await rest.clock(lambda: time.time() + ahead)
        assert abs(reading.ahead - ahead) < 2
    theirs = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() - ahead))
    async with Answering({}, headers={"Date": theirs}) as address, session() as opened:
        [line] = await look_at_clock(DiscordRest(opened, address, "t"))
    assert all_good([line]) is good
    assert good or ("ahead of" if ahead > 0 else "behind") in line.detail


PORTAL: dict[str, Any] = {"id": "1", "flags": 0, "bot_public": True, "bot_require_code_grant": False}


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({}, Status.OK, "anybody may install it"),
        ({"bot_public": False}, Status.OK, "only its owner"),
        ({"flags": 1 << 19}, Status.NOTE, "Message Content"),
        ({"interactions_endpoint_url": "https://x.example"}, Status.FAIL, "never reach the bot"),
        ({"bot_require_code_grant": True}, Status.FAIL, "code grant"),
    ],
)
def test_what_is_set_in_the_portal_is_told(changes: dict[str, Any], status: Status, words: str) -> None:
    first, *_, link = look_at_application(PORTAL | changes)
    assert (first.status, words in first.detail) == (status, True)
    assert "client_id=1&" in link.detail


async def test_a_real_callback_during_the_trial_is_put_off_and_not_acknowledged() -> None:
    trial = Trial()
    with pytest.raises(StoreUnavailable):
        await trial.record(Update("musicmint", "a real task", Failed("x")), MORNING)
    with pytest.raises(StoreUnavailable):
        await trial.record(Update("musicapi", None, Failed("x"), "a real key"), MORNING)
    with pytest.raises(StoreUnavailable):
        await trial.ask_soon("a key", MORNING)
    assert not trial.arrived


async def test_our_own_callback_is_known_by_its_task_or_where_it_names_none_by_its_key() -> None:
    by_task, by_key = Trial(), Trial()
    await by_task.record(Update("musicmint", by_task.task_id, Failed("x")), MORNING)
    await by_key.record(Update("musicapi", None, Failed("x"), by_key.key), MORNING)
    assert by_task.arrived
    assert by_key.arrived


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "turns well signed callbacks away"), (302, "redirects"), (502, "does not reach"), (204, "")],
)
async def test_what_answers_at_the_public_address_is_told_apart(status: int, words: str) -> None:
    async with Answering({}, status) as address, session() as opened:
        settings = settings_with(PUBLIC_URL=address, LISTEN_PORT=free_port())
        _, said = await look_at_callbacks(settings, [MINT], opened)
    listener, public = said["musicmint"]
    assert listener.status is Status.OK
    assert public.status is Status.FAIL
    assert (words or "leads elsewhere") in public.detail


async def test_without_a_public_address_no_port_is_opened() -> None:
    async with session() as opened:
        [line], said = await look_at_callbacks(settings_with(), [MINT], opened)
    assert line.status is Status.SKIPPED
    assert said == {"musicmint": []}


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "minstrel.sqlite3"
    file.write_bytes(b"not a database at all" * 500)
    assert "not a database" in check_up(file).damage


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    assert disk_line(tmp_path, LEAST_FREE).status is Status.OK
    assert "DATA_DIR" in disk_line(tmp_path, LEAST_FREE - 1).remedy


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "ascii"

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_unless_it_wants_none(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [ok("a", "well"), note("b", "known"), skipped("c", "not now"), fail("d", "überall", "Mend it")]
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, plain, pipe = Terminal(), Terminal(), io.StringIO()
    write(lines, coloured, as_json=False)
    write(lines, pipe, as_json=False)
    monkeypatch.setenv("NO_COLOR", "1")
    write(lines, plain, as_json=False)
    assert coloured.getvalue().count("\x1b[") == 8
    assert "\x1b" not in plain.getvalue() + pipe.getvalue()
    assert pipe.getvalue().splitlines()[3] == "fail     d: überall. To do: Mend it"
    assert not all_good(lines)
    assert all_good(lines[:3])


def test_json_is_never_coloured() -> None:
    stream = Terminal()
    write([fail("d", "x", "Mend it")], stream, as_json=True)
    assert json.loads(stream.getvalue()) == {
        "ok": False,
        "checks": [{"name": "d", "status": "fail", "detail": "x", "remedy": "Mend it"}],
    }


def test_no_answer_can_bring_a_secret_or_an_escape_into_the_report() -> None:
    [line] = cleaned([fail("a", "you sent sk-secret\n\x1b[2Jok", "x")], ["sk-secret"])
    assert line.detail == "you sent [secret] [2Jok"
