"""How long to wait for news of a task before its provider is asked, the first time and then again."""

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.ports_outside import Provider
from bot.domain.task import Kind

#: When to ask first: where callbacks come, where one may come or not, and where asking is the only way.
CALLBACK_SURE, CALLBACK_MAYBE, NO_CALLBACK = timedelta(minutes=3), timedelta(seconds=30), timedelta(seconds=5)

Table = Sequence[tuple[timedelta, timedelta]]

#: (up to this age, ask again after), without callbacks, with them, and where one may come or not.
_ASKING: Table = (
    (timedelta(minutes=5), timedelta(seconds=5)),
    (timedelta(minutes=30), timedelta(seconds=15)),
    (timedelta.max, timedelta(minutes=1)),
)
_WAITING_FOR_A_CALLBACK: Table = (
    (timedelta(minutes=30), timedelta(minutes=1)),
    (timedelta.max, timedelta(minutes=5)),
)
_PERHAPS_CALLED_BACK: Table = ((timedelta(minutes=5), timedelta(seconds=30)), *_WAITING_FOR_A_CALLBACK)


def callback_due(provider: Provider, kind: Kind) -> bool:
    """Say whether a callback for such a task is promised, so that one which does not come was lost."""
    ability = provider.contract.makes.get(kind)
    return provider.calls_back and (ability is None or ability.callback_promised)


def first_ask(provider: Provider, kind: Kind) -> timedelta:
    """Return after how long a task without news is asked for first."""
    if not provider.calls_back:
        return NO_CALLBACK
    return CALLBACK_SURE if callback_due(provider, kind) else CALLBACK_MAYBE


def next_ask(provider: Provider, kind: Kind, age: timedelta) -> timedelta:
    """Return after how long a task of this age is asked for again."""
    table: Table = _ASKING
    if provider.calls_back:
        table = _WAITING_FOR_A_CALLBACK if callback_due(provider, kind) else _PERHAPS_CALLED_BACK
    return next(wait for up_to, wait in table if age <= up_to)
