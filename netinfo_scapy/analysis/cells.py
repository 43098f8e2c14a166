"""Cells: what plain messages that are alike in nearly everything add up to, before it is added to the facts."""

from __future__ import annotations

from collections.abc import Sequence

from netinfo_scapy.analysis.directory.sightings import Table
from netinfo_scapy.analysis.facts import ConversationFacts, ProcedureFacts, ServerFacts
from netinfo_scapy.analysis.findings.watch import Watch
from netinfo_scapy.analysis.histogram import Tally
from netinfo_scapy.analysis.naming import SUCCESS
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.protocol.walks import STATUS_NAMES, Walks


class Cell:
    """What plain messages of one procedure between one client address and one server endpoint add up to.

    lane: one that such calls come on; None when it was added to the facts. users: those of the credentials, as
    `with_member` makes them. statuses: of the replies; None before the first.
    durations: of all that is counted of the procedure. durations_of: those of all procedures that are counted together;
    others are begun when the cells are.
    table: where what the replies tell of directories goes, if they do. watch: where what detectors see is counted, if
    there are any. watched: what they need of the procedure.
    """

    __slots__ = (
        "calls",
        "durations",
        "durations_of",
        "first_ns",
        "lane",
        "last_ns",
        "replies",
        "statuses",
        "succeeded",
        "table",
        "uid",
        "users",
        "walks",
        "watch",
        "watched",
    )

    def __init__(
        self,
        lane: Lane,
        walks: Walks,
        time_ns: int,
        durations: Tally,
        durations_of: dict[Walks, Tally],
        table: Table | None,
        watch: Watch | None,
    ) -> None:
        self.lane: Lane | None = lane
        self.walks = walks
        self.calls = 0
        self.replies = 0
        self.succeeded = 0
        self.first_ns = self.last_ns = time_ns
        self.uid = -1  # the latest
        self.users: Sequence[int] = ()
        self.statuses: dict[int, int] | None = None
        self.durations = durations
        self.durations_of = durations_of
        self.table = table
        self.watch = watch
        self.watched = None if watch is None else watch.watched


class Sum:
    """What several cells add up to."""

    __slots__ = ("calls", "replies", "statuses")

    def __init__(self) -> None:
        self.calls = self.replies = 0
        self.statuses: dict[str, int] = {}

    def add(self, cell: Cell) -> None:
        """Take a cell."""
        self.calls += cell.calls
        self.replies += cell.replies
        statuses = self.statuses
        if cell.succeeded:
            name = STATUS_NAMES[0] if cell.walks.has_status else SUCCESS
            statuses[name] = statuses.get(name, 0) + cell.succeeded
        if cell.statuses is not None:
            for status, times in cell.statuses.items():
                name = STATUS_NAMES[status]
                statuses[name] = statuses.get(name, 0) + times

    def add_to(self, row: ProcedureFacts | ConversationFacts | ServerFacts) -> None:
        """Count the calls and replies in a row."""
        row.calls += self.calls
        row.replies += self.replies
