"""TCP stream -> records: record marking (RFC 5531, section 11).

Theory of operation. A `RecordReader` is fed the bytes of one direction of a connection,
in stream order, and told of each gap. It is in one of these states:

    MARK     a record mark comes next; the four bytes collected so far are kept
    BODY     inside a fragment: `left` bytes of it remain
    HUNT     position unknown (start in the middle, or a gap swallowed a mark): look at
             every offset for a mark with a plausible message header behind it
    DEAD     the marks made no sense: whatever this is, it is not RPC

A gap inside a fragment whose end is known costs that record only: the reader skips to
the fragment's end and goes on at the next mark. Any other gap leads to HUNT.

A position known from the connection's start is certain: a mark that makes no sense there
means DEAD. One found by hunting is not: when what follows makes no sense, the record in
progress was none, and the hunt goes on one byte behind where it was found. For that its
bytes are kept, as long as they are few.
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
_PROGRAMS = range(100_000, 0x60000000)
"""Program numbers in use (RFC 5531, 8.3)."""

_LONGEST_FOUND = 1 << 20
_LONGEST_FOUND_FRAGMENT = 1 << 16
"""Bytes of the first fragment of a record found by hunting: where it is the last one, and where it is not."""


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


def plausible_record(data: bytes | bytearray, at: int) -> bool | None:
    """Whether a record mark and an RPC header stand at an offset; None where more bytes must tell.

    The header must lie whole in the record's first fragment and be one that a peer could
    have written: RPC version 2, a program number in use, small version and procedure,
    credentials within RFC 5531's limit, known statuses, and the exact length where the
    reply has no result. What follows the fragment, as far as it is there, must be a mark
    and, behind a last fragment, the beginning of a message.
    """
    left = len(data) - at
    if left < 12:
        return None
    mark = _WORD(data, at)[0]
    length, last = mark & ~LAST_FRAGMENT, bool(mark & LAST_FRAGMENT)
    if not 20 <= length <= (_LONGEST_FOUND if last else _LONGEST_FOUND_FRAGMENT):
        return False
    kind = _WORD(data, at + 8)[0]
    if kind == rpc.CALL:
        verdict = _plausible_call(data, at + 4, left - 4, length)
    elif kind == rpc.REPLY:
        verdict = _plausible_reply(data, at + 4, left - 4, length, last)
    else:
        return False
    return _plausible_next(data, at + 4 + length, last) if verdict else verdict


def _plausible_next(data: bytes | bytearray, at: int, begins: bool) -> bool:
    """Whether a mark can stand at an offset, and a message behind it; yes where the bytes are not there."""
    left = len(data) - at
    if left >= 4 and _WORD(data, at)[0] & ~LAST_FRAGMENT > _LONGEST_FOUND:
        return False
    return not begins or left < 12 or _WORD(data, at)[0] & ~LAST_FRAGMENT < 8 or is_message(data[at + 4 : at + 12])


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
    if (
        rpc_version != rpc.RPC_VERSION
        or program not in _PROGRAMS
        or version > _MOST_VERSION
        or procedure > _MOST_VERSION
    ):
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
        self.longest = longest
        self.position = position
        self.state = State.MARK if anchored else State.HUNT
        self._certain = anchored
        self._mark = b""
        self._left = 0
        self._last = False
        self._body = bytearray()
        self._whole = True  # no hole in the record so far
        self._fragments = 0  # marks before the first hole
        self._begun = False  # a mark of the record was seen
        self._ref: FrameRef | None = None  # highest frame of the record so far
        self._conflict = False
        self._todo: list[Chunk] = []  # a stack: what is read next stands last
        self._hunted: list[Chunk] = []  # not yet judged
        self._kept: list[Chunk] = []  # of an uncertain record in progress, to hunt through again
        self._reread: list[Chunk] = []
        self._lost_start = False  # hunting behind a gap whose lost record is counted already
        self._after_gap = False
        self._seen = FrameRef(0, 0, 0)  # latest frame fed, for gaps

    @property
    def buffered(self) -> int:
        """Bytes held of a record, or of the stream hunted through, that is not whole yet."""
        return len(self._body) + sum(len(chunk.data) for chunk in (*self._hunted, *self._kept))

    def dispute(self) -> None:
        """Bytes already fed to the record in progress overlapped with others."""
        if self._begun or self._mark:
            self._conflict = True

    def feed(self, chunk: Chunk) -> Iterator[Record | Gap | NotRpc]:
        """Take the stream's next bytes."""
        self._seen = max(self._seen, chunk.ref)
        todo = self._todo
        todo.append(chunk)
        while todo:
            if self.state is State.DEAD:
                todo.clear()
            elif self.state is State.HUNT:
                yield from self._hunt(todo.pop())
            else:
                yield from self._read(todo.pop())

    def _again(self, chunks: list[Chunk]) -> None:
        """Put chunks before what is to be read next."""
        self._todo.extend(chunk for chunk in reversed(chunks) if chunk.data)

    # reading

    def _read(self, chunk: Chunk) -> Iterator[Record | Gap | NotRpc]:
        data, at, size = chunk.data, 0, len(chunk.data)
        while at < size and self.state in (State.MARK, State.BODY):
            if self._ref is None or chunk.ref > self._ref:
                self._ref = chunk.ref
            self._conflict |= chunk.conflict
            start = at
            at += min(size - at, 4 - len(self._mark) if self.state is State.MARK else self._left)
            piece = data[start:at]
            self.position += len(piece)
            if not self._certain:
                self._keep(Chunk(piece, chunk.ref, chunk.conflict))
            if self.state is State.MARK:
                self._mark += piece
                if len(self._mark) == 4:
                    yield from self._begin_fragment(data[at : at + HEAD_BYTES])
            else:
                self._left -= len(piece)
                if self._whole:
                    self._body += piece
                    if not self._certain and not self._makes_sense():
                        yield from self._lose_sense(bytes(self._body))
                if self.state is State.BODY and not self._left:
                    yield from self._end_fragment()
        # What follows is read in the new state, behind what has to be read again.
        self._again([*self._reread, Chunk(data[at:], chunk.ref, chunk.conflict)])
        self._reread = []

    def _keep(self, chunk: Chunk) -> None:
        """Remember a piece of an uncertain record, unless it has grown too long to be one found by hunting."""
        if self._kept or not self._begun:
            self._kept.append(chunk)
            if len(self._body) > _LONGEST_FOUND:
                self._kept = []

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
        self._last = self._begun = self._conflict = False
        self._whole = True
        self._ref = None
        self._kept = []

    def _makes_sense(self) -> bool:
        """Whether a record at an uncertain position can still be a message."""
        return len(self._body) < SMALLEST_MESSAGE or is_message(self._body[:SMALLEST_MESSAGE])

    def _lose_sense(self, head: bytes) -> Iterator[Record | Gap | NotRpc]:
        """A mark or a message type makes no sense here."""
        ref, certain, kept = self._ref or self._seen, self._certain, self._kept
        if certain:
            self.state = State.DEAD
            if is_message(self._body):
                self._whole = False
                yield from self._end_record()
            else:
                yield NotRpc(self.flow, ref, head[:HEAD_BYTES])
            self._forget_record()
            return
        self._forget_record()
        self.state = State.HUNT
        # The first byte is known to begin no record.
        self._reread = _drop(kept, 1)
        self.position -= sum(len(chunk.data) for chunk in self._reread)

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
        self._kept = []
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
        self._certain = False
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
        chunks = [*self._hunted, chunk]
        data = b"".join(each.data for each in chunks)
        at, found = 0, False
        while at < len(data) and not found:
            candidate = _CANDIDATE.search(data, at)
            # The last 11 bytes are too few to be a candidate yet.
            at = candidate.start() if candidate else max(at, len(data) - 11)
            verdict = plausible_record(data, at) if candidate else None
            if verdict is None:
                break
            found = verdict
            at += not found
        if at:
            yield from self._skipped()
        self.position += at
        kept = _drop(chunks, at)
        if found:
            self._hunted = []
            self.state = State.MARK
            self._lost_start = self._after_gap = False
            self._again(kept)
        else:
            self._hunted = kept


def _drop(chunks: list[Chunk], size: int) -> list[Chunk]:
    """The chunks without their first `size` bytes."""
    for index, chunk in enumerate(chunks):
        if size < len(chunk.data):
            return [Chunk(chunk.data[size:], chunk.ref, chunk.conflict), *chunks[index + 1 :]]
        size -= len(chunk.data)
    return []
