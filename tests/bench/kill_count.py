"""Count, in the small Discord's own messages, what was lost, doubled or left without an end."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass

from bot.sandbox.musicmint import PretendMusicMint, PretendTask
from tests.bench.kill_members import Members, Tune, cards_in, messages_in, tune_of
from tests.wire.server import WireDiscord
from tests.wire.world import Json

#: How a line begins that says how it ended: posted, failed, set aside, taken back.
ENDS = ("✅", "😕", "📦", "🛑")
FAILED = "😕"
#: What makes a notice about a lost answer honest.
MAYBE_CHARGED = "may have been charged"


@dataclass(frozen=True)
class Findings:
    """What was found, tune by tune: (kind, tune, words)."""

    tasks: int
    bad: list[tuple[str, str, str]]
    apart: Counter[str]


class Count:
    """One look at everything, when all has settled and the bot has ended."""

    def __init__(self, discord: WireDiscord, vendor: PretendMusicMint, members: Members) -> None:
        self._members, self._vendor = members, vendor
        self._orders: dict[str, list[PretendTask]] = defaultdict(list)
        self._cards: dict[str, list[Json]] = defaultdict(list)
        self._lines: dict[str, list[Json]] = defaultdict(list)
        for task in vendor.tasks.values():
            self._orders[task.order.title].append(task)
        cards = {card["id"]: card for card in cards_in(discord)}
        for message in messages_in(discord):
            kept = self._cards if message["id"] in cards else self._lines
            kept[tune_of(message)].append(message)
        self._bad: list[tuple[str, str, str]] = []
        self._apart: Counter[str] = Counter()

    def findings(self) -> Findings:
        """Look at every tune."""
        seen = self._orders.keys() | self._cards.keys() | self._lines.keys()
        for name in sorted(seen):
            if name not in self._members.tunes:
                self._bad.append(("orphaned", name, "messages or orders about no tune that was asked for"))
                continue
            tune = self._members.tunes[name]
            self._look_for_lost(tune)
            self._look_for_doubled(tune)
            self._look_for_orphans(tune)
        return Findings(len(self._orders), self._bad, self._apart)

    def _look_for_lost(self, tune: Tune) -> None:
        if not self._orders[tune.name] or self._cards[tune.name] or tune.deleted:
            return
        order = self._orders[tune.name][0]
        notices = self._notices(tune)
        if not notices:
            self._bad.append(("lost", tune.name, f"{order.status} at the vendor, no card and no notice"))
        elif order.status == "failed":
            self._apart["failed at the vendor, and told"] += 1
        elif MAYBE_CHARGED in notices[0]["content"] and not self._acknowledged(order):
            self._apart["answer lost and never called back, and told"] += 1
        else:
            self._bad.append(("lost", tune.name, f"{order.status} at the vendor, but told: {notices[0]['content']}"))

    def _look_for_doubled(self, tune: Tune) -> None:
        if len(self._orders[tune.name]) > 1:
            self._bad.append(("doubled", tune.name, f"{len(self._orders[tune.name])} creates"))
        if len(self._notices(tune)) > 1:
            self._apart["failure told twice"] += 1
        cards = self._cards[tune.name]
        if len(cards) > 1 and not self._shown_once_more(tune, cards):
            self._bad.append(("doubled", tune.name, f"{len(cards)} cards"))
        elif cards and tune.forgotten and not any(tune.deleted):
            self._apart["came again: deleted before it was recorded, long away"] += 1
        elif cards and tune.deleted and all(card["flags"] & 64 for card in cards) and tune.shown_unrecorded:
            # The direct message was deleted, and the ephemeral card of before the kill is what is left.
            self._apart["private card shown twice (documented)"] += 1
        elif cards and tune.deleted:
            self._bad.append(("doubled", tune.name, "came again after it was deleted"))

    def _shown_once_more(self, tune: Tune, cards: list[Json]) -> bool:
        """Say whether it is the documented case: an ephemeral card not recorded at a kill, and a direct one."""
        shown = sorted(card["flags"] & 64 for card in cards)
        documented = tune.private and tune.shown_unrecorded and shown == [0, 64]
        self._apart["private card shown twice (documented)"] += documented
        return documented

    def _look_for_orphans(self, tune: Tune) -> None:
        for card in self._cards[tune.name]:
            if not self._members.recorded(card):
                self._bad.append(("orphaned", tune.name, "a card that the store does not know as sent"))
        open_lines = [line for line in self._lines[tune.name] if not line["content"].startswith(ENDS)]
        if not open_lines:
            return
        if self._cards[tune.name] or tune.deleted:
            self._apart["line not pointed, its card is there"] += 1
        elif self._notices(tune):
            self._apart["line not pointed, told in another message"] += 1
        else:
            self._bad.append(("orphaned", tune.name, f"a line without an end: {open_lines[0]['content']}"))

    def _notices(self, tune: Tune) -> list[Json]:
        return [line for line in self._lines[tune.name] if line["content"].startswith(FAILED)]

    def _acknowledged(self, order: PretendTask) -> bool:
        """Say whether the bot ever acknowledged a callback of this order."""
        sent = self._vendor.callbacks_sent
        return any(json.loads(one.body)["task_id"] == order.id for one in sent if one.acknowledged)
