"""The command line: `minstrel run`, `demo`, `doctor` and `invite`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from bot import doctor
from bot.app import make_wire, open_app, run
from bot.doctor import report
from bot.domain.errors import StartRefused, StoreLost
from bot.logs import set_up_logs
from bot.settings import BadSettings, read_discord, read_settings
from bot.settings.providers import NAMES

#: A bad setting, as for a bad argument; a start that was refused; a database that only a new start can help.
BAD_SETTINGS, REFUSED, LOST = 2, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except BadSettings as error:
        print(error, file=sys.stderr)
        return BAD_SETTINGS
    except StartRefused as error:
        print(error, file=sys.stderr)
        return REFUSED
    except StoreLost:  # has been logged
        return LOST


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="minstrel", description="A Discord bot that makes music.")
    commands = parser.add_subparsers(required=True, metavar="command")
    running = commands.add_parser("run", help="run the bot; settings come from the environment and .env")
    running.set_defaults(command=_run)
    demo = commands.add_parser("demo", help="try the bot on a pretend Discord and provider, without any account")
    demo.add_argument("--once", metavar="PROMPT", help="open no page: generate this, print what was posted, end")
    demo.add_argument("--out", metavar="DIR", type=Path, default=Path("out"), help="where --once puts the posted files")
    demo.add_argument("--port", type=_port, default=0, help="where the page is served; a free port by itself")
    demo.add_argument("--no-browser", action="store_true", help="only print the page's address")
    demo.add_argument("--provider", choices=NAMES, help="who makes it where nobody is chosen; with --once nobody else")
    demo.add_argument("--family", metavar="NAME", help="which family of models, at a provider that has several")
    demo.set_defaults(command=_demo, refuse=demo.error)
    checking = commands.add_parser("doctor", help="check everything for real, and say what to do")
    checking.add_argument("--channel", metavar="ID", type=int, help="check the permissions in this channel as well")
    checking.add_argument("--json", action="store_true", help="print the findings for machines")
    checking.set_defaults(command=_doctor)
    inviting = commands.add_parser("invite", help="print the link that adds the bot to a server")
    inviting.set_defaults(command=_invite)
    return parser


def _port(text: str) -> int:
    if not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is 0 to 65535")
    return int(text)


def _run(_options: argparse.Namespace) -> int:
    settings = read_settings({**_dotenv(), **os.environ})
    set_up_logs(settings.log_level, settings.log_format, settings.all_secrets())
    return _until_stopped(run(settings))


def _demo(options: argparse.Namespace) -> int:
    try:
        from bot.sandbox.demo import once, stay
        from bot.sandbox.vendors import wrong_family
    except ImportError as error:
        raise StartRefused(f"The demo needs the sandbox group ({error.name} is missing): uv sync") from error
    provider, family = options.provider or NAMES[0], options.family or ""
    if trouble := wrong_family(provider, family):
        options.refuse(trouble)
    set_up_logs("ERROR", "console", ())
    if options.once is not None:
        return _until_stopped(once(open_app, options.once, options.out, provider, family), if_stopped=REFUSED)
    return _until_stopped(stay(open_app, options.port, provider, family, browser=not options.no_browser))


def _doctor(options: argparse.Namespace) -> int:
    try:
        settings = read_settings({**_dotenv(), **os.environ})
    except BadSettings as error:
        report.write(doctor.bad_settings(error), sys.stdout, as_json=options.json)
        return BAD_SETTINGS
    set_up_logs("CRITICAL", "console", settings.all_secrets())
    lines = asyncio.run(doctor.examine(settings, make_wire, options.channel))
    report.write(lines, sys.stdout, as_json=options.json)
    return 0 if report.all_good(lines) else REFUSED


def _invite(_options: argparse.Namespace) -> int:
    print(asyncio.run(doctor.invite(*read_discord({**_dotenv(), **os.environ}))))
    return 0


def _dotenv() -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(".env").items() if value is not None}
    except (OSError, UnicodeError) as error:
        raise BadSettings({".env": f"cannot be read ({error}): it must be readable text in UTF-8"}) from error


def _until_stopped(work: Coroutine[Any, Any, None], if_stopped: int = 0) -> int:
    """Run `work`; SIGINT and SIGTERM cancel it, so that everything closes in order. A second one hurries."""

    async def supervised() -> int:
        task = asyncio.ensure_future(work)
        stopped = False

        def stop() -> None:
            nonlocal stopped
            stopped = True
            task.cancel()

        _on_signals(stop)
        try:
            await task
        except asyncio.CancelledError:
            if not stopped:
                raise
            return if_stopped
        return 0

    return asyncio.run(supervised())


def _on_signals(stop: Any) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


if __name__ == "__main__":
    sys.exit(main())
