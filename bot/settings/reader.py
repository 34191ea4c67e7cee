"""Reads single values and remembers which names were read and what was wrong with them."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: A signing secret shorter than this can be guessed. In bytes.
SHORTEST_SECRET = 16
_SQLITE = "sqlite:///"


class Reader:
    """What was set, read by name; all complaints are kept for one message."""

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

    def key(self, name: str) -> str:
        """Return a token that goes into a header, and so must be one word of ASCII; nothing where it is not set."""
        return self.parsed(name, "", maybe(_token), "must be one word without spaces, as it was copied")

    def token(self, name: str, why: str) -> str:
        """The same for one that must be set; `why` it is needed."""
        value = self.key(name)
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


URL = "must be an address like https://host/path"


def address(*schemes: str) -> Callable[[str], str]:
    """Parse an address of one of these schemes, without query, fragment or name."""

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


def maybe(parse: Callable[[str], str]) -> Callable[[str], str]:
    """Parse as `parse` does, or nothing."""
    return lambda text: parse(text) if text else ""


def public_address(text: str) -> str:
    """Parse https://…, or http for loopback only."""
    if not text:
        return ""
    parsed = address("http", "https")(text)
    parts = urlsplit(parsed)
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(text)
    return parsed


def between(least: int, most: int) -> Callable[[str], int]:
    """Parse a whole number."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]+", text) or not least <= int(text) <= most:
            raise ValueError(text)
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Parse one of these words, in any case."""

    def parse(text: str) -> str:
        for word in words:
            if text.lower() == word.lower():
                return word
        raise ValueError(text)

    return parse


def on_off(text: str) -> bool:
    """Parse a switch."""
    return one_of("on", "off")(text) == "on"


def ids(text: str) -> frozenset[int]:
    """Parse ids of Discord."""
    parts = re.split(r"[,\s]+", text)
    if text and not parts[0]:
        raise ValueError(text)
    return frozenset(_id(part) for part in parts if part)


def maybe_id(text: str) -> int | None:
    """Parse one id of Discord, or nothing."""
    return _id(text) if text else None


def _id(text: str) -> int:
    """Return an id of Discord's; the database could not hold a larger number."""
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) >= 2**63:
        raise ValueError(text)
    return int(text)


def networks(text: str) -> tuple[Network, ...]:
    """Parse networks."""
    return tuple(ipaddress.ip_network(part) for part in re.split(r"[,\s]+", text) if part)


def sqlite_file(text: str) -> Path:
    """Parse the place of a SQLite file."""
    path = text.removeprefix(_SQLITE)
    # A file is meant: what has no name, or ends like a folder, is none.
    if path == text or path.endswith("/") or Path(path).name in ("", ".."):
        raise ValueError(text)
    return Path(path)
