"""The settings: read once from the environment and `.env`, with all complaints together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.errors import StartRefused
from bot.settings.providers import ProviderSettings, preferred_first, read_providers
from bot.settings.reader import (
    SHORTEST_SECRET,
    URL,
    Network,
    Reader,
    address,
    between,
    ids,
    maybe_id,
    networks,
    on_off,
    one_of,
    public_address,
    sqlite_file,
)

__all__ = [
    "SHORTEST_SECRET",
    "BadSettings",
    "ProviderSettings",
    "Settings",
    "read_discord",
    "read_settings",
    "setting_names",
]

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SQLITE = "sqlite:///"


class BadSettings(StartRefused):
    """Settings are missing or malformed; the text names all of them. `complaints`: what is wrong, by name."""

    def __init__(self, complaints: Mapping[str, str]) -> None:
        lines = "\n".join(f"  - {name} {text}" for name, text in complaints.items())
        super().__init__(f"Minstrel cannot start. Mend these settings (each is explained in .env.example):\n{lines}")
        self.complaints = dict(complaints)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. See `.env.example` for what each is for."""

    discord_token: str = field(repr=False)
    discord_api_url: str
    discord_gateway_url: str
    public_url: str
    listen_host: str
    listen_port: int
    listen_keepalive: float
    data_dir: Path
    database: Path
    #: The preferred one first.
    providers: tuple[ProviderSettings, ...]
    allowed_guilds: frozenset[int]
    member_at_once: int
    member_per_day: int
    retention_days: int
    prompt_retention_days: int
    dm_fallback: bool
    report_channel: int | None
    download_allow: tuple[Network, ...]
    log_level: str
    log_format: str
    #: What was put right while reading, for the log.
    remarks: tuple[str, ...]

    def all_secrets(self) -> list[str]:
        """Return every secret, so that the log can leave them out."""
        secrets = [self.discord_token]
        for provider in self.providers:
            secrets += [provider.api_key, *(secret.decode() for secret in provider.secrets)]
        return secrets


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings in `environ`. Raises BadSettings, which names everything that is missing or wrong."""
    reader = Reader(environ)
    settings = _read(reader)
    if reader.complaints:
        raise BadSettings(reader.complaints)
    return settings


def setting_names() -> list[str]:
    """Return the names of all settings, in the order they are read."""
    reader = Reader({})
    _read(reader)
    return reader.names


def read_discord(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the token and the address of Discord's API alone; nothing else has to be set. Raises BadSettings."""
    reader = Reader(environ)
    token, api_url = _discord(reader)
    if reader.complaints:
        raise BadSettings(reader.complaints)
    return token, api_url


def _discord(reader: Reader) -> tuple[str, str]:
    token = reader.token("DISCORD_TOKEN", "is not set: copy it from the Discord Developer Portal, page Bot")
    default = "https://discord.com/api/v10"
    return token, reader.parsed("DISCORD_API_URL", default, address("http", "https"), URL)


def _read(reader: Reader) -> Settings:
    token, api_url = _discord(reader)
    public_url = reader.parsed(
        "PUBLIC_URL", "", public_address, "must be https://… (http only for loopback), without a query"
    )
    data_dir = Path(reader.text("DATA_DIR", "data"))
    providers = read_providers(reader, calls_back=bool(public_url) or "PUBLIC_URL" in reader.complaints)
    return Settings(
        discord_token=token,
        discord_api_url=api_url,
        discord_gateway_url=reader.parsed(
            "DISCORD_GATEWAY_URL", "wss://gateway.discord.gg/", address("ws", "wss"), "must be ws://… or wss://…"
        ),
        public_url=public_url,
        listen_host=reader.text("LISTEN_HOST", "127.0.0.1"),
        listen_port=reader.parsed("LISTEN_PORT", "8080", between(0, 65535), "must be a port, 0 to 65535"),
        listen_keepalive=reader.parsed("LISTEN_KEEPALIVE", "15", between(1, 3600), "must be 1 to 3600 seconds"),
        data_dir=data_dir,
        database=reader.parsed(
            "DATABASE_URL",
            f"{_SQLITE}{data_dir}/minstrel.sqlite3",
            sqlite_file,
            "must be sqlite:///path of a file (four slashes for an absolute path)",
        ),
        providers=preferred_first(providers, _preferred(reader, [provider.name for provider in providers])),
        allowed_guilds=reader.parsed("ALLOWED_GUILDS", "", ids, "must be server ids, separated by commas"),
        member_at_once=reader.parsed("MEMBER_AT_ONCE", "2", between(1, 100), "must be 1 to 100"),
        member_per_day=reader.parsed("MEMBER_PER_DAY", "20", between(1, 10_000), "must be 1 to 10000"),
        retention_days=reader.parsed("RETENTION_DAYS", "7", between(1, 30), "must be 1 to 30"),
        prompt_retention_days=reader.parsed("PROMPT_RETENTION_DAYS", "0", between(0, 3650), "must be 0 to 3650"),
        dm_fallback=reader.parsed("DM_FALLBACK", "on", on_off, "must be on or off"),
        report_channel=reader.parsed("REPORT_CHANNEL", "", maybe_id, "must be the id of a channel"),
        download_allow=reader.parsed("DOWNLOAD_ALLOW", "", networks, "must be networks like 10.0.0.0/8, with commas"),
        log_level=reader.parsed("LOG_LEVEL", "INFO", one_of(*_LEVELS), f"must be one of {', '.join(_LEVELS)}"),
        log_format=reader.parsed("LOG_FORMAT", "console", one_of("console", "json"), "must be console or json"),
        remarks=tuple(reader.remarks),
    )


def _preferred(reader: Reader, names: Sequence[str]) -> str:
    if not names:
        return reader.text("DEFAULT_PROVIDER")
    hint = f"must be one of those that are configured: {', '.join(names)}"
    return reader.parsed("DEFAULT_PROVIDER", names[0], one_of(*names), hint)
