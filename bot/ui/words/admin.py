"""Sentences for those who manage a server, and for whoever runs the bot."""

from collections import defaultdict
from collections.abc import Mapping

from bot.domain.ports_admin import Asked, ServerUsage
from bot.domain.ports_jobs import JobCounts, Left
from bot.domain.task import State
from bot.flows.vendor_facts import Account, Silence
from bot.ui.text import shown
from bot.ui.words import provider_name

NOT_A_MANAGER = "That is for those who may manage this server."
ACCOUNTS = "**At the music services, for your whole accounts**"
NOTHING = "Nothing was asked for in this server in the last 30 days."

#: Both are shown in this order; several states may be the same to whoever reads it.
_STATES = {
    State.COMPLETED: "made",
    State.FAILED: "failed",
    State.CANCELLED: "taken back",
    State.WAITING: "waiting",
    State.SUBMITTING: "being made",
    State.SUBMITTED: "being made",
    State.UNKNOWN: "without an answer yet",
}
_SILENCES = {Silence.NOT_OFFERED: "not offered", Silence.NOT_ANSWERED: "not answered"}
#: So many providers, and kinds of jobs at one of them, are listed; a message holds 2000 characters.
_MOST_PROVIDERS, _MOST_KINDS = 5, 5

#: How many in the last 7 and 30 days.
Counts = tuple[int, int]


def usage(numbers: ServerUsage, labels: Mapping[str, str]) -> str:
    """The answer to `/admin usage`, as far as it is about the server."""
    if not numbers.asked:
        return NOTHING
    by_provider: defaultdict[str, list[Asked]] = defaultdict(list)
    for one in numbers.asked:
        by_provider[one.provider].append(one)
    lines = ["**Asked for in this server** in the last 7 days / 30 days, what is private too:"]
    for name in sorted(by_provider, key=lambda name: -_sum(by_provider[name])[1])[:_MOST_PROVIDERS]:
        label = shown(provider_name(name, labels), 60)
        lines.append(f"**{label}:** {_both(_sum(by_provider[name]))} · {_states(by_provider[name])}")
    most = ", ".join(f"<@{member}> {number}" for member, number in numbers.most)
    return "\n".join([*lines, f"**Most in 30 days:** {most}"])


def _states(asked: list[Asked]) -> str:
    counts: dict[str, list[Asked]] = {word: [] for word in _STATES.values()}
    for one in asked:
        counts[_STATES[one.state]].append(one)
    return ", ".join(f"{_both(_sum(ones))} {word}" for word, ones in counts.items() if ones)


def _sum(asked: list[Asked]) -> Counts:
    return sum(one.week for one in asked), sum(one.month for one in asked)


def _both(counts: Counts) -> str:
    return f"{counts[0]} / {counts[1]}"


def account(label: str, told: Account) -> str:
    """One line about a provider's account, for whoever runs the bot."""
    return f"**{shown(label, 60)}:** jobs: {_counts(told.counts)} · left: {_left(told.left)}"


def _counts(told: JobCounts | Silence) -> str:
    if isinstance(told, Silence):
        return _SILENCES[told]
    kinds = sorted(told.by_task.items(), key=lambda kind: (-kind[1], kind[0]))[:_MOST_KINDS]
    detail = ", ".join(f"{shown(kind, 40, '?')} {number}" for kind, number in kinds)
    return f"{told.total} ({detail})" if detail else str(told.total)


def _left(told: Left | Silence) -> str:
    if isinstance(told, Silence):
        return _SILENCES[told]
    if told.cents is not None:
        return f"{told.cents / 100:.2f} US dollars"
    extra = f" and {told.extra_credits:g} extra ones" if told.extra_credits else ""
    return f"{told.credits or 0:g} credits{extra}"
