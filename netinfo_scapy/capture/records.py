"""TCP stream -> records: record marking (RFC 5531, section 11).

Theory of operation. A `RecordReader` is fed the bytes of one direction of a connection,
in stream order, and told of each gap. It is in one of these states:

    MARK     a record mark comes next; the four bytes collected so far are kept
    BODY     inside a fragment: `left` bytes of it remain
    HUNT     position unknown (start in the middle, or a gap swallowed a mark): look at
             every offset for a mark with a plausible message header behind it; where a gap
             cuts that header off, its fragment must end exactly where the gap does
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
from struct import Struct

from netinfo_scapy.capture.flows import Lane
from netinfo_scapy.capture.frames import FrameRef
from netinfo_scapy.capture.message import LAST_FRAGMENT, NOTHING, Gap, NotRpc, Record, make_marked
from netinfo_scapy.capture.pieces import COST
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.anomalies import Anomaly
from netinfo_scapy.protocol.message import SMALLEST_MESSAGE, is_message

_LENGTH = 0x7FFFFFFF
_HEAD_BYTES = 64
_LAST, _REPLY, _SMALLEST = LAST_FRAGMENT, rpc.REPLY, SMALLEST_MESSAGE
HEAD_BYTES = _HEAD_BYTES
_WORD = Struct(">I").unpack_from  # of what may be a bytearray
_CALL_WORDS = Struct(">6I").unpack_from
_CANDIDATE = re.compile(rb"(?s)(?=[\x00-\x0f\x80-\x8f].{7}\x00\x00\x00[\x00\x01])")
"""A record mark of less than 256 MB, an xid, the type of a call or reply; finds them at the speed of C."""
_MOST_VERSION = 0xFFFF
_MOST_FLAVOR = 0xFFFFF
_PROGRAMS = range(100_000, 0x60000000)
"""Program numbers in use (RFC 5531, 8.3)."""

_LEAST_OF_CUT = 28
"""Bytes that must be there of a record whose header a gap cuts off: its mark, and a call up to its procedure."""

_LONGEST_FOUND = 1 << 20
_LONGEST_FOUND_FRAGMENT = 1 << 16
"""Bytes of the first fragment of a record found by hunting: where it is the last one, and where it is not."""

_MARK_COST, _MOST_MARKS = 120, 1 << 14
"""Bytes that are kept for a record mark, and how many are kept of one record at the most."""

_MOST_KEPT = 1 << 14
"""Pieces of a record found by hunting that are kept in case it is none."""

_MOST_REREAD = 8
"""How often the bytes of a stream are hunted through again, on the average."""


MARK, BODY, HUNT, DEAD = 0, 1, 2, 3
"""Where in the record structure the reader stands; see the top of this file."""


class Chunk:
    """Contiguous bytes of a stream and the frame that first delivered them."""

    __slots__ = ("conflict", "data", "ref")

    def __init__(self, data: bytes, ref: FrameRef, conflict: bool) -> None:
        self.data = data
        self.ref = ref
        self.conflict = conflict


class Placed:
    """What a stream brought forth, and where.

    start, end: the stream's position where it begins, of a record that is not settled, and that behind it.
    acknowledges: the acknowledgment number of the segment that completed it, -1 without one.
    """

    __slots__ = ("acknowledges", "end", "event", "record", "start")

    event: Record | Gap | NotRpc
    record: Record | None
    start: int
    end: int
    acknowledges: int

    @property
    def size(self) -> int:
        """Bytes it costs."""
        return COST + (len(self.record.data) if self.record is not None else 0)


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
    if left < 24:
        return None
    _, _, rpc_version, program, version, procedure = _CALL_WORDS(data, at)
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

    lane: the direction. longest: bytes of the longest record that makes sense.
    anchored: the first byte fed is the connection's first; else the reader hunts.
    position: the stream's position of the first byte fed; then of the byte that is read next.
    buffered: bytes held of a record, or of the stream hunted through, that is not whole yet.

    What it finds it appends to the list that it is given, as `Placed`.
    """

    def __init__(self, lane: Lane, longest: int, anchored: bool, position: int = 0) -> None:
        self.lane = lane
        self.longest = longest
        self.position = position
        self.buffered = 0
        self._state = MARK if anchored else HUNT
        self._certain = anchored
        self._mark = b""
        self._left = 0
        self._last = False
        self._body = bytearray()
        self._size = 0  # bytes of the body so far
        self._whole = True  # no hole in the record so far
        self._fragments = 0  # marks before the first hole
        self._begun = False  # a mark of the record was seen
        self._marks: list[tuple[int, int]] = []  # of the record
        self._ref: FrameRef | None = None  # highest frame of the record so far
        self._conflict = False
        self._todo: list[Chunk] = []  # a stack: what is read next stands last
        self._hunted: list[Chunk] = []  # not yet judged
        self._kept: list[Chunk] = []  # of an uncertain record in progress, to hunt through again
        self._kept_bytes = 0
        self._hunted_bytes = 0
        self._fed = self._reread_bytes = 0
        self._reread: list[Chunk] = []
        self._lost_start = False  # hunting behind a gap whose lost record is counted already
        self._after_gap = False
        self._seen = FrameRef(0, 0, 0)  # latest frame fed, for gaps

    def dispute(self) -> None:
        """Bytes already fed to the record in progress overlapped with others."""
        if self._begun or self._mark:
            self._conflict = True

    def feed(self, data: bytes, ref: FrameRef, conflict: bool, out: list[Placed]) -> None:
        """Take the stream's next bytes, which a frame first delivered."""
        if ref.is_later(self._seen):
            self._seen = ref
        if self._state == MARK and self._certain and not conflict and not self._begun and not self._mark:
            at = self._feed_whole(data, ref, out)
            if at == len(data):
                return
            if at:
                data = data[at:]
        self._fed += len(data)
        todo = self._todo
        todo.append(_make_chunk(data, ref, conflict))
        while todo:
            if self._state == DEAD:
                todo.clear()
            elif self._state == HUNT:
                self._hunt(todo.pop(), out)
            else:
                self._read(todo.pop(), out)
        self.buffered = self._size + self._hunted_bytes + self._kept_bytes + _MARK_COST * len(self._marks)

    def _feed_whole(self, data: bytes, ref: FrameRef, out: list[Placed]) -> int:
        """Read records of one fragment that lie whole in the bytes; how far that goes."""
        at, size = 0, len(data)
        while size - at >= 12:
            mark = words.u32(data, at)
            end = at + 4 + (mark & _LENGTH)
            if mark < _LAST or end > size or end - at < 12 or words.u32(data, at + 8) > _REPLY:
                break
            if end - at - 4 > self.longest:
                break
            self.position += end - at
            placed = Placed.__new__(Placed)
            words.untrack(placed)
            start = self.position - (end - at)
            placed.event = placed.record = make_marked(self.lane, ref, words.cut(data, at + 4, end), start)
            placed.end = self.position
            placed.acknowledges = -1
            out.append(placed)
            at = end
        return at

    def _again(self, chunks: list[Chunk]) -> None:
        """Put chunks before what is to be read next."""
        self._todo.extend([chunk for chunk in reversed(chunks) if chunk.data])

    def _out(self, out: list[Placed], event: Record | Gap | NotRpc) -> None:
        placed = Placed.__new__(Placed)
        placed.event = event
        placed.record = event if isinstance(event, Record) else None
        placed.end = self.position
        placed.acknowledges = -1
        out.append(placed)

    # reading

    def _read(self, chunk: Chunk, out: list[Placed]) -> None:
        data, at, size = chunk.data, 0, len(chunk.data)
        while at < size and self._state <= BODY:
            if self._ref is None or chunk.ref.is_later(self._ref):
                self._ref = chunk.ref
            if chunk.conflict:
                self._conflict = True
            start = at
            wanted = 4 - len(self._mark) if self._state == MARK else self._left
            at = start + wanted if wanted < size - start else size
            piece = words.cut(data, start, at)
            self.position += at - start
            if not self._certain:
                self._keep(_make_chunk(piece, chunk.ref, chunk.conflict))
            if self._state == MARK:
                self._mark += piece
                if len(self._mark) == 4:
                    self._begin_fragment(data[at : at + _HEAD_BYTES], out)
            else:
                self._left -= at - start
                if self._whole:
                    self._body += piece
                    self._size += at - start
                    if not self._certain and not self._makes_sense():
                        self._lose_sense(self._head(), out)
                if self._state == BODY and not self._left:
                    self._end_fragment(out)
        # What follows is read in the new state, behind what has to be read again.
        if at < size or self._reread:
            self._again([*self._reread, Chunk(data[at:], chunk.ref, chunk.conflict)])
            self._reread = []

    def _head(self) -> bytes:
        """The record's first bytes, as far as they are there."""
        return bytes(self._body[:HEAD_BYTES])

    def _keep(self, chunk: Chunk) -> None:
        """Remember a piece of an uncertain record, unless it has grown too long to be one found by hunting."""
        if self._kept or not self._begun:
            self._kept.append(chunk)
            self._kept_bytes += len(chunk.data)
            if self._size > _LONGEST_FOUND or len(self._kept) > _MOST_KEPT:
                self._forget_kept()

    def _forget_kept(self) -> None:
        self._kept = []
        self._kept_bytes = 0

    def _begin_fragment(self, ahead: bytes, out: list[Placed]) -> None:
        mark = words.u32(self._mark, 0)
        length = mark & _LENGTH
        if length > self.longest - self._size:
            self._lose_sense(self._head() + self._mark + ahead, out)
            return
        self._mark = b""
        self._begun = True
        if len(self._marks) < _MOST_MARKS:
            self._marks.append((self.position - 4, mark))
        self._fragments += self._whole
        self._left, self._last = length, mark >= _LAST
        self._state = BODY
        if not length:
            self._end_fragment(out)

    def _end_fragment(self, out: list[Placed]) -> None:
        self._state = MARK
        if self._last:
            self._end_record(out)

    def _end_record(self, out: list[Placed]) -> None:
        """Hand out the record, whole or not, and be ready for the next."""
        body, ref = bytes(self._body), self._ref or self._seen
        anomalies = frozenset({Anomaly.OVERLAP_CONFLICT}) if self._conflict else NOTHING
        whole, fragments, marks = self._whole, self._fragments, tuple(self._marks)
        self._forget_record()
        sound = len(body) >= _SMALLEST and words.u32(body, 4) <= _REPLY
        if whole and not sound:
            self._out(out, NotRpc(self.lane.flow, ref, body[:HEAD_BYTES], marks=marks))
        elif sound:
            if not whole:
                anomalies |= {Anomaly.INCOMPLETE_RECORD}
            record = Record(self.lane, ref, fragments, body, anomalies, False)
            record.many_marks = marks
            self._out(out, record)
        else:
            self._out(out, Gap(self.lane.flow, ref, 0, 1, marks=marks))

    def _forget_record(self) -> None:
        self._mark = b""
        self._body = bytearray()
        self._size = self._left = self._fragments = 0
        self._last = self._begun = self._conflict = False
        self._marks = []
        self._whole = True
        self._ref = None
        self._forget_kept()

    def _makes_sense(self) -> bool:
        """Whether a record at an uncertain position can still be a message."""
        return self._size < SMALLEST_MESSAGE or is_message(self._head()[:SMALLEST_MESSAGE])

    def _lose_sense(self, head: bytes, out: list[Placed]) -> None:
        """A mark or a message type makes no sense here."""
        ref, certain, kept = self._ref or self._seen, self._certain, self._kept
        if certain:
            self._state = DEAD
            if is_message(self._head()):
                self._whole = False
                self._end_record(out)
            else:
                self._out(out, NotRpc(self.lane.flow, ref, head[:HEAD_BYTES], marks=tuple(self._marks)))
            self._forget_record()
            return
        self._forget_record()
        self._state = HUNT
        # The first byte is known to begin no record. Who makes us read the same again and again is not followed.
        if self._reread_bytes <= _MOST_REREAD * self._fed + _LONGEST_FOUND:
            self._reread = _drop(kept, 1)
            size = _length(self._reread)
            self._reread_bytes += size
            self.position -= size

    # gaps

    def gap(self, size: int, out: list[Placed]) -> None:
        """`size` bytes of the stream are missing from the capture."""
        if self._state == DEAD:
            return
        if self._hunted_bytes >= _LEAST_OF_CUT:
            self._trust_cut(size, out)
        self._out(out, Gap(self.lane.flow, self._ref or self._seen, size, 0))
        self.position += size + self._hunted_bytes
        if self._state == HUNT:
            self._hunted, self._hunted_bytes = [], 0
            self._after_gap = True
        else:
            self._forget_kept()
            if self._state == BODY:
                self._whole = False
            if self._state == BODY and size <= self._left:
                self._left -= size
                if not self._left:
                    self._end_fragment(out)
            else:
                self._lose_position(out)
        self.buffered = self._size + self._hunted_bytes + self._kept_bytes + _MARK_COST * len(self._marks)

    def _lose_position(self, out: list[Placed]) -> None:
        """A gap swallowed a mark: the record in progress is incomplete, the next position unknown."""
        if self._begun or self._mark:
            self._whole = False
            # Unless the record is known to end in the gap, what is skipped next may be its rest.
            self._lost_start = not (self._state == BODY and self._last)
            self._end_record(out)
        else:
            # The gap began where a record did: at least that one is lost.
            self._out(out, Gap(self.lane.flow, self._seen, 0, 1))
            self._lost_start = True
        self._state = HUNT
        self._certain = False
        self._after_gap = True

    def close(self, out: list[Placed]) -> None:
        """The stream has ended: a record in progress is incomplete."""
        if self._state == HUNT:
            if self._hunted_bytes:
                self._skipped(out)
        elif self._state != DEAD and (self._begun or self._mark):
            self._whole = False
            self._end_record(out)
        self._state = DEAD

    # hunting

    def _skipped(self, out: list[Placed]) -> None:
        """Bytes behind a gap belong to no record that can be read: one more record is incomplete."""
        if self._after_gap and not self._lost_start:
            self._lost_start = True
            self._out(out, Gap(self.lane.flow, self._seen, 0, 1))

    def _hunt(self, chunk: Chunk, out: list[Placed]) -> None:
        """Look for a plausible record in what is held and what came."""
        chunks = [*self._hunted, chunk]
        data = b"".join([each.data for each in chunks])
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
            self._skipped(out)
        self.position += at
        kept = _drop(chunks, at)
        if found:
            self._end_hunt()
            self._again(kept)
        else:
            self._hunted, self._hunted_bytes = kept, len(data) - at

    def _trust_cut(self, size: int, out: list[Placed]) -> None:
        """Begin a record whose header a gap of `size` bytes cuts off, if its first fragment ends where the gap does."""
        data = b"".join([each.data for each in self._hunted])
        for candidate in _CANDIDATE.finditer(data, 0, len(data) - _LEAST_OF_CUT + 12):
            at = candidate.start()
            length = _WORD(data, at)[0] & _LENGTH
            if at + 4 + length != len(data) + size or length > self.longest or plausible_record(data, at) is not None:
                continue
            if at:
                self._skipped(out)
            self.position += at
            kept = _drop(self._hunted, at)
            self._end_hunt()
            for chunk in kept:
                self._read(chunk, out)
            return

    def _end_hunt(self) -> None:
        self._hunted, self._hunted_bytes = [], 0
        self._state = MARK
        self._lost_start = self._after_gap = False


def _make_chunk(data: bytes, ref: FrameRef, conflict: bool) -> Chunk:
    chunk = Chunk.__new__(Chunk)
    chunk.data = data
    chunk.ref = ref
    chunk.conflict = conflict
    return chunk


def _length(chunks: list[Chunk]) -> int:
    return sum([len(chunk.data) for chunk in chunks])


def _drop(chunks: list[Chunk], size: int) -> list[Chunk]:
    """The chunks without their first `size` bytes."""
    for index, chunk in enumerate(chunks):
        if size < len(chunk.data):
            return [Chunk(chunk.data[size:], chunk.ref, chunk.conflict), *chunks[index + 1 :]]
        size -= len(chunk.data)
    return []
