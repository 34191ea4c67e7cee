"""The settings: read once from the environment and `.env`, with all complaints together."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from bot.domain.errors import StartRefused

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: A signing secret shorter than this can be guessed. In bytes.
SHORTEST_SECRET = 16
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SQLITE = "sqlite:///"


class BadSettings(StartRefused):
    """Settings are missing or malformed; the text names all of them. `complaints`: what is wrong, by name."""

    def __init__(self, complaints: Mapping[str, str]) -> None:
        lines = "\n".join(f"  - {name} {text}" for name, text in complaints.items())
        super().__init__(f"Minstrel cannot start. Mend these settings (each is explained in .env.example):\n{lines}")
        self.complaints = dict(complaints)


@dataclass(frozen=True, slots=True)
class MusicMintSettings:
    """How MusicMint is reached. `secrets`: the present signing secret, then the old one."""

    base_url: str
    api_key: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)


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
    musicmint: MusicMintSettings | None
    default_provider: str
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
        if self.musicmint is not None:
            secrets += [self.musicmint.api_key, *(secret.decode() for secret in self.musicmint.secrets)]
        return secrets


class _Reader:
    """Reads single values and remembers which names were read and what was wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.names: list[str] = []
        #: By name: what is said first about a setting is the cause, the rest follows from it.
        self.complaints: dict[str, str] = {}
        self.remarks: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        self.names.append(name)
        return self._environ.get(name, "").strip() or default

    def parsed(self, name: str, default: str, parse: Callable[[str], T], hint: str) -> T:
        """Return `parse` of the value; a ValueError becomes a complaint, and the default is used to go on."""
        value = self.text(name, default)
        try:
            return parse(value)
        except ValueError:
            self.complain(name, hint)
            return parse(default)

    def token(self, name: str, why: str) -> str:
        """Return a token that goes into a header, and so must be one word of ASCII; `why` it is needed."""
        value = self.parsed(name, "", _maybe(_token), "must be one word without spaces, as it was copied")
        if not value:
            self.complain(name, why)
        return value

    def secret(self, name: str) -> bytes:
        """Return a signing secret; the newline that reading a file leaves is dropped with other outer space, aloud."""
        given = self._environ.get(name, "")
        if given.endswith("\n"):
            self.remarks.append(f"{name} ended with a newline, which was dropped")
        elif given != given.strip():
            self.remarks.append(f"{name} began or ended with spaces, which were dropped")
        return self.parsed(name, "", _secret, f"must be readable text of at least {SHORTEST_SECRET} bytes")

    def complain(self, name: str, text: str) -> None:
        self.complaints.setdefault(name, text)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings in `environ`. Raises BadSettings, which names everything that is missing or wrong."""
    reader = _Reader(environ)
    settings = _read(reader)
    if reader.complaints:
        raise BadSettings(reader.complaints)
    return settings


def setting_names() -> list[str]:
    """Return the names of all settings, in the order they are read."""
    reader = _Reader({})
    _read(reader)
    return reader.names


def read_discord(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the token and the address of Discord's API alone; nothing else has to be set. Raises BadSettings."""
    reader = _Reader(environ)
    token, api_url = _discord(reader)
    if reader.complaints:
        raise BadSettings(reader.complaints)
    return token, api_url


def _discord(reader: _Reader) -> tuple[str, str]:
    token = reader.token("DISCORD_TOKEN", "is not set: copy it from the Discord Developer Portal, page Bot")
    default = "https://discord.com/api/v10"
    return token, reader.parsed("DISCORD_API_URL", default, _address("http", "https"), _URL)


def _read(reader: _Reader) -> Settings:
    token, api_url = _discord(reader)
    public_url = reader.parsed(
        "PUBLIC_URL", "", _public_url, "must be https://… (http only for loopback), without a query"
    )
    data_dir = Path(reader.text("DATA_DIR", "data"))
    musicmint = _musicmint(reader, calls_back=bool(public_url) or "PUBLIC_URL" in reader.complaints)
    return Settings(
        discord_token=token,
        discord_api_url=api_url,
        discord_gateway_url=reader.parsed(
            "DISCORD_GATEWAY_URL", "wss://gateway.discord.gg/", _address("ws", "wss"), "must be ws://… or wss://…"
        ),
        public_url=public_url,
        listen_host=reader.text("LISTEN_HOST", "127.0.0.1"),
        listen_port=reader.parsed("LISTEN_PORT", "8080", _between(0, 65535), "must be a port, 0 to 65535"),
        listen_keepalive=reader.parsed("LISTEN_KEEPALIVE", "15", _between(1, 3600), "must be 1 to 3600 seconds"),
        data_dir=data_dir,
        database=reader.parsed(
            "DATABASE_URL",
            f"{_SQLITE}{data_dir}/minstrel.sqlite3",
            _database,
            "must be sqlite:///path of a file (four slashes for an absolute path)",
        ),
        musicmint=musicmint,
        default_provider=reader.parsed("DEFAULT_PROVIDER", "musicmint", _one_of("musicmint"), "must be musicmint"),
        allowed_guilds=reader.parsed("ALLOWED_GUILDS", "", _ids, "must be server ids, separated by commas"),
        member_at_once=reader.parsed("MEMBER_AT_ONCE", "2", _between(1, 100), "must be 1 to 100"),
        member_per_day=reader.parsed("MEMBER_PER_DAY", "20", _between(1, 10_000), "must be 1 to 10000"),
        retention_days=reader.parsed("RETENTION_DAYS", "7", _between(1, 30), "must be 1 to 30"),
        prompt_retention_days=reader.parsed("PROMPT_RETENTION_DAYS", "0", _between(0, 3650), "must be 0 to 3650"),
        dm_fallback=reader.parsed("DM_FALLBACK", "on", _on_off, "must be on or off"),
        report_channel=reader.parsed("REPORT_CHANNEL", "", _maybe_id, "must be the id of a channel"),
        download_allow=reader.parsed("DOWNLOAD_ALLOW", "", _networks, "must be networks like 10.0.0.0/8, with commas"),
        log_level=reader.parsed("LOG_LEVEL", "INFO", _one_of(*_LEVELS), f"must be one of {', '.join(_LEVELS)}"),
        log_format=reader.parsed("LOG_FORMAT", "console", _one_of("console", "json"), "must be console or json"),
        remarks=tuple(reader.remarks),
    )


def _musicmint(reader: _Reader, *, calls_back: bool) -> MusicMintSettings | None:
    base_url = reader.parsed("MUSICMINT_BASE_URL", "", _maybe(_address("http", "https")), _URL)
    api_key = reader.token("MUSICMINT_API_KEY", "is not set: at least one provider must be configured")
    secrets = [reader.secret("MUSICMINT_SIGNING_SECRET"), reader.secret("MUSICMINT_SIGNING_SECRET_OLD")]
    if not base_url:
        reader.complain("MUSICMINT_BASE_URL", "is not set: it stands on the API page of MusicMint's dashboard")
    if calls_back and not secrets[0]:
        reader.complain("MUSICMINT_SIGNING_SECRET", "is not set: with PUBLIC_URL, callbacks must be signed")
    if not api_key:
        return None
    return MusicMintSettings(base_url, api_key, tuple(secret for secret in secrets if secret))


_URL = "must be an address like https://host/path"


def _address(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname or not text.isprintable() or set(text) & set(" ?#@"):
            raise ValueError(text)
        _ = parts.port, parts.hostname.encode("idna")  # raise for a port or a host that is none
        return text.rstrip("/")

    return parse


def _token(text: str) -> str:
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError(text)
    return text


def _secret(text: str) -> bytes:
    secret = text.encode()  # raises for what is no UTF-8 in the environment
    if 0 < len(secret) < SHORTEST_SECRET:
        raise ValueError("too short")
    return secret


def _maybe(parse: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: parse(text) if text else ""


def _public_url(text: str) -> str:
    if not text:
        return ""
    address = _address("http", "https")(text)
    parts = urlsplit(address)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(text)
    return address


def _between(least: int, most: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]+", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return parse


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for word in words:
            if text.lower() == word.lower():
                return word
        raise ValueError(text)

    return parse


def _on_off(text: str) -> bool:
    return _one_of("on", "off")(text) == "on"


def _ids(text: str) -> frozenset[int]:
    parts = re.split(r"[,\s]+", text)
    if text and not parts[0]:
        raise ValueError(text)
    return frozenset(_id(part) for part in parts if part)


def _maybe_id(text: str) -> int | None:
    return _id(text) if text else None


def _id(text: str) -> int:
    """Return an id of Discord's; the database could not hold a larger number."""
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) >= 2**63:
        raise ValueError(text)
    return int(text)


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in re.split(r"[,\s]+", text) if part)


def _database(text: str) -> Path:
    path = text.removeprefix(_SQLITE)
    # A file is meant: what has no name, or ends like a folder, is none.
    if path == text or path.endswith("/") or Path(path).name in ("", ".."):
        raise ValueError(text)
    return Path(path)
