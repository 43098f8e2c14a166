"""Events -> facts.

Plain messages of known procedures (protocol/walks.py), which is nearly all there is, are
counted in a `Cell`: plain numbers, one cell for two peers and a procedure. `Account.facts` adds
the cells to the facts. Every other message is added to the facts at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from netinfo_scapy.analysis.cells import Cell, Sum
from netinfo_scapy.analysis.directory.sightings import Sightings
from netinfo_scapy.analysis.directory.until import Until
from netinfo_scapy.analysis.facts import (
    ConversationFacts,
    ConversationKey,
    Facts,
    ProcedureFacts,
    ServerFacts,
    merge,
    row_of,
    with_member,
    with_members,
    with_status,
    with_statuses,
)
from netinfo_scapy.analysis.findings.detection import Detection
from netinfo_scapy.analysis.findings.table import DETECTORS
from netinfo_scapy.analysis.histogram import Tally
from netinfo_scapy.analysis.naming import name_of, named_tags, program_of, status_of, user_of
from netinfo_scapy.analysis.timeline import REFUSAL_NUMBERS, REFUSALS
from netinfo_scapy.capture.events import NOTHING, Connection, Gap, NotRpc
from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.interest import LONGEST_TAG
from netinfo_scapy.capture.limits import Limits
from netinfo_scapy.capture.message import Event, Message
from netinfo_scapy.protocol.nibind import NIBIND
from netinfo_scapy.protocol.walks import COUNT, STATUS_NAMES, Walks

_NIBIND = NIBIND.number
_MOST_CELLS = 16_384
"""Cells before they are added to the facts, and begun anew."""


class Account:
    """Counts what happened, event by event.

    cuts: where what is learned of directories ends, each apart. Where there are none, it only counts: nothing is
    learned of directories, and no detector notes a clue.
    """

    def __init__(self, limits: Limits | None = None, cuts: Sequence[Until | None] = (None,)) -> None:
        limits = limits or Limits()
        room = limits.sighting_bytes, limits.write_bytes
        self._only_counts = not cuts
        first, *others = cuts or (None,)
        self._sightings = Sightings(*room, first, [Sightings(*room, until) for until in others])
        self._facts = Facts(sightings=self._sightings)
        self._timeline = self._facts.timeline
        self._detection = Detection(() if self._only_counts else DETECTORS.values(), self._facts.clues)
        self._cells: dict[bytes, list[Cell | None]] = {}  # by the peers, then by the procedure's number
        self._cell_count = 0
        self._durations: dict[Walks, Tally] = {}
        self._calls = 0
        self._replies = 0
        self._answered = 0
        self._retransmissions = 0

    def feed(self, event: Event) -> None:
        """Take an event."""
        facts = self._facts
        if isinstance(event, Message):
            self._message(event)
            return
        self._detection.event(event)
        if isinstance(event, Gap):
            facts.totals.missed_bytes += event.missed_bytes
            facts.totals.incomplete_records += event.incomplete_records
        elif isinstance(event, NotRpc):
            facts.totals.not_rpc += 1
        elif isinstance(event, Connection):
            _add_connection(facts, event)

    def feed_all(self, events: list[Event]) -> None:
        """Take events."""
        for event in events:
            self.feed(event)

    def add(self, facts: Facts) -> None:
        """Take what was counted elsewhere, which stays as it is."""
        merge(self._facts, facts)

    def facts(self) -> Facts:
        """All that was counted so far; counting goes on in the same facts."""
        self._empty()
        self._timeline.settle()
        totals = self._facts.totals
        totals.calls += self._calls
        totals.replies += self._replies
        totals.messages += self._calls + self._replies
        totals.answered += self._answered
        totals.retransmissions += self._retransmissions
        self._calls = self._replies = self._answered = self._retransmissions = 0
        return self._facts

    def finish(self) -> Facts:
        """The same, once there is nothing more to count."""
        facts = self.facts()
        self.forget()
        return facts

    def forget(self) -> None:
        """Let go of what is remembered to count quickly; counting can go on."""
        self._detection.forget()

    def _message(self, message: Message) -> None:
        found = message.check()
        call = message if message.is_call else message.call
        if (
            (found is not NOTHING and found)
            or call is None
            or not message.plain
            or not call.plain
            or (call.first is not None and not message.is_call)
        ):
            self._unusual(message)
            return
        walks = call._walks
        if walks is None or walks.forwards or walks.program == _NIBIND or call.record.lane.to_many:
            self._unusual(message)
            return
        status = message._status
        if message.record.at._exact is not None or call.record.at._exact is not None:
            self._unusual(message)
            return
        if status > 0 and status not in STATUS_NAMES:
            self._unusual(message)
            return
        self._count(message, call, walks, status)

    def _unusual(self, message: Message) -> None:
        """Add a message to the facts by itself."""
        if self._only_counts:
            _add_message(self._facts, message)
            return
        self._detection.message(message)
        _add_message(self._facts, message)
        self._sightings.see_any(message)

    def _count(self, message: Message, call: Message, walks: Walks, status: int) -> None:
        """Count a plain message. call: itself, or that which it answers."""
        time_ns = message.record.at.ns
        cell: Cell | None = call.cell
        if cell is None or cell.durations_of is not self._durations:
            cell = call.cell = self._cell(call.record.lane, walks, time_ns)
        if time_ns > cell.last_ns:
            cell.last_ns = time_ns
        elif time_ns < cell.first_ns:
            cell.first_ns = time_ns
        if call.uid != cell.uid:
            cell.uid = call.uid
            if call.uid >= 0:
                cell.users = with_member(cell.users, call.uid)
        if message.is_call:
            self._calls += 1
            self._timeline.add_call(time_ns)
            message.counted = True
            cell.calls += 1
            if message.first is not None:
                self._retransmissions += 1
            elif cell.watched is not None and cell.watch is not None:
                self._detection.plain(message, call, cell.watched, cell.watch)
            return
        body = None
        if cell.watched is not None and cell.watch is not None:
            body = self._detection.plain(message, call, cell.watched, cell.watch)
        self._replies += 1
        if call.counted:
            self._answered += 1
        cell.replies += 1
        cell.durations.add(time_ns - call.record.at.ns)
        if status <= 0:
            cell.succeeded += 1
            if cell.table is not None:
                self._sightings.see(cell.table, message, call, body)
        else:
            if cell.statuses is None:
                cell.statuses = {}
            cell.statuses[status] = cell.statuses.get(status, 0) + 1
            if status in REFUSAL_NUMBERS:
                self._timeline.add_refusal(time_ns)

    def _cell(self, lane: Lane, walks: Walks, time_ns: int) -> Cell:
        """Where calls of a procedure on a lane are counted. time_ns: of the first, where it is new."""
        if lane.cells_of is not self._cells:
            lane.cells = self._cells.get(lane.peers())
            if lane.cells is None:
                lane.cells = self._cells[lane.peers()] = [None] * COUNT
            lane.cells_of = self._cells
        cell: Cell | None = lane.cells[walks.number]
        if cell is None:
            if self._cell_count >= _MOST_CELLS:
                self._empty()
                lane.cells = self._cells[lane.peers()] = [None] * COUNT
                lane.cells_of = self._cells
            self._cell_count += 1
            durations = self._durations.get(walks)
            if durations is None:
                durations = self._durations[walks] = Tally()
            table = watch = None
            if not self._only_counts:
                table = self._sightings.table(lane.flow.transport, lane.target, walks)
                watch = self._detection.new_watch(walks)
            cell = lane.cells[walks.number] = Cell(lane, walks, time_ns, durations, self._durations, table, watch)
        return cell

    def _empty(self) -> None:
        """Add all cells to the facts."""
        sums: dict[Walks, Sum] = {}
        for cells in self._cells.values():
            programs: dict[int, list[Cell]] = {}
            for cell in filter(None, cells):
                programs.setdefault(cell.walks.program, []).append(cell)
                of_procedure = sums.get(cell.walks)
                if of_procedure is None:
                    of_procedure = sums[cell.walks] = Sum()
                of_procedure.add(cell)
            for group in programs.values():
                self._add(group)
            # Calls that wait for an answer know their cells yet, and lanes these lists.
            cells.clear()
        for walks, each in sums.items():
            procedure = row_of(
                self._facts.procedures, walks.name, ProcedureFacts, self._facts.totals, each.calls + each.replies
            )
            each.add_to(procedure)
            procedure.statuses = with_statuses(procedure.statuses, each.statuses)
            procedure.durations.merge(self._durations[walks].durations())
        self._durations = {}
        self._cells.clear()
        self._cells = {}
        self._cell_count = 0

    def _add(self, cells: list[Cell]) -> None:
        """Add the cells of one conversation to the facts."""
        facts, first = self._facts, cells[0]
        lane, program = first.lane, first.walks.program
        if lane is None:
            return
        transport, target = lane.flow.transport, lane.target
        both = Sum()
        first_ns, last_ns = first.first_ns, first.last_ns
        for cell in cells:
            both.add(cell)
            first_ns, last_ns = min(first_ns, cell.first_ns), max(last_ns, cell.last_ns)
        count = both.calls + both.replies
        key = ConversationKey(lane.source.address, target, transport, program)
        conversation = row_of(facts.conversations, key, ConversationFacts, facts.totals, count)
        server = row_of(facts.servers, (transport, target), ServerFacts, facts.totals, count)
        server.programs = with_member(server.programs, program)
        server.clients = with_member(server.clients, lane.source.address)
        for row in (conversation, server):
            row.add_time(first_ns)
            row.add_time(last_ns)
            both.add_to(row)
        conversation.statuses = with_statuses(conversation.statuses, both.statuses)
        for cell in cells:
            conversation.users = with_members(conversation.users, cell.users)
            cell.lane = cell.statuses = None
            cell.users = ()


def account(events: Iterable[Event]) -> Facts:
    """Count what happened."""
    counting = Account()
    for event in events:
        counting.feed(event)
    return counting.facts()


def _add_connection(facts: Facts, connection: Connection) -> None:
    if not connection.opened:
        return
    flow = connection.flow
    server = row_of(facts.servers, (flow.transport, flow.target), ServerFacts, facts.totals)
    server.attempted += 1
    server.refused += connection.refused
    server.closed_without_a_byte += connection.accepted and connection.closed and not connection.server_bytes


def _add_message(facts: Facts, message: Message) -> None:
    totals = facts.totals
    for anomaly in message.check():
        facts.anomalies[anomaly] += 1
    if message.record.incomplete:
        totals.incomplete_records += 1
        return
    totals.messages += 1
    if message.is_call:
        totals.calls += 1
        facts.timeline.add_call(message.record.at.ns)
        message.counted = True
        totals.retransmissions += message.first is not None
    else:
        totals.replies += 1
        totals.duplicate_replies += message.duplicate
        totals.replies_without_call += message.call is None
        totals.answered += message.call is not None and message.call.counted and not message.duplicate
    _add_to_rows(facts, message)


def _add_to_rows(facts: Facts, message: Message) -> None:
    """Add the message to its procedure, its conversation and its server."""
    program, flow = program_of(message), message.record.flow
    server_end = message.asked_server
    key = ConversationKey(message.client.address, server_end, flow.transport, program)
    rows: list[ProcedureFacts | ConversationFacts] = []
    name = name_of(message)
    if name is not None:
        procedure = row_of(facts.procedures, name, ProcedureFacts, facts.totals)
        if message.call is not None and not message.duplicate:
            procedure.durations.add(message.record.at.ns - message.call.record.at.ns)
        rows.append(procedure)
    conversation = row_of(facts.conversations, key, ConversationFacts, facts.totals)
    conversation.add_time(message.record.at.time_ns)
    rows.append(conversation)
    server = row_of(facts.servers, (flow.transport, server_end), ServerFacts, facts.totals)
    server.add_time(message.record.at.time_ns)
    if program is not None:
        server.programs = with_member(server.programs, program)
    server.clients = with_member(server.clients, message.client.address)
    status = status_of(message)
    for row in (*rows, server):
        row.calls += message.is_call
        row.replies += not message.is_call
    for each in rows:
        if status is not None:
            each.statuses = with_status(each.statuses, status, 1)
    if status in REFUSALS:
        facts.timeline.add_refusal(message.record.at.ns)
    user = user_of(message)
    if user is not None:
        conversation.users = with_member(conversation.users, user)
    for tag in named_tags(message):
        if len(tag) <= LONGEST_TAG:
            conversation.tags = with_member(conversation.tags, tag)
        else:
            facts.totals.evicted += 1
