"""Whichever provider has a key is used, with its own secret, and the one that is named before the others."""

import re

import pytest

from bot.settings import BadSettings, ProviderSettings, read_settings

SECRET, KEY = "sixteen bytes or more", "the-key"
KEYS = {"musicmint": "MUSICMINT_API_KEY", "musicapi": "MUSICAPI_API_KEY", "audiopod": "AUDIOPOD_API_KEY"}
SECRETS = {
    "musicmint": "MUSICMINT_SIGNING_SECRET",
    "musicapi": "MUSICAPI_WEBHOOK_SECRET",
    "audiopod": "AUDIOPOD_WEBHOOK_SECRET",
}


def environ_of(*names: str, **changes: str) -> dict[str, str]:
    """These providers, with keys; one of them publishes no address."""
    environ = {"DISCORD_TOKEN": "t"} | {KEYS[name]: KEY for name in names}
    return environ | ({"MUSICMINT_BASE_URL": "https://api.example"} if "musicmint" in names else {}) | changes


def complaints(environ: dict[str, str]) -> list[str]:
    """Return the names that are complained about, in their order."""
    with pytest.raises(BadSettings) as caught:
        read_settings(environ)
    return re.findall(r"^  - ([A-Z_]+) ", str(caught.value), re.MULTILINE)


@pytest.mark.parametrize("name", KEYS)
def test_any_one_of_them_is_enough(name: str) -> None:
    [provider] = read_settings(environ_of(name)).providers
    assert (provider.name, provider.api_key, provider.secrets) == (name, KEY, ())
    assert provider.base_url.startswith("https://api.")


def test_without_any_one_message_names_the_three_keys() -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings({"DISCORD_TOKEN": "t"})
    assert all(key in str(caught.value) for key in KEYS.values())


@pytest.mark.parametrize("name", KEYS)
def test_with_callbacks_each_needs_a_secret_of_its_own(name: str) -> None:
    called_back = environ_of(*KEYS, PUBLIC_URL="https://bot.example") | dict.fromkeys(SECRETS.values(), SECRET)
    read = read_settings(called_back)
    assert {one.secrets for one in read.providers} == {(SECRET.encode(),)}
    assert complaints(called_back | {SECRETS[name]: ""}) == [SECRETS[name]]


def test_the_family_that_does_not_call_back_needs_none() -> None:
    [provider] = read_settings(environ_of("musicapi", PUBLIC_URL="https://bot.example", MUSICAPI_STUDIO="on")).providers
    assert provider == ProviderSettings("musicapi", "https://api.musicapi.ai", KEY, (), studio=True)


@pytest.mark.parametrize(
    ("preferred", "order"),
    [
        ("", ["musicmint", "musicapi", "audiopod"]),
        ("musicapi", ["musicapi", "musicmint", "audiopod"]),
        ("AudioPod", ["audiopod", "musicmint", "musicapi"]),
    ],
)
def test_the_preferred_one_comes_first(preferred: str, order: list[str]) -> None:
    read = read_settings(environ_of(*KEYS, DEFAULT_PROVIDER=preferred))
    assert [provider.name for provider in read.providers] == order


def test_what_is_not_configured_cannot_be_preferred() -> None:
    assert complaints(environ_of("audiopod", DEFAULT_PROVIDER="musicapi")) == ["DEFAULT_PROVIDER"]


def test_the_secrets_of_all_are_known_to_the_log_and_stand_in_no_text() -> None:
    secrets = {name: f"{SECRET} {number}" for number, name in enumerate(SECRETS.values())}
    keys = {name: f"{KEY}-{number}" for number, name in enumerate(KEYS.values())}
    read = read_settings(environ_of(*KEYS) | secrets | keys)
    assert {*secrets.values(), *keys.values()} < set(read.all_secrets())
    assert not any(secret in repr(read) for secret in read.all_secrets()[1:])
