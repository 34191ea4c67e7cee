"""Lines of the log: never a secret, never without end, never a flood."""

import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.task import new_key
from bot.logs import Scrub, Seldom
from tests.written_log import writing_log

SECRET = "a signing secret of 32 characters"
TOKEN = "MTIzNDU2.Gabcde.the-token-of-the-bot"
INTERACTION = "aW50ZXJhY3Rpb246MTIz.NDU2_Nzg5-MDEyMw"
KEY = "ZAEkfFcLGVRSIwigl194I6qQ9MuWjYq2"

log = logging.getLogger("bot.test_logs")


class Own:
    """Something that is no text, and tells a secret when it is asked for one."""

    def __repr__(self) -> str:
        return f"<Own {SECRET}>"


def tell_secrets(secret: str) -> None:
    """Write `secret` in each way that a line can hold it."""
    log.info("it is %s, in the message", secret)
    log.info("in a field", extra={"field": f"Bearer {secret}", "nested": {"a": [secret]}, "raw": secret.encode()})
    log.info("in an object", extra={"own": Own(), "pair": (1, secret)})
    logging.getLogger("somebody.else").warning("a library tells %r", secret)
    try:
        raise ValueError(secret) from RuntimeError(f"before it: {secret}")
    except ValueError:
        log.exception("in a traceback")


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.parametrize("secret", [SECRET, TOKEN])
def test_no_secret_is_ever_in_a_line(form: str, secret: str) -> None:
    with writing_log(form, "DEBUG", secrets=[SECRET, "", TOKEN]) as written:
        tell_secrets(secret)
    assert SECRET not in written.text
    assert TOKEN not in written.text
    assert written.text.count("[secret]") >= 8
    assert "in a traceback" in written.text


def test_a_secret_that_holds_another_one_is_taken_out_whole() -> None:
    with writing_log(secrets=["short", "short and long"]) as written:
        log.info("it is short and long", extra={"other": "it is short"})
    (line,) = written.lines
    assert (line["event"], line["other"]) == ("it is [secret]", "it is [secret]")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"/callbacks/musicmint/{KEY}", "/callbacks/musicmint/[key]"),
        (f"https://bot.example/callbacks/musicapi/{KEY}?a=b", "https://bot.example/callbacks/musicapi/[key]?a=b"),
        (f"/api/v10/webhooks/81/{INTERACTION}/messages/@original", "/api/v10/webhooks/81/[token]/messages/@original"),
        (f"/api/v10/interactions/81/{INTERACTION}/callback", "/api/v10/interactions/81/[token]/callback"),
    ],
)
def test_keys_and_tokens_are_taken_out_of_addresses(address: str, shown: str) -> None:
    with writing_log() as written:
        log.info("POST %s", address, extra={"url": address})
    (line,) = written.lines
    assert (line["event"], line["url"]) == (f"POST {shown}", shown)


def test_any_key_of_ours_is_taken_out() -> None:
    for key in (new_key() for _ in range(200)):
        cleaned = Scrub(())({"event": f"https://bot.example/callbacks/musicmint/{key} twice"})
        assert cleaned == {"event": "https://bot.example/callbacks/musicmint/[key] twice"}


def test_a_field_without_end_is_cut_and_says_how_long_it_was() -> None:
    with writing_log() as written:
        log.warning("from outside", extra={"body": "x" * 1_000_000})
        log.warning("y" * 1_000_000)
    assert [len(line) < 3000 for line in written.text.splitlines()] == [True, True]
    assert "1000000 characters" in written.lines[0]["body"]


def test_a_long_traceback_keeps_its_end_which_says_what_went_wrong() -> None:
    def deeper(depth: int) -> None:
        if depth == 0:
            raise ValueError("this is what went wrong")
        try:
            deeper(depth - 1)
        except ValueError as error:
            raise ValueError(f"at {depth}") from error

    with writing_log() as written:
        try:
            deeper(20)
        except ValueError:
            log.exception("it failed")
    (line,) = written.lines
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: at 20")
    assert len(line["exception"]) < 3000


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_line_stays_one_line_whatever_is_in_its_fields(form: str) -> None:
    with writing_log(form) as written:
        log.info("update", extra={"error": 'a\nlevel=error "b"\r\nc', "count": 3, "none": None, "yes": True})
    assert written.text.count("\n") == 1


def test_a_line_in_json_holds_who_when_what_and_the_fields_as_they_are() -> None:
    with writing_log() as written:
        log.warning("callback refused", extra={"count": 3, "kind": "401", "final": True, "nothing": None})
    (line,) = written.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "callback refused",
        "level": "warning",
        "logger": "bot.test_logs",
        "count": 3,
        "kind": "401",
        "final": True,
        "nothing": None,
    }


def test_the_level_is_ours_alone_and_libraries_stay_quiet() -> None:
    with writing_log(level="DEBUG") as written:
        log.debug("ours")
        logging.getLogger("discord.http").info("a request, with its token")
        logging.getLogger("discord.gateway").debug("an event")
        logging.getLogger("aiohttp.server").error("a malformed request")
        logging.getLogger("somebody.else").debug("detail")
        logging.getLogger("discord.gateway").warning("something is wrong")
    assert [line["event"] for line in written.lines] == ["ours", "something is wrong"]
    with writing_log(level="ERROR") as written:
        log.warning("not now")
    assert written.text == ""


secrets = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=16, max_size=40)


@settings(deadline=None)
@given(secret=secrets, between=st.lists(st.text(max_size=500), min_size=1, max_size=8))
def test_wherever_a_secret_stands_in_a_text_it_is_taken_out_and_the_text_stays_short(
    secret: str, between: list[str]
) -> None:
    cleaned = Scrub([secret])({"event": secret.join(["", *between, ""])})
    assert secret not in cleaned["event"]
    assert len(cleaned["event"]) < 2100


class Stopwatch:
    """A clock in seconds that is moved by hand."""

    def __init__(self) -> None:
        self.time = 5.0

    def __call__(self) -> float:
        return self.time


def test_one_of_each_kind_is_let_through_a_minute_with_the_count_since_the_last() -> None:
    clock = Stopwatch()
    seldom = Seldom(60, clock)
    assert [seldom("401") for _ in range(5)] == [1, 0, 0, 0, 0]
    assert seldom("400") == 1
    clock.time += 59.9
    assert seldom("401") == 0
    clock.time += 0.1
    assert [seldom("401"), seldom("401"), seldom("400")] == [6, 0, 1]


def test_a_kind_that_was_quiet_for_long_is_told_at_once() -> None:
    clock = Stopwatch()
    seldom = Seldom(60, clock)
    seldom("401")
    clock.time += 3600
    assert seldom("401") == 1
