"""What is at hand for messages that are alike: where their clues are counted, found once for all of them."""

from __future__ import annotations

from netinfo_scapy.analysis.findings.clues import Counter
from netinfo_scapy.analysis.findings.detector import Detector
from netinfo_scapy.analysis.findings.evidence import Key
from netinfo_scapy.analysis.findings.watched import Watched


class Watch:
    """What detectors see of one procedure between two peers.

    watched: what they need of it. alike: the counters of messages that are alike, by their likeness; call_alike,
    reply_alike: the latest, of call_likeness, reply_likeness. counters: those of clues in bodies.
    filled: whether there are any; of most peers there are none.
    """

    __slots__ = (
        "alike",
        "call_alike",
        "call_likeness",
        "counters",
        "filled",
        "reply_alike",
        "reply_likeness",
        "watched",
    )

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.clear()

    def clear(self) -> None:
        """Forget where things are counted."""
        self.call_likeness = self.reply_likeness = -1
        self.call_alike: tuple[Counter, ...] = ()
        self.reply_alike: tuple[Counter, ...] = ()
        self.alike: dict[int, tuple[Counter, ...]] | None = None
        self.counters: dict[Clue, Counter] | None = None
        self.filled = False


class Clue:
    """What a body tells: a row's key of a detector's, and of which share it is.

    row: the same for all shares of a row; it is found by what it is, not by what it holds.
    """

    __slots__ = ("detector", "key", "row", "share")

    def __init__(self, detector: Detector, key: Key, share: int, row: Clue | None) -> None:
        self.detector = detector
        self.key = key
        self.share = share
        self.row = row or self
