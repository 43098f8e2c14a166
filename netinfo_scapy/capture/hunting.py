"""Finding a record in the middle of a stream: where could a mark stand, with a message behind it?

Nothing marks the beginning of a record, so what is found is a guess, and has to be a good one: bytes of
properties must not pass for a call. Sources: RFC 5531, sections 8, 9 and 11.
"""

from __future__ import annotations

import re

from netinfo_scapy.capture.events import LAST_FRAGMENT
from netinfo_scapy.protocol import rpc, words
from netinfo_scapy.protocol.message import is_message

LONGEST_FOUND = 1 << 20
_LONGEST_FOUND_FRAGMENT = 1 << 16
"""Bytes of the first fragment of a record that is found: where it is the last one, and where it is not."""

_CANDIDATE = re.compile(rb"(?s)(?=[\x00-\x0f\x80-\x8f].{7}\x00\x00\x00[\x00\x01])")
"""A record mark of less than 256 MB, an xid, the type of a call or reply; finds them at the speed of C."""
_CANDIDATE_BYTES = 12
_CALL_BYTES = 24
"""Of a call, up to its procedure."""
LEAST_OF_CUT = 4 + _CALL_BYTES
"""Bytes that must be there of a record whose header a gap cuts off: its mark, and so much of a call."""

_PROGRAMS = range(100_000, 0x60000000)
"""Program numbers in use (RFC 5531, 8.3)."""
_MOST_VERSION = 0xFFFF
_MOST_FLAVOR = 0xFFFFF

_LAST, _LONGEST = LAST_FRAGMENT, LONGEST_FOUND
_CALL, _RPC_VERSION, _MAXIMUM_AUTH_BODY = rpc.CALL, rpc.RPC_VERSION, rpc.MAXIMUM_AUTH_BODY
_ACCEPTED, _DENIED = 0, 1
_RPC_MISMATCH, _AUTH_ERROR = 0, 1
_SUCCESS, _PROG_MISMATCH = rpc.SUCCESS, 2
_ACCEPT_STATUSES, _AUTH_STATUSES = len(rpc.ACCEPT_STATUS.members), len(rpc.AUTH_STATUS.members)

_NONE, _CUT = 0, -1
"""In place of the offset behind something: it is not there; more bytes must tell."""


def find_record(data: bytes) -> tuple[int, bool]:
    """Where a record begins, and true; else from where on more bytes must tell, and false."""
    at = 0
    while at < len(data):
        candidate = _CANDIDATE.search(data, at)
        if candidate is None:
            # The last bytes are too few to be a candidate yet.
            return max(at, len(data) - _CANDIDATE_BYTES + 1), False
        at = candidate.start()
        verdict = plausible_record(data, at)
        if verdict is not False:
            return at, verdict is True
        at += 1
    return at, False


def find_cut_record(data: bytes, missing: int, longest: int) -> int:
    """Where a record begins whose header is cut off by a gap behind the data, so many bytes long; -1 for nowhere.

    Its first fragment, of no more than `longest` bytes, ends where the gap does, and as far as it is there nothing
    speaks against it.
    """
    for candidate in _CANDIDATE.finditer(data, 0, len(data) - LEAST_OF_CUT + _CANDIDATE_BYTES):
        at = candidate.start()
        length = words.u32(data, at) & ~_LAST
        if length <= longest and at + 4 + length == len(data) + missing and plausible_record(data, at) is None:
            return at
    return -1


def plausible_record(data: bytes, at: int) -> bool | None:
    """Whether a record mark and an RPC header stand at an offset; None where more bytes must tell.

    The header must lie whole in the record's first fragment and be one that a peer could
    have written: RPC version 2, a program number in use, small version and procedure,
    credentials within RFC 5531's limit, known statuses, and the exact length where the
    reply has no result. What follows the fragment, as far as it is there, must be a mark
    and, behind a last fragment, the beginning of a message.
    """
    if len(data) - at < _CANDIDATE_BYTES:
        return None
    mark = words.u32(data, at)
    length, last = mark & ~_LAST, mark >= _LAST
    if not 20 <= length <= (_LONGEST if last else _LONGEST_FOUND_FRAGMENT):
        return False
    kind = words.u32(data, at + 8)
    if kind == _CALL:
        verdict = _plausible_call(data, at + 4, length)
    elif kind == rpc.REPLY:
        verdict = _plausible_reply(data, at + 4, length, last)
    else:
        return False
    return _plausible_next(data, at + 4 + length, last) if verdict else verdict


def _plausible_next(data: bytes, at: int, begins: bool) -> bool:
    """Whether a mark can stand at an offset, and a message behind it; yes where the bytes are not there."""
    left = len(data) - at
    if left < 4:
        return True
    length = words.u32(data, at) & ~_LAST
    if length > _LONGEST:
        return False
    return not begins or left < _CANDIDATE_BYTES or length < 8 or is_message(data[at + 4 : at + 12])


def _auth_end(data: bytes, at: int) -> int:
    """The offset behind a credential or verifier, or `_NONE` or `_CUT`."""
    if len(data) - at < 8:
        return _CUT
    flavor, length = words.u32(data, at), words.u32(data, at + 4)
    if flavor > _MOST_FLAVOR or length > _MAXIMUM_AUTH_BODY:
        return _NONE
    return at + 8 + length + (-length & 3)


def _plausible_call(data: bytes, at: int, length: int) -> bool | None:
    if length < 40:
        return False
    if len(data) - at < _CALL_BYTES:
        return None
    version, procedure = words.u32(data, at + 16), words.u32(data, at + 20)
    if words.u32(data, at + 8) != _RPC_VERSION or version > _MOST_VERSION or procedure > _MOST_VERSION:
        return False
    if words.u32(data, at + 12) not in _PROGRAMS:
        return False
    end = _auth_end(data, at + 24)
    if end > 0:
        end = _auth_end(data, end)
    if end <= 0:
        return None if end == _CUT else False
    return end - at <= length


def _plausible_reply(data: bytes, at: int, length: int, last: bool) -> bool | None:
    if len(data) - at < 20:
        return None
    status = words.u32(data, at + 8)
    if status == _DENIED:
        reject, detail = words.u32(data, at + 12), words.u32(data, at + 16)
        if reject == _RPC_MISMATCH:
            return length == 24 and last
        return reject == _AUTH_ERROR and detail < _AUTH_STATUSES and length == 20 and last
    if status != _ACCEPTED:
        return False
    end = _auth_end(data, at + 12)
    if end == _NONE:
        return False
    if end == _CUT or len(data) < end + 4:
        return None
    accept = words.u32(data, end)
    size = end + 4 - at
    if accept == _SUCCESS:
        return size <= length
    mismatch = 8 if accept == _PROG_MISMATCH else 0
    return accept < _ACCEPT_STATUSES and last and length == size + mismatch
