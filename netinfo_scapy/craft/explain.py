"""What a rule author wants to know of a message: each field, where it lies, and how a rule would look for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from netinfo_scapy.analysis.naming import name_of
from netinfo_scapy.analysis.reading import Reading
from netinfo_scapy.capture.flow_frames import flow_key
from netinfo_scapy.capture.message import Message
from netinfo_scapy.craft.fields import MACHINENAME, Field, fields_of
from netinfo_scapy.craft.rules.render import pattern
from netinfo_scapy.craft.whereabouts import Piece, Whereabouts

MOST_MESSAGES = 1000
"""Messages that are explained at the most; of a longer capture, a frame has to be named."""

_HEAD = "type to procedure"
_SHOWN_BYTES = 64
_MOST_STRINGS = 4
"""Strings that a draft looks for."""

_MARK_WITHIN = "a record mark lies within it: no content holds"


class Place(NamedTuple):
    """A field of a message: its bytes and the pieces in which they lie. rule: how a rule would look for it."""

    what: str
    data: bytes
    text: bool
    pieces: tuple[Piece, ...]
    rule: str | None


class Explained(NamedTuple):
    """A message and its places. marks: each record mark, and where it lies. draft: a rule to start from."""

    message: Message
    marks: tuple[tuple[int, tuple[Piece, ...]], ...]
    places: tuple[Place, ...]
    draft: str | None = None


def explain(reading: Reading, frame: int | None) -> list[Explained]:
    """The messages of one capture of which a frame brought bytes; of all frames, if None.

    reading: of a capture that can be read again. At most `MOST_MESSAGES` come, in their order.
    Raises TooMuchError where the flows are too long.
    """
    messages = [each for each in _messages(reading) if frame is None or each.record.at.number >= frame]
    if frame is None:
        del messages[MOST_MESSAGES:]
    (capture,) = reading.captures
    whereabouts = Whereabouts({flow_key(each.record.flow) for each in messages}).feed(capture.frames())
    found = []
    for message in messages:
        whole = whereabouts.pieces(message, 0, len(message.record.data))
        marks = whereabouts.marks(message)
        frames = {piece.frame for piece in whole} | {piece.frame for pieces in marks for piece in pieces}
        if frame is None or frame in frames or not frames:
            found.append(_explained(message, whereabouts, marks))
        if len(found) >= MOST_MESSAGES:
            break
    return found


def _messages(reading: Reading) -> Iterator[Message]:
    return (event for event in reading.events() if isinstance(event, Message))


def _explained(message: Message, whereabouts: Whereabouts, marks: list[list[Piece]]) -> Explained:
    data = message.record.data
    numbers = [mark for _, mark in message.record.marks]
    places = [
        Place(
            each.what,
            data[each.start : each.end],
            each.text,
            tuple(whereabouts.pieces(message, each.start, each.end)),
            _rule(each, data, message, whereabouts),
        )
        for each in (*_head(message), *fields_of(message))
    ]
    marked = tuple(zip(numbers, map(tuple, marks), strict=False))
    return Explained(message, marked, tuple(places), _draft(message, places))


def _draft(message: Message, places: list[Place]) -> str | None:
    """A whole rule for a call: its head, then the first strings behind it. None where no content holds."""
    found = {place.what: place for place in places}
    head = found.get(_HEAD)
    if head is None or head.rule is None or not _together(head.pieces):
        return None
    flow = "flow:to_server; " if message.record.lane.is_tcp else ""
    texts = [each.rule for each in places if each.text and each.rule and each.rule.startswith("content")]
    options = " ".join((head.rule.partition(" (")[0], *(f"{text} distance:0;" for text in texts[:_MOST_STRINGS])))
    transport = message.record.flow.transport.name.lower()
    name = name_of(message) or "call"
    return f'alert {transport} any any -> any any (msg:"{name}"; {flow}{options} sid:1000001; rev:1;)'


def _together(pieces: Iterable[Piece]) -> bool:
    """Whether there are pieces, and they lie in the stream one behind the other: no record mark between them."""
    found = sorted(pieces, key=lambda piece: piece.stream)
    return bool(found) and all(one.stream + one.length == two.stream for one, two in pairwise(found))


def _head(message: Message) -> Iterator[Field]:
    """What a rule for a call looks for: from the type to the procedure."""
    if message.is_call and len(message.record.data) >= 24:
        yield Field(_HEAD, 4, 24)


def _rule(field: Field, data: bytes, message: Message, whereabouts: Whereabouts) -> str | None:
    """How a rule would look for it, in the words of Suricata and Snort 2."""
    if field.what == _HEAD:
        content = f'content:"{pattern(data[field.start : field.end])}"'
        if not message.record.lane.is_tcp:
            return f"{content}; offset:4; depth:20;"
        pieces = whereabouts.pieces(message, field.start, field.end)
        if not _together(pieces):
            return _MARK_WITHIN
        split = " (over the stream: it is split among packets)" if len(pieces) > 1 else ""
        return f"{content}; offset:8;{split}"
    if field.what == MACHINENAME:
        return None if field.start == field.end else "byte_test:1,>,127,16,relative; (behind the procedure)"
    if not field.text or field.start == field.end:
        return None
    # With its length before it, a string is found whole, and no longer one that begins or ends like it.
    start, end = field.start - 4, field.end + (-(field.end - field.start) & 3)
    whole = data[start:end]
    if not _together(whereabouts.pieces(message, start, min(end, len(data)))):
        return _MARK_WITHIN
    return f'content:"{pattern(whole)}";' if len(whole) <= _SHOWN_BYTES else None
