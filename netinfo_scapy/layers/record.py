"""Record marking: RPC on TCP (RFC 5531, 11).

    IP(dst="192.0.2.1") / TCP() / RPCRecord() / RPC() / NI_ROOT_Call()

A segment that holds one record, or the beginning of one, is an `RPCRecord`; one that holds
several is `RPCRecords`, a list of them.
"""

from __future__ import annotations

from struct import pack
from typing import Any

from scapy.config import conf
from scapy.fields import Field, PacketListField
from scapy.packet import Packet

from netinfo_scapy.layers.rpc import RPC
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import SMALLEST_MESSAGE, is_message

_LAST = 1 << 31
_LONGEST = 16 << 20
"""Bytes of a record that is taken for one."""

_HEAD = 4 + SMALLEST_MESSAGE
"""Bytes of a record that tell whether an RPC message begins there."""

_MOST_EMPTY = 8
"""Fragments without a byte in a record that is taken for one."""


class _Cut:
    """A record as it stands at the beginning of bytes.

    marks: those that are there whole. data: the message, as far as it is there.
    end: where the record ends, or what of it is there whole marks included. whole: it is there to its end.
    """

    def __init__(self, data: bytes) -> None:
        self.marks: list[int] = []
        parts: list[bytes] = []
        at, size, last = 0, 0, False
        while not last and len(data) - at >= 4:
            mark = int.from_bytes(data[at : at + 4], "big")
            length, last = mark & ~_LAST, bool(mark & _LAST)
            self.marks.append(mark)
            parts.append(data[at + 4 : at + 4 + length])
            at, size = at + 4 + length, size + length
        self.data = b"".join(parts)
        self.whole = last and at <= len(data)
        self.end = min(at, len(data))
        self.size = size

    @property
    def plausible(self) -> bool:
        """Whether it can be a record: not too long, and an RPC message where enough is there to tell."""
        if not self.marks or self.size > _LONGEST or self.marks.count(0) > _MOST_EMPTY:
            return False
        if len(self.data) >= SMALLEST_MESSAGE:
            return is_message(self.data)
        return not self.whole


class RecordBuffer:
    """Bytes of a stream as they come, taken off record by record. Each mark is looked at once."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._begin()

    def _begin(self) -> None:
        self._at = 0  # where the next mark stands, or the record ends
        self._marks = self._empty = 0
        self._ended = False

    def __len__(self) -> int:
        return len(self._data)

    def feed(self, data: bytes) -> None:
        """Further bytes."""
        self._data += data

    @property
    def ready(self) -> bool:
        """Whether there is something to take: a whole record, or what can be none."""
        return self._look() > 0

    def take(self) -> bytes | None:
        """The next record with its marks; None where it is not whole yet. All there is, where that is no record."""
        end = self._look()
        if not end:
            return None
        taken = bytes(self._data[:end])
        del self._data[:end]
        self._begin()
        return taken

    def _look(self) -> int:
        """Bytes that can be taken."""
        while not self._ended and len(self._data) - self._at >= 4:
            mark = int.from_bytes(self._data[self._at : self._at + 4], "big")
            length, self._ended = mark & ~_LAST, bool(mark & _LAST)
            self._at += 4 + length
            self._marks += 1
            self._empty += not length
            if self._at - 4 * self._marks > _LONGEST or self._empty > _MOST_EMPTY:
                return len(self._data)
        if not self._ended or self._at > len(self._data):
            # A stream that is none shows in its first bytes; those of a record are looked at when it is whole.
            return len(self._data) if self._marks == 1 and not _Cut(bytes(self._data[:_HEAD])).plausible else 0
        return self._at


class MarksField(Field[Any, Any]):
    """The marks of a record's fragments, as numbers: length, and 0x80000000 on the last.

    None writes one mark for the whole message. Marks that are given are written as they
    are; each takes as many of the message's bytes as it says and there are, the last all that are left.
    """

    islist = 1

    def __init__(self) -> None:
        super().__init__("marks", None, "I")

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """A lone mark is a list of one."""
        return [x] if isinstance(x, int) else x

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        """Lengths."""
        if x is None:
            return "None"
        return f"[{', '.join(f'{each & ~_LAST}' + ' last' * bool(each & _LAST) for each in x)}]"

    def addfield(self, pkt: Packet, s: bytes, val: Any) -> bytes:
        """Nothing: the marks stand between the message's bytes, see `RPCRecord.post_build`."""
        return s

    def getfield(self, pkt: Packet, s: bytes) -> tuple[bytes, Any]:
        """Nothing: see `RPCRecord.do_dissect`."""
        return s, None

    def randval(self) -> Any:
        """None: fuzzed messages have right marks."""
        return None


class RPCRecord(Packet):
    """One record: a message in fragments, each with a mark of its length before it."""

    name = "RPC record"
    __slots__ = ["_incomplete", "_rest"]
    fields_desc = [MarksField()]

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *_args: Any, **_kwargs: Any) -> type[Packet]:
        """Raw for bytes that are no record's beginning; `RPCRecords` for several records."""
        if not _pkt:
            return cls
        data = bytes(_pkt)
        first = _Cut(data)
        if not first.plausible:
            return conf.raw_layer
        return RPCRecords if first.whole and first.end < len(data) else cls

    @classmethod
    def cut(cls, message: Packet | bytes, size: int) -> Packet:
        """A record of a message in fragments of `size` bytes, as netinfod sends with 1020.

        >>> RPCRecord.cut(RPC()/NI_ROOT_Call(), 1020)
        """
        if size < 1:
            raise ValueError(f"fragments have at least 1 byte, not {size}")
        length = len(bytes(message))
        sizes = [min(size, length - at) for at in range(0, length, size)] or [0]
        record = cls(marks=[*sizes[:-1], sizes[-1] | _LAST])
        return record / message

    def do_dissect(self, s: bytes) -> bytes:
        """Take the fragments together."""
        cut = _Cut(s)
        self.fields["marks"] = None if cut.marks == [len(cut.data) | _LAST] else cut.marks
        self._rest, self._incomplete = s[cut.end :], not cut.whole
        self.explicit = 1
        return cut.data

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """The message, and what follows the record."""
        return s, self._rest or None

    def do_dissect_payload(self, s: bytes) -> None:
        """The message; of an incomplete one only the header."""
        if not s:
            return
        if RPC.dispatch_hook(s) is not RPC:
            self.add_payload(conf.raw_layer(s, _internal=1, _underlayer=self))
            return
        noted = {Anomaly.INCOMPLETE_RECORD} if self._incomplete else set()
        self.add_payload(RPC(s, noted=noted, _internal=1, _underlayer=self))

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Put the marks between the message's bytes; a further record that is stacked on it has its own."""
        following = self.payload.getlayer(RPCRecord)
        tail = bytes(following) if following is not None else b""
        message = pay[: len(pay) - len(tail)] if tail else pay
        marks = self.getfieldval("marks")
        if marks is None:
            return pack(">I", len(message) & ~_LAST | _LAST) + pay
        out, at = b"", 0
        for number, mark in enumerate(marks, 1):
            size = len(message) - at if number == len(marks) else mark & ~_LAST
            out += pack(">I", mark & 0xFFFFFFFF) + message[at : at + size]
            at += size
        return out + (message[at:] if not marks else b"") + tail

    def hashret(self) -> bytes:
        """The message's."""
        return self.payload.hashret()

    def answers(self, other: Packet) -> int:
        """The message's."""
        return self.payload.answers(other.payload if isinstance(other, RPCRecord) else other)

    @classmethod
    def tcp_reassemble(cls, data: bytes, _metadata: dict[str, Any], _session: dict[str, Any]) -> Packet | None:
        """For Scapy's own TCPSession and sockets: the records that are whole; None where none is."""
        at = 0
        while at < len(data):
            cut = _Cut(data[at:])
            if not cut.plausible:
                return conf.raw_layer(data) if at == 0 else _with_padding(data, at)
            if not cut.whole:
                break
            at += cut.end
        return _with_padding(data, at) if at else None


def _with_padding(data: bytes, end: int) -> Packet:
    packet: Packet = RPCRecord(data[:end])
    return packet / conf.padding_layer(data[end:]) if end < len(data) else packet


class RPCRecords(Packet):
    """Several records in one segment."""

    name = "RPC records"
    fields_desc = [PacketListField("records", [], RPCRecord)]

    def do_dissect(self, s: bytes) -> bytes:
        """Record by record, as long as they can be some."""
        records = []
        while s:
            cut = _Cut(s)
            if not cut.plausible:
                break
            records.append(RPCRecord(s[: cut.end], _parent=self))
            s = s[cut.end :]
        self.fields["records"] = records
        self.explicit = 1
        return s

    def hashret(self) -> bytes:
        """The first message's."""
        return self.records[0].hashret() if self.records else b""
