"""The pretend vendors of the demo: whichever the settings know, each with the settings that point the bot at it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from bot.sandbox.vendor import PretendVendor
from bot.settings.providers import NAMES


@dataclass(frozen=True, slots=True)
class Running:
    """The vendors that run, by name, and the bot's settings for all of them."""

    vendors: Mapping[str, PretendVendor[Any]]
    settings: Mapping[str, str]


def wrong_family(provider: str, family: str) -> str:
    """Return what is wrong with a family of models at this provider; nothing where it has it, or none is named."""
    if not family or family in _families(provider):
        return ""
    having = [f"--provider {name} has {', '.join(_families(name))}" for name in NAMES if _families(name)]
    return f"--family {family}: {provider} has no such family; {'; '.join(having)}"


@asynccontextmanager
async def vendors_running(
    names: Sequence[str], seconds: float, public_url: str, family: str = ""
) -> AsyncIterator[Running]:
    """Run these vendors; `family` is for the one that has it.

    `seconds`: how long each seems to work. `public_url`: where the bot will listen, as an account is told beforehand.
    """
    vendors: dict[str, PretendVendor[Any]] = {}
    settings: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        for name in names:
            asked = family if family in _families(name) else ""
            vendor, its_settings = _module(name).in_demo(seconds, public_url, asked)
            vendors[name] = await stack.enter_async_context(vendor)
            settings |= {f"{name.upper()}_BASE_URL": vendors[name].base_url, **its_settings}
        yield Running(vendors, settings)


def _families(name: str) -> tuple[str, ...]:
    families: tuple[str, ...] = _module(name).FAMILIES
    return families


def _module(name: str) -> Any:
    """Return the part of a pretend vendor that is for the demo. By name, so that no list of them stands here."""
    return import_module(f"bot.sandbox.{name}_demo")
