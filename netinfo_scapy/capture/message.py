"""A message as the capture shows it: a record, its header, and for a reply its call."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from netinfo_scapy.capture.events import NOTHING, Connection, Gap, NotRpc, Offer, Record
from netinfo_scapy.capture.flows import Endpoint
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import (
    CallHeader,
    ReplyHeader,
    Result,
    forwarded_procedure,
    read_arguments,
    read_body,
    read_header,
    read_result,
)
from netinfo_scapy.protocol.table import Procedure
from netinfo_scapy.protocol.walks import Known, Walks, find_walks
from netinfo_scapy.protocol.wire import XdrError

_CALL, _REPLY, _RPC_VERSION = rpc.CALL, rpc.REPLY, rpc.RPC_VERSION
_AUTH_NONE, _AUTH_SYS, _MAXIMUM_AUTH_BODY = rpc.AUTH_NONE, rpc.AUTH_SYS, rpc.MAXIMUM_AUTH_BODY
_SCRATCH: set[Anomaly] = set()


class Message:
    """One RPC call or reply. Header and body are checked and decoded when they are asked for.

    xid, is_call: of the header. program, version, procedure: of a call's, -1 where they are not there.
    uid: of a plain call's AUTH_SYS credential, else -1.
    plain: the header is as walks.py says; then `begin` is where the body begins.
    call: a reply's call, where it was seen; None on a call.
    first: on a call that is a UDP retransmission, the first transmission; else None.
    duplicate: the reply's call had been answered before.
    counted: the call is among those that analysis counts; a filter may leave it out.
    answered, answered_ns: a call has been answered, and when. place, remembered, cost: for `Pairing`. cell: of a call,
    for analysis, where it is counted. known: a plain reply's result, once it was walked and where it is kept.
    """

    __slots__ = (
        "_found",
        "_header",
        "_status",
        "_walks",
        "answered",
        "answered_ns",
        "begin",
        "call",
        "cell",
        "cost",
        "counted",
        "duplicate",
        "first",
        "is_call",
        "known",
        "place",
        "plain",
        "procedure",
        "program",
        "record",
        "remembered",
        "uid",
        "version",
        "xid",
    )

    record: Record
    xid: int
    begin: int
    answered_ns: int
    program: int
    version: int
    procedure: int
    uid: int
    is_call: bool
    plain: bool
    duplicate: bool
    counted: bool
    answered: bool
    remembered: bool
    call: Message | None
    first: Message | None
    cost: int
    place: int
    cell: Any
    known: Known | None
    _status: int
    _header: CallHeader | ReplyHeader | None
    _walks: Walks | None
    _found: frozenset[Anomaly] | None

    def _scan(self) -> bool:
        """Read a plain header; false where it is none."""
        data = self.record.data
        size = len(data)
        if size < 24:
            return False
        kind = words.u32(data, 4)
        if kind == _REPLY:
            if words.u32(data, 8) or words.u32(data, 16) or words.u32(data, 20):
                return False
            self.begin = 24
        else:
            if size < 40 or kind != _CALL or words.u32(data, 8) != _RPC_VERSION:
                return False
            at = self._scan_credential(data, size)
            if not at or size - at < 8 or words.u32(data, at + 4):
                return False
            self.begin = at + 8
            self.is_call = True
            self.program, self.version, self.procedure = words.u32(data, 12), words.u32(data, 16), words.u32(data, 20)
            if self.version < 256 and self.procedure < 256:
                self._walks = find_walks(self.program, self.version, self.procedure)
        self.xid = words.u32(data, 0)
        self.plain = True
        return True

    def _scan_credential(self, data: bytes, size: int) -> int:
        """The offset after a plain credential, its uid noted; 0 where it is none."""
        flavor, length = words.u32(data, 24), words.u32(data, 28)
        end = 32 + length
        if flavor == _AUTH_NONE:
            return 0 if length else end
        if flavor != _AUTH_SYS or length > _MAXIMUM_AUTH_BODY or length < 20 or end > size:
            return 0
        name = words.u32(data, 36)
        at = 40 + name
        if name > 255 or at + 12 > end or words.has_zero(data, 40, at):
            return 0
        while at & 3:
            if data[at]:
                return 0
            at += 1
        if at + 12 > end:
            return 0
        groups = words.u32(data, at + 8)
        if groups > 16 or at + 12 + 4 * groups != end:
            return 0
        self.uid = words.u32(data, at)
        return end

    @property
    def header(self) -> CallHeader | ReplyHeader:
        """The RPC header."""
        if self._header is None:
            header = read_header(self.record.data)
            if header is None:
                raise ValueError("no RPC message")
            self._header = header
        return self._header

    @property
    def called(self) -> CallHeader | None:
        """The call's header: this message's own, or that of the call it answers."""
        if self.is_call:
            return cast("CallHeader", self.header)
        return self.call.called if self.call else None

    @property
    def walks(self) -> Walks | None:
        """What is known of the procedure called, where it is a known one."""
        call = self if self.is_call else self.call
        return call._walks if call is not None else None

    @property
    def row(self) -> Procedure | None:
        """The procedure called, where it is known."""
        walks = self.walks
        return walks.row if walks else None

    @property
    def server(self) -> Endpoint:
        """The side that calls are sent to."""
        lane = self.record.lane
        return lane.target if self.is_call else lane.source

    @property
    def client(self) -> Endpoint:
        """The side that sends the calls."""
        lane = self.record.lane
        return lane.source if self.is_call else lane.target

    @property
    def asked_server(self) -> Endpoint:
        """The endpoint the call was sent to; differs from `server` on an answer to CALLIT from another port."""
        return self.call.server if self.call else self.server

    @property
    def rtt_ns(self) -> int | None:
        """Nanoseconds from the call's first transmission to this reply."""
        return self.record.at.time_ns - self.call.record.at.time_ns if self.call else None

    @property
    def readable(self) -> bool:
        """Whether there is a body to decode, or a void one."""
        if self.plain:
            return not self.record.incomplete
        header = self.header
        if self.record.incomplete or not header.whole:
            return False
        return isinstance(header, CallHeader) or header.accept_status == rpc.SUCCESS

    def check(self) -> frozenset[Anomaly]:
        """Walk the message to its end; every anomaly, those of reassembly and pairing included."""
        found = self._walk()
        record, call = self.record, self.call
        if (
            self.plain
            and (found is NOTHING or not found)
            and (record.anomalies is NOTHING or not record.anomalies)
            and not self.duplicate
            and (self.is_call or call is not None)
        ):
            return found
        all_found = set(found | record.anomalies)
        if not self.plain:
            all_found |= self.header.anomalies
        if record.incomplete:
            all_found.discard(Anomaly.TRUNCATED_HEADER)
        if not self.is_call and call is None:
            all_found.add(Anomaly.REPLY_WITHOUT_CALL)
        if self.duplicate:
            all_found.add(Anomaly.DUPLICATE_REPLY)
        return frozenset(all_found)

    def _walk(self) -> frozenset[Anomaly]:
        """What is odd about the body; it is walked once."""
        if self._found is None and not self._walk_plain():
            found: set[Anomaly] = set()
            self._read_body(found, make=False)
            self._found = frozenset(found)
        return self._found  # type: ignore[return-value] # _walk_plain has set it

    def _walk_plain(self) -> bool:
        """Walk the body of a plain message in which nothing is odd; false where it is none."""
        call = self if self.is_call else self.call
        if not self.plain or call is None or not call.plain:
            return False
        walks = call._walks
        if walks is None or walks.forwards:
            return False
        data = self.record.data
        end = self.begin
        walker, address, place = walks.result, walks.result_at, -1
        if self.is_call:
            walker, address = walks.arguments, walks.arguments_at
        else:
            place = walks.place_of(data, end)
        known = walks.known(place, data, end) if place >= 0 else None
        if known is not None:
            end = len(data)
        elif walker is not None:
            found = _SCRATCH
            try:
                end = words.walk(address, walker, data, end, len(data), found)
            except XdrError:
                end = -1
            if len(found):
                found.clear()
                end = -1
        if end != len(data):
            return False
        if place >= 0:
            self.known = walks.keep(place, data) if known is None else known
        if walks.has_status and not self.is_call:
            self._status = words.u32(data, self.begin)
        self._found = NOTHING
        return True

    @property
    def status(self) -> int | None:
        """The ni_status of a reply that has one."""
        if self._found is None:
            self._walk()
        return None if self._status < 0 else self._status

    def value(self) -> dict[str, Any] | None:
        """The decoded arguments or result; None where void, status only or undecodable."""
        return self._read_body(set(), make=True).value

    def _read_body(self, found: set[Anomaly], make: bool) -> Result:
        result = Result(None, None)
        if not self.record.incomplete:
            data, call, row = self.record.data, self if self.is_call else self.call, self.row
            inner = self._forwarded(row) if row else None
            if row is None or call is None or not (self.plain and call.plain):
                result = read_body(self.header, data, row, self.called, inner, found, make)
            elif self.is_call:
                result = Result(None, read_arguments(row, data, self.begin, found, make))
            else:
                result = read_result(row, inner, data, self.begin, found, make)
        if result.status is not None:
            self._status = result.status
        return result

    def _forwarded(self, row: Procedure) -> Procedure | None:
        call = self.call
        if not row.forwards or call is None:
            return None
        return forwarded_procedure(row, call.record.data, call.begin if call.plain else call.header.end)


def _make_message(record: Record) -> Message:
    message = Message.__new__(Message)
    words.untrack(message)
    message.record = record
    message.xid = message.begin = message.answered_ns = message.cost = message.place = 0
    message.program = message.version = message.procedure = message.uid = message._status = -1
    message.is_call = message.plain = message.duplicate = message.counted = message.answered = False
    message.remembered = False
    message.call = message.first = message.cell = message._header = message._walks = message._found = None
    message.known = None
    return message


def read_message(record: Record) -> Message | None:
    """The message in a record; None where the bytes are none."""
    message = _make_message(record)
    if (record.anomalies is NOTHING or not record.anomalies) and message._scan():
        return message
    header = read_header(record.data)
    if header is None:
        return None
    message._header = header
    message.xid = header.xid
    if isinstance(header, CallHeader):
        message.is_call = True
        if header.program is not None:
            message.program = header.program
        if header.version is not None:
            message.version = header.version
        if header.procedure is not None:
            message.procedure = header.procedure
            if 0 <= message.version < 256 and 0 <= message.procedure < 256:
                message._walks = find_walks(message.program, message.version, message.procedure)
    return message


Event: TypeAlias = Message | Gap | NotRpc | Connection | Offer
"""What capture/ gives."""
