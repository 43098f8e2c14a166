"""Answers that were read before, together with their calls, and what was made of them.

What an answer tells depends on nothing but its bytes and those of the call: it is remembered for
equal ones, of which a capture has many.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from netinfo_scapy.capture.message import Message
from netinfo_scapy.protocol import words
from netinfo_scapy.protocol.walks import Known, Walks

MOST_BODY_BYTES = 1 << 18
"""The longest message of which an answer is remembered."""

_MOST_BODIES = 16_384
_MOST_BYTES = 16 << 20
"""Bodies remembered, and bytes of theirs, before all are forgotten."""
_RECENT = 16_384
"""Bodies that are found without a look into a dict; a power of two."""
_HEAD = 20
"""Bytes at the beginning of an answer in which it differs from most others: a status, an id, a checksum."""


class Body:
    """An answer and its call: the procedure's arguments and result, as they were sent.

    clues: what detectors read in them, None before they did. alike: what they note of each message that has them,
    None before the first. sightings: what it told of directories, by the tables of the servers that sent it.
    number: its place in the memo.
    """

    __slots__ = ("alike", "answer", "asked", "clues", "number", "sightings", "walks")

    def __init__(self, walks: Walks, asked: bytes, answer: bytes, number: int) -> None:
        self.number = number
        self.walks = walks
        self.asked = asked
        self.answer = answer
        self.clues: tuple[Any, ...] | None = None
        self.alike: tuple[Any, ...] | None = None
        self.sightings: dict[Any, Any] = {}


_READERS = count()
"""Numbers of memos, another each time that they forget: what a result that is known says may be for another."""


class BodyMemo:
    """The bodies that are remembered. forgotten: how often all were forgotten."""

    def __init__(self) -> None:
        self.forgotten = 0
        self._reader = next(_READERS)
        self._bodies: dict[tuple[Walks, bytes, bytes], Body] = {}
        self._numbered: list[Body] = []
        self._recent: list[Body | None] = [None] * _RECENT
        self._bytes = 0

    def find(self, message: Message, call: Message, walks: Walks) -> Body:
        """That of an answer, made where it is new. Both it and the call are plain."""
        asked, answer = call.record.data, message.record.data
        begin, start = call.begin, message.begin
        rest, size = len(asked) - begin, len(answer) - start
        known = message.known
        if known is not None and known.reader == self._reader:
            latest = self._numbered[known.number]
            if len(latest.asked) == rest and words.is_same(latest.asked, 0, asked, begin, rest):
                return latest
        place = words.mix(asked, begin, begin + (rest & ~3), size)
        place = words.mix(answer, start, start + (min(size, _HEAD) & ~3), place) & (_RECENT - 1)
        body = self._recent[place]
        if (
            body is not None
            and body.walks is walks
            and len(body.asked) == rest
            and len(body.answer) == size
            and words.is_same(body.asked, 0, asked, begin, rest)
            and words.is_same(body.answer, 0, answer, start, size)
        ):
            self._note(body, known)
            return body
        whole = (walks, asked[begin:], answer[start:])
        body = self._bodies.get(whole)
        if body is None:
            if len(self._bodies) >= _MOST_BODIES or self._bytes > _MOST_BYTES:
                self.forget()
            body = self._bodies[whole] = Body(*whole, len(self._numbered))
            self._numbered.append(body)
            self._bytes += rest + size
        self._recent[place] = body
        self._note(body, known)
        return body

    def _note(self, body: Body, known: Known | None) -> None:
        """Have a body at hand where its result is found again."""
        if known is not None:
            known.reader, known.number = self._reader, body.number

    def weigh(self, count: int) -> None:
        """Take into account so many bytes that are kept for bodies beside their own."""
        self._bytes += count

    def forget(self) -> None:
        """Forget all bodies."""
        self.forgotten += 1
        self._reader = next(_READERS)
        self._bodies.clear()
        self._numbered.clear()
        self._recent = [None] * _RECENT
        self._bytes = 0
