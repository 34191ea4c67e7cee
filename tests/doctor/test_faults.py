"""`minstrel doctor`: all good is exit 0, each planted fault fails with its own remedy."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest

from tests.doctor.conftest import Patient, command
from tests.parts import API_KEY, SECRET
from tests.whole.process import free_port
from tests.wire.world import USUAL, Permission

Plant = Callable[[Patient], Awaitable[None]]


async def bad_token(patient: Patient) -> None:
    patient.bot.environ["DISCORD_TOKEN"] = "not.the.token"


async def discord_away(patient: Patient) -> None:
    patient.bot.environ["DISCORD_API_URL"] = f"http://127.0.0.1:{free_port()}"


async def discord_in_trouble(patient: Patient) -> None:
    patient.discord.fault("GET", "/users/@me", status=503)


async def nonsense_for_discord(patient: Patient) -> None:
    patient.discord.fault("GET", "/users/@me", status=200, body="<html>a proxy's page</html>")


async def clock_off(patient: Patient) -> None:
    patient.discord.fault("GET", "/gateway", headers={"Date": "Sat, 01 Aug 2026 09:00:00 GMT"})


async def commands_overwritten(patient: Patient) -> None:
    patient.discord.world.sync("global", [{"name": "other", "description": "of another program"}])


async def commands_of_another_version(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.bot.database)) as db, db:
        db.execute("UPDATE facts SET value = 'older'")


async def no_attach_files(patient: Patient) -> None:
    patient.discord.permit(patient.channel, USUAL & ~Permission.ATTACH_FILES)


async def wrong_key(patient: Patient) -> None:
    patient.bot.environ["MUSICMINT_API_KEY"] = "sk-mm-of-somebody-else"


async def provider_away(patient: Patient) -> None:
    patient.bot.environ["MUSICMINT_BASE_URL"] = f"http://127.0.0.1:{free_port()}"


async def not_the_provider(patient: Patient) -> None:
    patient.vendor.behaviour.body = b"<!doctype html><title>Welcome</title>"


async def another_secret(patient: Patient) -> None:
    await patient.bot.start()
    patient.bot.environ["MUSICMINT_SIGNING_SECRET"] = "a secret that was changed since"


async def port_taken(patient: Patient) -> None:
    patient.bot.environ["LISTEN_PORT"] = patient.vendor.base_url.rpartition(":")[2]


async def leads_elsewhere(patient: Patient) -> None:
    patient.bot.environ["PUBLIC_URL"] = patient.vendor.base_url


async def leads_nowhere(patient: Patient) -> None:
    patient.bot.environ["PUBLIC_URL"] = f"http://127.0.0.1:{free_port()}"


async def damaged(patient: Patient) -> None:
    content = bytearray(patient.bot.database.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    patient.bot.database.write_bytes(content)


async def of_a_newer_version(patient: Patient) -> None:
    with closing(sqlite3.connect(patient.bot.database)) as db, db:
        db.execute("PRAGMA user_version = 1000")


FAULTS: list[tuple[Plant, str, str]] = [
    (bad_token, "Discord token", "Reset it in the Developer Portal"),
    (discord_away, "Discord token", "may connect to it"),
    (discord_in_trouble, "Discord token", "https://discordstatus.com"),
    (nonsense_for_discord, "Discord token", "DISCORD_API_URL"),
    (clock_off, "clock", "timedatectl set-ntp true"),
    (commands_overwritten, "commands", "DELETE FROM facts"),
    (commands_of_another_version, "commands", "Restart the bot"),
    (no_attach_files, "permission Attach Files", "Allow Attach Files"),
    (wrong_key, "MusicMint key", "MUSICMINT_API_KEY"),
    (provider_away, "MusicMint key", "may connect there"),
    (not_the_provider, "MusicMint key", "without /api/v1"),
    (another_secret, "MusicMint listener", "Restart the bot, so that it reads the present signing secret"),
    (port_taken, "MusicMint listener", "set another LISTEN_PORT"),
    (leads_elsewhere, "MusicMint public address", "/callbacks/ paths"),
    (leads_nowhere, "MusicMint public address", "Start the tunnel or proxy"),
    (damaged, "database", "restore a backup"),
    (of_a_newer_version, "database", "Update Minstrel"),
]


@pytest.mark.parametrize(("plant", "name", "remedy"), FAULTS, ids=[plant.__name__ for plant, _, _ in FAULTS])
async def test_a_planted_fault_fails_with_its_own_remedy(
    patient: Patient, plant: Plant, name: str, remedy: str
) -> None:
    await plant(patient)
    findings = await patient.looked_at()
    assert findings.status == 1
    assert findings.report["ok"] is False
    assert findings.failed == [name], findings.output
    assert remedy in findings.lines[name]["remedy"]
    for secret in (patient.discord.token, API_KEY, SECRET, *map(patient.bot.environ.get, SECRETS)):
        assert secret not in findings.output  # type: ignore[operator]


SECRETS = ("DISCORD_TOKEN", "MUSICMINT_API_KEY", "MUSICMINT_SIGNING_SECRET")


def test_every_fault_has_a_remedy_that_no_other_has() -> None:
    remedies = [remedy for _, _, remedy in FAULTS]
    assert len(set(remedies)) == len(remedies) >= 10


@pytest.mark.parametrize("running", [False, True])
async def test_all_good_is_exit_0_whether_the_bot_runs_or_not(patient: Patient, running: bool) -> None:
    if running:
        await patient.bot.start()
    findings = await patient.examined("--channel", str(patient.channel.id))
    assert findings.status == 0, findings.output
    assert {line["status"] for line in findings.report["checks"]} == {"ok"}
    assert ("the running bot's" in findings.lines["MusicMint listener"]["detail"]) is running
    assert sum(name.startswith("permission ") for name in findings.lines) == 5
    assert [request.path for request in patient.vendor.requests] == ["/api/v1/tasks"]
    if running:
        assert patient.bot.rows("SELECT count(*) FROM tasks") == [(0,)]


async def test_on_a_fresh_machine_nothing_fails_and_nothing_is_left_behind(patient: Patient) -> None:
    data = patient.bot.database.parent
    patient.bot.environ["DATA_DIR"] = str(data / "fresh")
    findings = await patient.examined()
    assert findings.status == 0
    assert [name for name, line in findings.lines.items() if line["status"] == "note"] == ["database", "commands"]
    assert not (data / "fresh").exists()


async def test_for_people_each_finding_is_one_line_without_colours_off_a_terminal(patient: Patient) -> None:
    patient.bot.environ["MUSICMINT_API_KEY"] = "sk-mm-of-somebody-else"
    status, output = await command(patient.bot.environ, "doctor")
    assert status == 1
    assert "\x1b" not in output
    [line] = [line for line in output.splitlines() if line.startswith("fail")]
    assert "MusicMint key: MusicMint refuses it" in line
    assert "To do: Copy a good key" in line


async def test_bad_settings_are_exit_2_and_a_line_each(patient: Patient) -> None:
    patient.bot.environ |= {"DISCORD_TOKEN": "", "LISTEN_PORT": "eighty"}
    findings = await patient.examined()
    assert findings.status == 2
    assert findings.failed == ["DISCORD_TOKEN", "LISTEN_PORT"]
