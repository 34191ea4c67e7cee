"""Sentences about how it stands with the bot and its providers."""

import json
from datetime import datetime

from bot.domain.contract import Contract
from bot.domain.errors import Failure
from bot.domain.ports import Busyness
from bot.domain.ports_jobs import ModelStatus
from bot.domain.task import Kind
from bot.flows.health import Standing, Why
from bot.flows.vendor_facts import Silence
from bot.ui.text import shown
from bot.ui.words import ago
from bot.ui.words.extra import told_besides
from bot.ui.words.kinds import several

#: How much of what a provider says of its model is shown.
_MODEL = 150

_KINDS = {kind: several(kind) for kind in Kind} | {Kind.SONG: "music", Kind.SOUND: "single sounds"}

_WHY = {
    Why.RATE: "it takes only so many requests in a while",
    Why.BUSY: "it said that it is busy",
    Why.TROUBLE: "it gave no answer several times in a row",
}
_REFUSALS = {
    Failure.CREDITS: "this bot's credits there are used up",
    Failure.SUBSCRIPTION: "this bot has no subscription there",
    Failure.KEY: "this bot is not set up rightly there",
}


def provider(standing: Standing, last_callback: datetime | None, model: ModelStatus | Silence | None = None) -> str:
    """Some lines about one provider. `model`: what it says of that, where it says anything."""
    lines = [
        f"**{shown(standing.contract.label, 60)}** makes {_makes(standing.contract)}",
        _stands(standing),
        f"-# {_busy(standing.busyness)} {_callbacks(standing, last_callback)}",
    ]
    if model is not None:
        lines.append(f"-# Its model: {_model(model)}.")
    return "\n".join(lines)


def _model(model: ModelStatus | Silence) -> str:
    if isinstance(model, Silence):
        return "not answered"
    return told_besides(json.dumps(dict(model.facts)), _MODEL) or "it answers"


def bot(version: str, started_at: datetime) -> str:
    """The last line, about the bot itself."""
    return f"-# Minstrel {version}, up since {ago(started_at)}."


def _makes(contract: Contract) -> str:
    kinds = [_KINDS[kind] for kind in contract.makes]
    if any(ability.lyrics for ability in contract.makes.values()):
        kinds.insert(1, "songs with your own words")
    return ", ".join(kinds)


def _stands(standing: Standing) -> str:
    if standing.rest is not None:
        return f"💤 rests until {ago(standing.rest.until)}: {_WHY[standing.rest.why]}. What waits for it goes on then."
    if standing.refusal is not None:
        return f"⚠️ takes nothing just now: {_REFUSALS[standing.refusal]}. Whoever runs the bot has to see to that."
    return "✅ takes what you ask for."


def _busy(busyness: Busyness) -> str:
    return f"{busyness.waiting} waiting, {busyness.working} being made."


def _callbacks(standing: Standing, last: datetime | None) -> str:
    if not standing.calls_back:
        return "It does not call back, so I ask it."
    return f"It last called back {ago(last)}." if last else "It has not called back since I started."
