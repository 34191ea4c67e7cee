"""What the settings of the listener do to a start: a weak secret ends it, an odd one is told, the rest takes effect."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from bot.__main__ import BAD_SETTINGS, main
from bot.app import open_app
from bot.settings import read_settings
from tests.callback_desk import PATIENCE
from tests.parts import SECRET
from tests.whole.process import free_port
from tests.written_log import WrittenLog, writing_log

PRESENT, OLD = "MUSICMINT_SIGNING_SECRET", "MUSICMINT_SIGNING_SECRET_OLD"
HOSTING = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8").partition("## Host it")[2]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": "t",
        "PUBLIC_URL": "https://bot.example",
        "LISTEN_PORT": str(free_port()),
        "MUSICMINT_BASE_URL": "https://api.example.com",
        "MUSICMINT_API_KEY": "k",
        PRESENT: SECRET,
        "DATA_DIR": str(tmp_path / "data"),
    }


@asynccontextmanager
async def started(environ: dict[str, str], **changes: float) -> AsyncIterator[WrittenLog]:
    """The app as it is before Discord is there."""
    settings = replace(read_settings(environ), **changes)  # type: ignore[arg-type]
    with writing_log(secrets=settings.all_secrets()) as log:
        async with open_app(settings, lambda _client: nullcontext()):
            yield log


WEAK = [(PRESENT, secret) for secret in ("", "   ", "\n", "fifteen bytes !", "short with end\n")]


@pytest.mark.parametrize(("name", "secret"), [*WEAK, (OLD, "fifteen bytes !")])
def test_a_secret_that_anyone_could_guess_refuses_the_start_and_is_named(
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    secret: str,
) -> None:
    (tmp_path / "file").touch()  # where the secret gets through, the start ends here all the same, with another code
    for setting, value in (environ | {name: secret, "DATA_DIR": str(tmp_path / "file")}).items():
        monkeypatch.setenv(setting, value)
    assert main(["run"]) == BAD_SETTINGS
    said = capsys.readouterr().err
    assert f"- {name} " in said
    assert not secret.strip() or secret.strip() not in said


async def test_a_newline_after_the_secret_is_told_at_the_start_without_the_secret(environ: dict[str, str]) -> None:
    async with started(environ | {PRESENT: f"{SECRET}\n"}) as log:
        told = [line for line in log.lines if "newline" in line["event"]]
    assert [line["event"].split()[0] for line in told] == [PRESENT]
    assert SECRET not in log.text
    async with started(environ) as log:
        assert "newline" not in log.text


async def test_a_silent_connection_is_closed_after_the_setting_for_keeping(environ: dict[str, str]) -> None:
    async with started(environ, listen_keepalive=0.05):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(environ["LISTEN_PORT"]))
        async with asyncio.timeout(PATIENCE):
            assert await reader.read() == b""
        writer.close()


def test_only_loopback_is_listened_on_unless_set_otherwise(environ: dict[str, str]) -> None:
    assert read_settings(environ).listen_host == "127.0.0.1"
    assert read_settings(environ | {"LISTEN_HOST": "0.0.0.0"}).listen_host == "0.0.0.0"


def test_the_hosting_notes_ask_for_tls_in_front_and_a_longer_keepalive_behind_a_proxy() -> None:
    address = " ".join(HOSTING.partition("**An address**")[2].partition("4. **")[0].split())
    assert "a reverse proxy or tunnel with TLS that hands requests on to `127.0.0.1:8080`" in address
    assert "behind any proxy set `LISTEN_KEEPALIVE=75`" in address
