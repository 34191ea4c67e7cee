"""Be a small Discord over real sockets, for tests of the bot's process: kills, restarts, faults."""

from .commands import Attached
from .faults import Fault, Hold, Recorded
from .habits import HABITS
from .interactions import Answer, Interaction
from .server import WireDiscord
from .world import USUAL, Channel, Guild, Member, MessageFlag, Permission

__all__ = [
    "HABITS",
    "USUAL",
    "Answer",
    "Attached",
    "Channel",
    "Fault",
    "Guild",
    "Hold",
    "Interaction",
    "Member",
    "MessageFlag",
    "Permission",
    "Recorded",
    "WireDiscord",
]
