"""TCP stream -> records: record marking (RFC 5531, section 11).

Theory of operation. A `RecordReader` is fed the bytes of one direction of a connection,
in stream order, and told of each gap. It is in one of these states:

    MARK     a record mark comes next; the four bytes collected so far are kept
    BODY     inside a fragment: `left` bytes of it remain
    HUNT     position unknown (start in the middle, or a gap swallowed a mark): look at
             every offset for a mark with a plausible message header behind it
    DEAD     the marks made no sense: whatever this is, it is not RPC

A gap inside a fragment whose end is known costs that record only: the reader skips to
the fragment's end and goes on at the next mark. Any other gap leads to HUNT. A position
found by hunting is believed only as long as what follows makes sense; otherwise the
hunt goes on. A position known from the connection's start is believed until a mark
makes no sense, and then the direction is DEAD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from struct import Struct
from typing import NamedTuple

from netinfo_scapy.capture.flows import Flow
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import Gap, NotRpc, Record
from netinfo_scapy.protocol import rpc
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import SMALLEST_MESSAGE, is_message

LAST_FRAGMENT = 0x80000000
HEAD_BYTES = 64
_WORD = Struct(">I").unpack_from
_CALL_WORDS = Struct(">8I").unpack_from
_CANDIDATE = re.compile(rb"(?s)(?=[\x00-\x0f\x80-\x8f].{7}\x00\x00\x00[\x00\x01])")
"""A record mark of less than 256 MB, an xid, the type of a call or reply; finds them at the speed of C."""
_MOST_VERSION = 0xFFFF
_MOST_FLAVOR = 0xFFFFF


class State(Enum):
    """Where in the record structure the reader stands; see the top of this file."""

    MARK = auto()
    BODY = auto()
    HUNT = auto()
    DEAD = auto()


class Chunk(NamedTuple):
    """Contiguous bytes of a stream and the frame that first delivered them."""

    data: bytes
    ref: FrameRef
    conflict: bool


def plausible_record(data: bytes | bytearray, at: int, longest: int) -> bool | None:
    """Whether a record mark and an RPC header stand at an offset; None where more bytes must tell.

    The header must lie whole in the record's first fragment and be one that a peer could
    have written: RPC version 2, small version and procedure numbers, credentials within
    RFC 5531's limit, known statuses, and the exact length where the reply has no result.
    """
    left = len(data) - at
    if left < 4:
        return None
    mark = _WORD(data, at)[0]
    length = mark & ~LAST_FRAGMENT
    if not 20 <= length <= longest:
        return False
    if left < 12:
        return None
    kind = _WORD(data, at + 8)[0]
    if kind == rpc.CALL:
        return _plausible_call(data, at + 4, left - 4, length)
    if kind == rpc.REPLY:
        return _plausible_reply(data, at + 4, left - 4, length, bool(mark & LAST_FRAGMENT))
    return False


def _plausible_auth(data: bytes | bytearray, at: int, end: int) -> int | bool | None:
    """The offset after a credential or verifier; False where there is none, None where it is cut."""
    if end - at < 8:
        return None
    flavor, length = _WORD(data, at)[0], _WORD(data, at + 4)[0]
    if flavor > _MOST_FLAVOR or length > rpc.MAXIMUM_AUTH_BODY:
        return False
    return int(at + 8 + length + (-length & 3))


def _plausible_call(data: bytes | bytearray, at: int, left: int, length: int) -> bool | None:
    if length < 40:
        return False
    if left < 32:
        return None
    _, _, rpc_version, program, version, procedure, _, _ = _CALL_WORDS(data, at)
    if rpc_version != rpc.RPC_VERSION or not program or version > _MOST_VERSION or procedure > _MOST_VERSION:
        return False
    after: int | bool | None = at + 24
    for _ in range(2):
        if isinstance(after, bool) or after is None:
            break
        after = _plausible_auth(data, after, at + left)
    if isinstance(after, bool) or after is None:
        return after
    return after - at <= length


def _plausible_reply(data: bytes | bytearray, at: int, left: int, length: int, last: bool) -> bool | None:
    if left < 20:
        return None
    status = _WORD(data, at + 8)[0]
    if status == 1:
        reject, detail = _WORD(data, at + 12)[0], _WORD(data, at + 16)[0]
        if reject == 0:
            return length == 24 and last
        return reject == 1 and detail < len(rpc.AUTH_STATUS.members) and length == 20 and last
    if status != 0:
        return False
    after = _plausible_auth(data, at + 12, at + left)
    if isinstance(after, bool) or after is None:
        return after
    if at + left < after + 4:
        return None
    accept = _WORD(data, after)[0]
    size = after + 4 - at
    if accept == rpc.SUCCESS:
        return size <= length
    mismatch = 8 if accept == 2 else 0
    return bool(accept < len(rpc.ACCEPT_STATUS.members) and last and length == size + mismatch)


class RecordReader:
    """Reads the records of one direction of a connection.

    flow: the direction. longest: bytes of the longest record that makes sense.
    anchored: the first byte fed is the connection's first; else the reader hunts.
    position: the stream's position of the first byte fed; then of the byte that is read next.
    """

    def __init__(self, flow: Flow, longest: int, anchored: bool, position: int = 0) -> None:
        self.flow = flow
        self.position = position
        self.longest = longest
        self.state = State.MARK if anchored else State.HUNT
        self._trusted = anchored
        self._mark = b""
        self._left = 0
        self._last = False
        self._body = bytearray()
        self._whole = True  # no hole in the record so far
        self._fragments = 0  # marks before the first hole
        self._begun = False  # a mark of the record was seen
        self._ref: FrameRef | None = None  # highest frame of the record so far
        self._conflict = False
        self._hunted: list[Chunk] = []
        self._lost_start = False  # hunting behind a gap whose lost record is counted already
        self._after_gap = False
        self._seen = FrameRef(0, 0, 0)  # latest frame fed, for gaps

    @property
    def buffered(self) -> int:
        """Bytes held of a record, or of the stream hunted through, that is not whole yet."""
        return len(self._body) + sum(len(chunk.data) for chunk in self._hunted)

    def dispute(self) -> None:
        """Bytes already fed to the record in progress overlapped with others."""
        self._conflict = True

    def feed(self, chunk: Chunk) -> Iterator[Record | Gap | NotRpc]:
        """Take the stream's next bytes."""
        self._seen = max(self._seen, chunk.ref)
        if self.state is State.HUNT:
            yield from self._hunt(chunk)
        elif self.state is not State.DEAD:
            yield from self._read(chunk)

    def _read(self, chunk: Chunk) -> Iterator[Record | Gap | NotRpc]:
        data, at, size = chunk.data, 0, len(chunk.data)
        while at < size:
            if self._ref is None or chunk.ref > self._ref:
                self._ref = chunk.ref
            self._conflict |= chunk.conflict
            if self.state is State.MARK:
                piece = data[at : at + 4 - len(self._mark)]
                self._mark += piece
                at += len(piece)
                self.position += len(piece)
                if len(self._mark) == 4:
                    yield from self._begin_fragment(data[at : at + HEAD_BYTES])
            else:
                piece = data[at : at + self._left]
                at += len(piece)
                self.position += len(piece)
                self._left -= len(piece)
                if self._whole:
                    self._body += piece
                    if not self._trusted and not self._makes_sense():
                        yield from self._lose_sense(bytes(self._body))
                if self.state is State.BODY and not self._left:
                    yield from self._end_fragment()
            if self.state not in (State.MARK, State.BODY):
                # What follows in this chunk is read in the new state.
                yield from self.feed(Chunk(data[at:], chunk.ref, chunk.conflict))
                return

    def _begin_fragment(self, ahead: bytes) -> Iterator[Record | Gap | NotRpc]:
        mark = _WORD(self._mark)[0]
        length = mark & ~LAST_FRAGMENT
        if length > self.longest - len(self._body):
            yield from self._lose_sense(bytes(self._body) + self._mark + ahead)
            return
        self._mark = b""
        self._begun = True
        self._fragments += self._whole
        self._left, self._last = length, bool(mark & LAST_FRAGMENT)
        self.state = State.BODY
        if not length:
            yield from self._end_fragment()

    def _end_fragment(self) -> Iterator[Record | Gap | NotRpc]:
        self.state = State.MARK
        if self._last:
            yield from self._end_record()

    def _end_record(self) -> Iterator[Record | Gap | NotRpc]:
        """Hand out the record, whole or not, and be ready for the next."""
        body, ref = bytes(self._body), self._ref or self._seen
        anomalies = frozenset({Anomaly.OVERLAP_CONFLICT} if self._conflict else ())
        whole, fragments = self._whole, self._fragments
        self._forget_record()
        if whole and not is_message(body):
            yield NotRpc(self.flow, ref, body[:HEAD_BYTES])
        elif whole:
            self._trusted = True
            yield Record(self.flow, ref, fragments, body, anomalies, settled=False)
        elif is_message(body):
            anomalies |= {Anomaly.INCOMPLETE_RECORD}
            yield Record(self.flow, ref, fragments, body, anomalies, settled=False)
        else:
            yield Gap(self.flow, ref, 0, 1)

    def _forget_record(self) -> None:
        self._mark = b""
        self._body = bytearray()
        self._left = self._fragments = 0
        self._begun = False
        self._last = False
        self._whole = True
        self._ref = None
        self._conflict = False

    def _makes_sense(self) -> bool:
        """Whether a record at a hunted position can still be a message."""
        return len(self._body) < SMALLEST_MESSAGE or is_message(self._body[:SMALLEST_MESSAGE])

    def _lose_sense(self, head: bytes) -> Iterator[Record | Gap | NotRpc]:
        """A mark or a message type makes no sense here."""
        ref = self._ref or self._seen
        if not self._trusted:
            mark, conflict = self._mark, self._conflict
            self.position -= len(mark)
            self._forget_record()
            self.state = State.HUNT
            yield from self._hunt(Chunk(mark, ref, conflict))
            return
        if len(self._body) >= SMALLEST_MESSAGE and is_message(self._body):
            self._whole = False
            yield from self._end_record()
        else:
            yield NotRpc(self.flow, ref, head[:HEAD_BYTES])
        self._forget_record()
        self.state = State.DEAD

    # gaps

    def gap(self, size: int) -> Iterator[Record | Gap | NotRpc]:
        """`size` bytes of the stream are missing from the capture."""
        if self.state is State.DEAD:
            return
        yield Gap(self.flow, self._ref or self._seen, size, 0)
        self.position += size + sum(len(chunk.data) for chunk in self._hunted)
        if self.state is State.HUNT:
            self._hunted.clear()
            self._after_gap = True
            return
        if self.state is State.BODY:
            self._whole = False
            if size <= self._left:
                self._left -= size
                if not self._left:
                    yield from self._end_fragment()
                return
        yield from self._lose_position()

    def _lose_position(self) -> Iterator[Record | Gap | NotRpc]:
        """A gap swallowed a mark: the record in progress is incomplete, the next position unknown."""
        if self._begun or self._mark:
            self._whole = False
            # Unless the record is known to end in the gap, what is skipped next may be its rest.
            self._lost_start = not (self.state is State.BODY and self._last)
            yield from self._end_record()
        else:
            # The gap began where a record did: at least that one is lost.
            yield Gap(self.flow, self._seen, 0, 1)
            self._lost_start = True
        self.state = State.HUNT
        self._trusted = False
        self._after_gap = True

    def close(self) -> Iterator[Record | Gap | NotRpc]:
        """The stream has ended: a record in progress is incomplete."""
        if self.state is State.HUNT:
            if any(chunk.data for chunk in self._hunted):
                yield from self._skipped()
        elif self.state is not State.DEAD and (self._begun or self._mark):
            self._whole = False
            yield from self._end_record()
        self.state = State.DEAD

    # hunting

    def _skipped(self) -> Iterator[Gap]:
        """Bytes behind a gap belong to no record that can be read: one more record is incomplete."""
        if self._after_gap and not self._lost_start:
            self._lost_start = True
            yield Gap(self.flow, self._seen, 0, 1)

    def _hunt(self, chunk: Chunk) -> Iterator[Record | Gap | NotRpc]:
        """Look for a plausible record in what is held and what came."""
        if chunk.data:
            self._hunted.append(chunk)
        chunks = self._hunted
        data = b"".join(each.data for each in chunks)
        at = 0
        while at < len(data):
            candidate = _CANDIDATE.search(data, at)
            # The last 11 bytes are too few to be a candidate yet.
            at = candidate.start() if candidate else max(at, len(data) - 11)
            verdict = plausible_record(data, at, self.longest) if candidate else None
            if verdict is None:
                break
            if verdict:
                self._hunted = []
                self.state = State.MARK
                break
            at += 1
        if at:
            yield from self._skipped()
        self.position += at
        kept = _drop(chunks, at)
        if self.state is State.HUNT:
            self._hunted = kept
            return
        self._lost_start = self._after_gap = False
        for each in kept:
            yield from self.feed(each)


def _drop(chunks: list[Chunk], size: int) -> list[Chunk]:
    """The chunks without their first `size` bytes."""
    for index, chunk in enumerate(chunks):
        if size < len(chunk.data):
            return [Chunk(chunk.data[size:], chunk.ref, chunk.conflict), *chunks[index + 1 :]]
        size -= len(chunk.data)
    return []
