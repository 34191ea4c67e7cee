"""The settings of the music providers: whichever has an API key is used."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.settings.reader import URL, Reader, address, maybe, on_off

NAMES = ("musicmint", "musicapi", "audiopod")


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How a provider is reached. `secrets`: the present signing secret, then the old one."""

    name: str
    base_url: str
    api_key: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)
    #: Whether the family that the vendor marks as unavailable is wanted.
    studio: bool = False


def read_providers(reader: Reader, *, calls_back: bool) -> tuple[ProviderSettings, ...]:
    """Return those that are configured, in their usual order. `calls_back`: whether callbacks are to come."""
    found = [_musicmint(reader, calls_back), _musicapi(reader, calls_back), _audiopod(reader, calls_back)]
    configured = tuple(one for one in found if one is not None)
    keys = [f"{name.upper()}_API_KEY" for name in NAMES]
    if not configured and not reader.complaints.keys() & set(keys):
        others = ", ".join(keys[1:])
        reader.complain(keys[0], f"is not set: at least one provider must be configured (or {others})")
    return configured


def preferred_first(found: Sequence[ProviderSettings], preferred: str) -> tuple[ProviderSettings, ...]:
    """Return them with the preferred one first."""
    return tuple(sorted(found, key=lambda one: one.name != preferred))


def _musicmint(reader: Reader, calls_back: bool) -> ProviderSettings | None:
    base_url = reader.parsed("MUSICMINT_BASE_URL", "", maybe(address("http", "https")), URL)
    api_key = reader.key("MUSICMINT_API_KEY")
    secrets = [reader.secret("MUSICMINT_SIGNING_SECRET"), reader.secret("MUSICMINT_SIGNING_SECRET_OLD")]
    if base_url and not api_key:
        reader.complain("MUSICMINT_API_KEY", "is not set, although MUSICMINT_BASE_URL is")
    if not api_key:
        return None
    if not base_url:
        reader.complain("MUSICMINT_BASE_URL", "is not set: it stands on the API page of MusicMint's dashboard")
    if calls_back and not secrets[0]:
        reader.complain("MUSICMINT_SIGNING_SECRET", _NO_SECRET)
    return ProviderSettings("musicmint", base_url, api_key, tuple(secret for secret in secrets if secret))


def _musicapi(reader: Reader, calls_back: bool) -> ProviderSettings | None:
    base_url = reader.parsed("MUSICAPI_BASE_URL", "https://api.musicapi.ai", address("http", "https"), URL)
    api_key, secret = reader.key("MUSICAPI_API_KEY"), reader.secret("MUSICAPI_WEBHOOK_SECRET")
    studio = reader.parsed("MUSICAPI_STUDIO", "off", on_off, "must be on or off")
    if not api_key:
        return None
    # Studio is not known to call back.
    if calls_back and not secret and not studio:
        reader.complain("MUSICAPI_WEBHOOK_SECRET", _NO_SECRET)
    return ProviderSettings("musicapi", base_url, api_key, (secret,) if secret else (), studio)


def _audiopod(reader: Reader, calls_back: bool) -> ProviderSettings | None:
    base_url = reader.parsed("AUDIOPOD_BASE_URL", "https://api.audiopod.ai", address("http", "https"), URL)
    api_key, secret = reader.key("AUDIOPOD_API_KEY"), reader.secret("AUDIOPOD_WEBHOOK_SECRET")
    if not api_key:
        return None
    if calls_back and not secret:
        reader.complain("AUDIOPOD_WEBHOOK_SECRET", _NO_SECRET)
    return ProviderSettings("audiopod", base_url, api_key, (secret,) if secret else ())


_NO_SECRET = "is not set: with PUBLIC_URL, callbacks must be signed"
