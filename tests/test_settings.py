"""Settings are read once; what is wrong with them is said together, by name, and without the secrets."""

import ipaddress
import re
from contextlib import suppress
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import SHORTEST_SECRET, BadSettings, ProviderSettings, Settings, read_settings, setting_names

ROOT = Path(__file__).parents[1]
TOKEN, KEY, SECRET, OLD = "the.discord.token", "sk-mm-the-key", "the signing secret", "the one before it"
LEAST = {"DISCORD_TOKEN": TOKEN, "MUSICMINT_BASE_URL": "https://api.example", "MUSICMINT_API_KEY": KEY}
CALLED_BACK = LEAST | {"PUBLIC_URL": "https://bot.example", "MUSICMINT_SIGNING_SECRET": SECRET}


def complaints(environ: dict[str, str]) -> list[str]:
    """Return the names that the one message complains about, in its order."""
    with pytest.raises(BadSettings) as caught:
        read_settings(environ)
    return re.findall(r"^  - ([A-Z_]+) ", str(caught.value), re.MULTILINE)


def test_the_defaults_are_those_of_the_design() -> None:
    read = read_settings(LEAST)
    assert read == Settings(
        discord_token=TOKEN,
        discord_api_url="https://discord.com/api/v10",
        discord_gateway_url="wss://gateway.discord.gg",
        public_url="",
        listen_host="127.0.0.1",
        listen_port=8080,
        listen_keepalive=15,
        data_dir=Path("data"),
        database=Path("data/minstrel.sqlite3"),
        providers=(ProviderSettings("musicmint", "https://api.example", KEY, ()),),
        allowed_guilds=frozenset(),
        member_at_once=2,
        member_per_day=20,
        retention_days=7,
        prompt_retention_days=0,
        dm_fallback=True,
        report_channel=None,
        download_allow=(),
        log_level="INFO",
        log_format="console",
        remarks=(),
    )


def test_the_example_lists_exactly_the_names_that_are_read() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]
    assert sorted(listed) == sorted(setting_names())
    assert len(set(listed)) == len(listed)


def test_the_example_with_its_first_block_filled_in_means_the_defaults() -> None:
    example = {name: value or "" for name, value in dotenv_values(ROOT / ".env.example").items()}
    assert read_settings(example | LEAST) == read_settings(LEAST)


def test_an_empty_environment_is_told_everything_that_is_missing() -> None:
    assert complaints({}) == ["DISCORD_TOKEN", "MUSICMINT_API_KEY"]


def test_a_value_of_spaces_is_not_set() -> None:
    assert complaints(CALLED_BACK | {"DISCORD_TOKEN": " \n", "MUSICMINT_SIGNING_SECRET": "\t "}) == [
        "DISCORD_TOKEN",
        "MUSICMINT_SIGNING_SECRET",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_TOKEN", "Bot the.discord.token"),
        ("DISCORD_TOKEN", "the.discord\ntoken"),
        ("DISCORD_API_URL", "discord.com"),
        ("DISCORD_API_URL", "https://"),
        ("DISCORD_API_URL", "https://discord.com/api?v=10"),
        ("DISCORD_GATEWAY_URL", "https://gateway.discord.gg"),
        ("PUBLIC_URL", "bot.example"),
        ("PUBLIC_URL", "http://bot.example"),
        ("PUBLIC_URL", "http://127.0.0.1.bot.example"),
        ("PUBLIC_URL", "ftp://bot.example"),
        ("PUBLIC_URL", "https://bot.example/?a=1"),
        ("PUBLIC_URL", "https://bot.example/?"),
        ("PUBLIC_URL", "https://bot.example/#a"),
        ("PUBLIC_URL", "https://name:word@bot.example"),
        ("PUBLIC_URL", "https://bot example"),
        ("PUBLIC_URL", "https://bot.example/\nx"),
        ("PUBLIC_URL", "https://[::1"),
        ("LISTEN_PORT", "http"),
        ("LISTEN_PORT", "-1"),
        ("LISTEN_PORT", "65536"),
        ("LISTEN_PORT", "8080.0"),
        ("LISTEN_PORT", "8_080"),
        ("LISTEN_PORT", "+8080"),
        ("MEMBER_AT_ONCE", "٣"),
        pytest.param("LISTEN_PORT", "9" * 5000, id="LISTEN_PORT-long"),
        ("LISTEN_KEEPALIVE", "0"),
        ("LISTEN_KEEPALIVE", "3601"),
        ("DATABASE_URL", "postgresql://host/minstrel"),
        ("DATABASE_URL", "data/minstrel.sqlite3"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///."),
        ("DATABASE_URL", "sqlite:///.."),
        ("DATABASE_URL", "sqlite:////"),
        ("DATABASE_URL", "sqlite:///data/"),
        ("MUSICMINT_BASE_URL", "api.example"),
        ("MUSICMINT_BASE_URL", "https://api.example:port"),
        ("MUSICMINT_BASE_URL", "https://key@api.example"),
        ("MUSICMINT_API_KEY", "sk-mm the key"),
        ("MUSICMINT_API_KEY", "sk-mm-kéy"),
        ("MUSICMINT_SIGNING_SECRET", "x" * (SHORTEST_SECRET - 1)),
        ("MUSICMINT_SIGNING_SECRET", "é" * (SHORTEST_SECRET // 2 - 1)),
        ("MUSICMINT_SIGNING_SECRET", "no text, but bytes: \udcff"),
        ("MUSICMINT_SIGNING_SECRET_OLD", "short"),
        ("DEFAULT_PROVIDER", "suno"),
        ("DEFAULT_PROVIDER", "audiopod"),
        ("MUSICAPI_BASE_URL", "api.example"),
        ("MUSICAPI_API_KEY", "two words"),
        ("MUSICAPI_WEBHOOK_SECRET", "short"),
        ("MUSICAPI_STUDIO", "yes"),
        ("AUDIOPOD_BASE_URL", "https://api.example?"),
        ("AUDIOPOD_API_KEY", "two words"),
        ("AUDIOPOD_WEBHOOK_SECRET", "short"),
        ("ALLOWED_GUILDS", "my server"),
        ("ALLOWED_GUILDS", "1, -2"),
        ("ALLOWED_GUILDS", "1; 2"),
        ("ALLOWED_GUILDS", ","),
        ("ALLOWED_GUILDS", "9" * 20),
        ("ALLOWED_GUILDS", f"1, {2**63}"),
        ("MEMBER_AT_ONCE", "0"),
        ("MEMBER_AT_ONCE", "many"),
        ("MEMBER_PER_DAY", "0"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "31"),
        ("PROMPT_RETENTION_DAYS", "-1"),
        ("PROMPT_RETENTION_DAYS", "3651"),
        ("DM_FALLBACK", "yes"),
        ("REPORT_CHANNEL", "#reports"),
        ("REPORT_CHANNEL", "9" * 20),
        ("REPORT_CHANNEL", f"{2**63}"),
        ("DOWNLOAD_ALLOW", "10.0.0.0/33"),
        ("DOWNLOAD_ALLOW", "10.0.0.1/8"),
        ("DOWNLOAD_ALLOW", "localhost"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    assert complaints(CALLED_BACK | {name: value}) == [name]


def test_everything_that_is_wrong_is_said_in_one_message() -> None:
    wrong = {
        "PUBLIC_URL": "http://bot.example",
        "MUSICMINT_BASE_URL": "api.example",
        "MUSICMINT_API_KEY": KEY,
        "LISTEN_PORT": "http",
        "ALLOWED_GUILDS": "ours",
        "LOG_FORMAT": "xml",
    }
    missing = {"DISCORD_TOKEN", "MUSICMINT_SIGNING_SECRET"}
    named = complaints(wrong)
    assert len(named) == len(set(named))
    assert set(named) == missing | set(wrong) - {"MUSICMINT_API_KEY"}


def test_what_is_malformed_is_not_said_to_be_missing() -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings(LEAST | {"DISCORD_TOKEN": "two words", "MUSICMINT_BASE_URL": "api.example"})
    assert "not set" not in str(caught.value)


def test_the_message_holds_no_value() -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings(CALLED_BACK | {"DISCORD_TOKEN": "my secret token", "MUSICMINT_SIGNING_SECRET": "short one"})
    assert "my secret" not in str(caught.value)
    assert "short one" not in str(caught.value)


def test_with_callbacks_a_signing_secret_is_needed() -> None:
    assert complaints(LEAST | {"PUBLIC_URL": "https://bot.example"}) == ["MUSICMINT_SIGNING_SECRET"]
    assert complaints(LEAST | {"PUBLIC_URL": "https://bot.example", "MUSICMINT_SIGNING_SECRET_OLD": OLD}) == [
        "MUSICMINT_SIGNING_SECRET"
    ]


def test_a_key_without_an_address_is_not_enough() -> None:
    assert complaints({"DISCORD_TOKEN": TOKEN, "MUSICMINT_API_KEY": KEY}) == ["MUSICMINT_BASE_URL"]


def test_a_secret_is_measured_in_bytes() -> None:
    read = read_settings(CALLED_BACK | {"MUSICMINT_SIGNING_SECRET": "é" * (SHORTEST_SECRET // 2)})
    assert len(read.providers[0].secrets[0]) == SHORTEST_SECRET


@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_a_newline_after_a_secret_is_dropped(ending: str) -> None:
    read = read_settings(CALLED_BACK | {"MUSICMINT_SIGNING_SECRET": SECRET + ending, "DISCORD_TOKEN": TOKEN + ending})
    assert read.providers[0].secrets == (SECRET.encode(),)
    assert read.discord_token == TOKEN
    assert [remark.partition(" ")[0] for remark in read.remarks] == ["MUSICMINT_SIGNING_SECRET"] * bool(ending)


def test_spaces_around_a_secret_are_dropped_aloud() -> None:
    read = read_settings(CALLED_BACK | {"MUSICMINT_SIGNING_SECRET": f" {SECRET}"})
    assert read.providers[0].secrets == (SECRET.encode(),)
    assert read.remarks == ("MUSICMINT_SIGNING_SECRET began or ended with spaces, which were dropped",)


def test_the_present_secret_comes_before_the_old_one() -> None:
    read = read_settings(CALLED_BACK | {"MUSICMINT_SIGNING_SECRET_OLD": OLD})
    assert read.providers[0].secrets == (SECRET.encode(), OLD.encode())


def test_no_secret_is_in_the_text_of_the_settings_and_all_are_known_to_the_log() -> None:
    read = read_settings(CALLED_BACK | {"MUSICMINT_SIGNING_SECRET_OLD": OLD})
    assert read.all_secrets() == [TOKEN, KEY, SECRET, OLD]
    assert not any(secret in repr(read) for secret in read.all_secrets())


@pytest.mark.parametrize(
    ("text", "ids"),
    [("", set()), ("17", {17}), ("1,2", {1, 2}), ("1, 2 3\n4,", {1, 2, 3, 4}), ("9223372036854775807", {2**63 - 1})],
)
def test_servers_are_listed_with_commas_or_spaces(text: str, ids: set[int]) -> None:
    assert read_settings(LEAST | {"ALLOWED_GUILDS": text}).allowed_guilds == ids


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://bot.example", "https://bot.example"),
        ("https://bot.example/", "https://bot.example"),
        ("https://bot.example:8443/music/", "https://bot.example:8443/music"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_the_public_address_is_https_or_on_loopback(text: str, address: str) -> None:
    assert read_settings(CALLED_BACK | {"PUBLIC_URL": text}).public_url == address


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"DATA_DIR": "/var/lib/minstrel"}, "/var/lib/minstrel/minstrel.sqlite3"),
        ({"DATABASE_URL": "sqlite:///here.db"}, "here.db"),
        ({"DATABASE_URL": "sqlite:////srv/there.db", "DATA_DIR": "elsewhere"}, "/srv/there.db"),
    ],
)
def test_the_database_lies_in_the_data_folder_unless_it_is_put_elsewhere(changes: dict[str, str], path: str) -> None:
    assert read_settings(LEAST | changes).database == Path(path)


def test_words_may_be_written_in_any_case_and_networks_in_both_families() -> None:
    read = read_settings(
        LEAST | {"LOG_LEVEL": "debug", "LOG_FORMAT": "JSON", "DM_FALLBACK": "Off", "DOWNLOAD_ALLOW": "10.0.0.0/8, ::1"}
    )
    assert (read.log_level, read.log_format, read.dm_fallback) == ("DEBUG", "json", False)
    assert read.download_allow == (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128"))


PIECES = st.sampled_from(
    ["https://", "http://", "[", "]", ":", "/", "@", "?", ",", "127.0.0.1", "sqlite:///", "0", "\0"]
)
VALUES = st.text(st.characters()) | st.lists(PIECES | st.text(st.characters(), max_size=3)).map("".join)


@settings(max_examples=80)
@given(st.dictionaries(st.sampled_from(setting_names()), VALUES | st.sampled_from(sorted(CALLED_BACK.values()))))
def test_no_value_is_more_than_a_bad_setting(environ: dict[str, str]) -> None:
    for start in ({}, CALLED_BACK):
        with suppress(BadSettings):
            read_settings(start | environ)
